import XCTest

@testable import ActorIO

final class HeadersTests: XCTestCase {
    func testFindsNamesWhateverTheirCase() {
        var headers: Headers = ["Content-Type": "text/plain"]
        XCTAssertEqual(headers["content-TYPE"], "text/plain")
        headers["CONTENT-type"] = "text/html"
        XCTAssertEqual(headers.count, 1)
        XCTAssertEqual(headers["content-type"], "text/html")
        headers["content-type"] = nil
        XCTAssertTrue(headers.isEmpty)
        XCTAssertNil(headers["content-type"])
    }

    func testKeepsOrderAndRepetitions() {
        var headers: Headers = ["A": "1", "B": "2"]
        headers.add("a", "3")
        XCTAssertEqual(headers["a"], "1")
        XCTAssertEqual(headers.values("A"), ["1", "3"])
        XCTAssertEqual(headers.map { "\($0.name)=\($0.value)" }, ["A=1", "B=2", "a=3"])
        headers.remove("A")
        XCTAssertEqual(headers, ["b": "2"])
        XCTAssertEqual(headers["b"], "2")
        headers.add("C", "4")
        XCTAssertEqual(headers["c"], "4")
    }

    func testComparesNamesByBytes() {
        // U+212A lower-cases into "k" as a Unicode text.
        let headers: Headers = ["Keep": "x"]
        XCTAssertNil(headers["\u{212A}eep"])
        XCTAssertFalse(headers.contains("Ke"))
        XCTAssertFalse(headers.contains("Keep2"))
    }

    // A25
    func testDropsFieldsThatWouldBreakOutOfTheirLine() {
        for value in ["a\r\nSet-Cookie: b", "a\nb", "a\rb", "a\u{0}b", "\u{7F}"] {
            var headers = Headers()
            headers.add("Location", value)
            headers["X"] = value
            XCTAssertTrue(headers.isEmpty)
        }
        var headers = Headers()
        headers.add("A: b\r\nC", "d")
        headers.add("", "d")
        headers.add("A B", "d")
        XCTAssertTrue(headers.isEmpty)
    }

    func testIsOneBlockOfWireBytes() {
        let headers: Headers = ["Host": "a", "Empty": ""]
        XCTAssertEqual(headers.bytes, Array("Host: a\r\nEmpty: \r\n".utf8))
        XCTAssertEqual(headers["empty"], "")
    }

    func testFindsTokensInLists() {
        var headers: Headers = ["Connection": "keep-alive, Upgrade"]
        XCTAssertTrue(headers.lists("upgrade", in: "connection"))
        XCTAssertFalse(headers.lists("keep", in: "connection"))
        headers.add("Connection", "close")
        XCTAssertTrue(headers.lists("close", in: "connection"))
    }

    func testEqualityMindsValuesButNotTheCaseOfNames() {
        XCTAssertEqual(["A": "b"] as Headers, ["a": "b"])
        XCTAssertNotEqual(["A": "b"] as Headers, ["a": "B"])
        XCTAssertNotEqual(["A": "b"] as Headers, [:])
    }
}
