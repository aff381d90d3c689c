import XCTest

@testable import ActorIO

final class ResponseWriterTests: XCTestCase {
    private func head(
        _ status: Status,
        _ headers: Headers = [:],
        length: Int? = nil,
        keepAlive: Bool = true,
        date: String? = nil,
        minorVersion: Int = 1
    ) -> String {
        var out: [UInt8] = []
        ResponseWriter.appendHead(
            status,
            headers,
            contentLength: length,
            keepAlive: keepAlive,
            date: date,
            minorVersion: minorVersion,
            to: &out
        )
        return String(decoding: out, as: UTF8.self)
    }

    func testWritesAHead() {
        XCTAssertEqual(
            head(.ok, ["Content-Type": "text/plain"], length: 5, date: "now"),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: now\r\nContent-Length: 5\r\n\r\n"
        )
    }

    func testWritesNoLengthWhereNoneMayBe() {
        XCTAssertEqual(head(.noContent, length: 0), "HTTP/1.1 204 No Content\r\n\r\n")
        XCTAssertEqual(head(.notModified, length: 9), "HTTP/1.1 304 Not Modified\r\n\r\n")
        XCTAssertEqual(
            head(.switchingProtocols, ["Connection": "Upgrade"], length: 0, keepAlive: false),
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n"
        )
    }

    func testTellsThatTheConnectionEndsOrStays() {
        XCTAssertEqual(
            head(.ok, length: 0, keepAlive: false),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        XCTAssertEqual(
            head(.ok, length: 0, minorVersion: 0),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"
        )
        XCTAssertEqual(
            head(.upgradeRequired, ["Connection": "Upgrade"], length: 0),
            "HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n"
        )
    }

    func testOwnsTheFraming() {
        let headers: Headers = [
            "content-length": "99", "Transfer-Encoding": "chunked", "X": "y",
            "Connection": "keep-alive",
        ]
        XCTAssertEqual(
            head(.ok, headers, length: 1),
            "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 1\r\n\r\n"
        )
    }

    // A25
    func testALineBreakInAReasonIsASpace() {
        XCTAssertEqual(
            head(Status(200, "OK\r\nSet-Cookie: a=b")),
            "HTTP/1.1 200 OK  Set-Cookie: a=b\r\n\r\n"
        )
        XCTAssertEqual(head(Status(-7, "x")), "HTTP/1.1 100 x\r\n\r\n")
    }

    // A25
    func testARedirectNeverWritesALineBreak() {
        for target in ["/\r\nSet-Cookie: a=b", "/\nX: y", "/a b", "/\u{0}", "/\"<>", "/\u{E9}"] {
            let text = wireHead(.redirect(to: target))
            XCTAssertEqual(text.utf8.filter { $0 == 0x0A }.count, 4, text)
            XCTAssertTrue(text.utf8.allSatisfy { $0 < 0x7F }, text)
            XCTAssertFalse(text.contains("\nSet-Cookie"))
        }
        XCTAssertEqual(
            Response.redirect(to: "/\r\nX: \u{E9}").headers["location"],
            "/%0D%0AX:%20%C3%A9"
        )
        XCTAssertEqual(
            Response.redirect(to: "/a?b=%20&c=[d]#e").headers["location"],
            "/a?b=%20&c=[d]#e"
        )
    }

    // B55
    func testKnowsPlacesOnThisSite() {
        for place in ["/", "/a", "/a?b=//c", "/a#b"] {
            XCTAssertTrue(Location.isLocal(place), place)
        }
        for place in [
            "", "//evil", "/\\evil", "\\evil", "https://evil", "evil", "/\t/evil", "/a\r\nb",
            "/a b",
            "javascript:x", "/a\\b", "\u{0}/",
        ] {
            XCTAssertFalse(Location.isLocal(place), place)
        }
    }
}
