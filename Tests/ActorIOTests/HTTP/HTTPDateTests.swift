import XCTest

@testable import ActorIO

final class HTTPDateTests: XCTestCase {
    func testWritesAndReadsKnownMoments() {
        let known: [(Int64, String)] = [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
            (2_147_483_648, "Tue, 19 Jan 2038 03:14:08 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ]
        for (seconds, text) in known {
            XCTAssertEqual(HTTPDate(seconds).text, text)
            XCTAssertEqual(HTTPDate(text)?.seconds, seconds)
        }
    }

    func testEveryDayComesBack() {
        for day in stride(from: Int64(0), to: 60_000, by: 1) {
            let seconds = day * 86_400 + day % 86_400
            XCTAssertEqual(HTTPDate(HTTPDate(seconds).text)?.seconds, seconds)
        }
    }

    func testMovesMomentsBeyondTheFormToItsEnds() {
        XCTAssertEqual(HTTPDate(-1).text, "Thu, 01 Jan 1970 00:00:00 GMT")
        XCTAssertEqual(HTTPDate(.max).text, "Fri, 31 Dec 9999 23:59:59 GMT")
    }

    // A37
    func testIgnoresWhatIsNoDate() {
        for text in [
            "", "Sun, 06 Nov 1994 08:49:37", "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994", "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1969 08:49:37 GMT", String(repeating: "\u{1F600}", count: 8),
        ] {
            XCTAssertNil(HTTPDate(text), text)
        }
    }
}
