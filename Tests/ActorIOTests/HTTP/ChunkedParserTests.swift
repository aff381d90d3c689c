import XCTest

@testable import ActorIO

final class ChunkedParserTests: XCTestCase {
    private func body(_ chunks: String, limits: HTTPLimits = HTTPLimits()) -> WireOutcome {
        HTTPWire.outcome(HTTPWire.post("Transfer-Encoding: chunked", body: chunks), limits: limits)
    }

    private func assertChunksRefused(
        _ chunks: String,
        _ status: Status = .badRequest,
        file: StaticString = #filePath,
        line: UInt = #line
    ) {
        assertRefused(
            HTTPWire.post("Transfer-Encoding: chunked", body: chunks),
            status,
            file: file,
            line: line
        )
    }

    func testJoinsChunks() {
        let outcome = body("4\r\nwiki\r\n5;a=b;c=\"d\"\r\npedia\r\n0\r\n\r\n")
        XCTAssertEqual(outcome.exchanges.map(\.body), ["wikipedia"])
        XCTAssertFalse(outcome.isUnfinished)
    }

    func testReadsHexadecimalSizesInBothCases() {
        let text = String(repeating: "x", count: 26)
        XCTAssertEqual(
            body("1a\r\n\(text)\r\n1A\r\n\(text)\r\n00\r\n\r\n").exchanges.map(\.body),
            [text + text]
        )
    }

    // A12
    func testRefusesSizesThatAreNoHexadecimalNumber() {
        for size in [
            "+a", "-1", "0x5", "", " 5", "5 ", "fffffffffffffffff", "g", "\u{665}",
            String(repeating: "0", count: 1_000),
        ] {
            assertChunksRefused("\(size)\r\nhello\r\n0\r\n\r\n")
        }
        // 16 digits of "f" would be -1 in an Int.
        assertChunksRefused("ffffffffffffffff\r\n", .contentTooLarge)
        assertChunksRefused("7fffffffffffffff\r\n", .contentTooLarge)
    }

    // A13
    func testRefusesLineFeedsAndCarriageReturnsAloneInASizeLine() {
        assertChunksRefused("5\nhello\r\n0\r\n\r\n")
        assertChunksRefused("5;a\nhello\r\n0\r\n\r\n")
        assertChunksRefused("5;a\rb\r\nhello\r\n0\r\n\r\n")
        assertChunksRefused("5\rhello\r\n0\r\n\r\n")
        assertChunksRefused("5;\u{0}\r\nhello\r\n0\r\n\r\n")
        assertChunksRefused("0\n\n")
        assertChunksRefused("0\r\n\n")
    }

    // A14
    func testCapsExtensionsOfTheWholeBody() {
        assertChunksRefused("5;" + String(repeating: "a", count: 5_000) + "\r\nhello\r\n0\r\n\r\n")
        assertChunksRefused(String(repeating: "1;abc=def\r\nx\r\n", count: 1_000) + "0\r\n\r\n")
    }

    // A15
    func testRefusesAnythingButALineEndAfterTheData() {
        assertChunksRefused("5\r\nhelloXX0\r\n\r\n")
        assertChunksRefused("5\r\nhello\n0\r\n\r\n")
        assertChunksRefused("5\r\nhello!\r\n0\r\n\r\n")
        assertChunksRefused("5\r\nhello\rX0\r\n\r\n")
    }

    // A16
    func testDropsTrailersAndCapsThem() {
        let outcome = body("1\r\nx\r\n0\r\nContent-Length: 99\r\nCookie: a=b\r\nHost: evil\r\n\r\n")
        XCTAssertEqual(outcome.exchanges.map(\.body), ["x"])
        XCTAssertEqual(outcome.exchanges.first?.headers.count, 2)
        XCTAssertEqual(outcome.exchanges.first?.headers["host"], "a")
        assertChunksRefused(
            "0\r\n" + String(repeating: "X: y\r\n", count: 2_000),
            .headerFieldsTooLarge
        )
        assertChunksRefused("0\r\n folded\r\n\r\n")
        assertChunksRefused("0\r\nX: a\nY: b\r\n\r\n")
    }

    // A17
    func testTakesManyOneByteChunksInBoundedMemory() throws {
        let chunk = Array("1\r\nx\r\n".utf8)
        var parser = try BodyParser(.chunked, limit: 1_000_000)
        var body: [UInt8] = []
        for _ in 0..<100_000 {
            var offset = 0
            XCTAssertFalse(try parser.parse(chunk.span, at: &offset, into: &body))
        }
        XCTAssertEqual(body.count, 100_000)
    }

    // A18
    func testIsNotCompleteBeforeTheLastChunk() {
        let outcome = body("5\r\nhello\r\n0\r\n")
        XCTAssertEqual(outcome.exchanges, [])
        XCTAssertTrue(outcome.isUnfinished)
    }

    func testCapsTheWholeBody() {
        var limits = HTTPLimits()
        limits.maxBody = 8
        XCTAssertNil(body("4\r\nwiki\r\n4\r\nwiki\r\n0\r\n\r\n", limits: limits).error)
        XCTAssertEqual(
            body("4\r\nwiki\r\n5\r\nwikis\r\n0\r\n\r\n", limits: limits).error,
            .contentTooLarge
        )
    }

    // A35
    func testRefusesAnAnnouncedLengthBeyondTheLimitAtOnce() {
        let head = HTTPWire.post("Expect: 100-continue", "Content-Length: 1000001", body: "")
        assertRefused(head, .contentTooLarge)
        assertRefused(
            HTTPWire.post("Content-Length: 9223372036854775807", body: ""),
            .contentTooLarge
        )
    }
}
