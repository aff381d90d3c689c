import XCTest

@testable import ActorIO

final class RequestParserTests: XCTestCase {
    private func head(_ wire: String) throws -> RequestHead {
        var parser = RequestParser()
        let bytes = Array(wire.utf8)
        var offset = 0
        return try XCTUnwrap(try parser.parse(bytes.span, at: &offset))
    }

    func testParsesAHead() throws {
        let head = try head("GET /a/b?c=d HTTP/1.1\r\nHost: a.example:80\r\nAccept:  */* \r\n\r\n")
        XCTAssertEqual(head.method, .get)
        XCTAssertEqual(head.target, "/a/b?c=d")
        XCTAssertEqual(head.path, "/a/b")
        XCTAssertEqual(head.query, "c=d")
        XCTAssertEqual(head.host, "a.example:80")
        XCTAssertEqual(head.headers["accept"], "*/*")
        XCTAssertEqual(head.framing, .none)
        XCTAssertTrue(head.keepAlive)
        XCTAssertFalse(head.wantsUpgrade)
    }

    func testLeavesTheBytesAfterTheHead() throws {
        var parser = RequestParser()
        let bytes = Array("\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi".utf8)
        var offset = 0
        let head = try parser.parse(bytes.span, at: &offset)
        XCTAssertEqual(head?.framing, .length(2))
        XCTAssertEqual(bytes.count - offset, 2)
        XCTAssertFalse(parser.isMidHead)
    }

    func testKnowsWhetherItIsInTheMiddleOfAHead() throws {
        var parser = RequestParser()
        XCTAssertFalse(parser.isMidHead)
        let bytes = Array("GET /".utf8)
        var offset = 0
        XCTAssertNil(try parser.parse(bytes.span, at: &offset))
        XCTAssertEqual(offset, 5)
        XCTAssertTrue(parser.isMidHead)
    }

    func testKeepsOrClosesAsTheVersionAndConnectionSay() throws {
        XCTAssertTrue(try head("GET / HTTP/1.1\r\nHost: a\r\n\r\n").keepAlive)
        XCTAssertFalse(
            try head("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n").keepAlive
        )
        XCTAssertFalse(try head("GET / HTTP/1.0\r\n\r\n").keepAlive)
        XCTAssertTrue(try head("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keepAlive)
    }

    func testSeesAnUpgrade() throws {
        let wire = "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\n"
        XCTAssertTrue(try head(wire + "Upgrade: websocket\r\n\r\n").wantsUpgrade)
        XCTAssertFalse(try head(wire + "\r\n").wantsUpgrade)
    }

    func testExpectsContinueOnlyForABodyOfOnePointOne() throws {
        let rest = " HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n"
        XCTAssertTrue(try head("POST /" + rest + "Content-Length: 3\r\n\r\n").expectsContinue)
        XCTAssertFalse(try head("POST /" + rest + "\r\n").expectsContinue)
        assertRefused(HTTPWire.get("Expect: 200-maybe"), .expectationFailed)
    }

    func testParsesPipelinedRequestsHoweverTheyAreCut() {
        let one = "POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
        let outcome = HTTPWire.outcome(one + HTTPWire.get() + one)
        XCTAssertEqual(
            outcome.exchanges.map(\.line),
            ["POST /login 1.1", "GET / 1.1", "POST /login 1.1"]
        )
        XCTAssertEqual(outcome.exchanges.map(\.body), ["hello", "", "hello"])
        XCTAssertFalse(outcome.isUnfinished)
    }

    func testParsesAThousandPipelinedRequests() {
        let wire = Array(String(repeating: HTTPWire.get(), count: 1_000).utf8)
        var parser = RequestParser()
        var offset = 0
        var count = 0
        while let head = try? parser.parse(wire.span, at: &offset) {
            XCTAssertEqual(head.target, "/")
            count += 1
        }
        XCTAssertEqual(count, 1_000)
    }

    // A1, A2, A3
    func testRefusesAnyDoubtAboutTransferEncoding() {
        let chunks = "0\r\n\r\n"
        assertRefused(
            HTTPWire.post("Content-Length: 5", "Transfer-Encoding: chunked", body: chunks)
        )
        for value in [
            "xchunked", "chunked, identity", "identity, chunked", "chunked\u{B}", "chunkedchunked",
            "identity", "", "\"chunked\"", "chunked;q=1", "gzip",
        ] {
            assertRefused(HTTPWire.post("Transfer-Encoding: \(value)", body: chunks))
        }
        assertRefused(
            HTTPWire.post(
                "Transfer-Encoding: chunked",
                "Transfer-Encoding: identity",
                body: chunks
            )
        )
        assertRefused(
            HTTPWire.post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body: chunks)
        )
    }

    // A4, A9
    func testRefusesFoldedLines() {
        assertRefused(HTTPWire.post("Transfer-Encoding:", " chunked", body: "0\r\n\r\n"))
        assertRefused(HTTPWire.get("X: a", "\tb"))
        assertRefused("GET / HTTP/1.1\r\n Host: a\r\n\r\n")
    }

    // A5, A6
    func testRefusesLineFeedsAndCarriageReturnsAlone() {
        assertRefused("GET / HTTP/1.1\nHost: a\n\n")
        assertRefused("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n")
        assertRefused("GET / HTTP/1.1\r\nHost: a\r\n\n")
        assertRefused("GET / HTTP/1.1\r\nHost: a\r\nX: b\rY: c\r\n\r\n")
        assertRefused("GET / HTTP/1.1\r\nHost: a\r\nX: b\r\rY: c\r\n\r\n")
        assertRefused("GET / HTTP/1.1\rHost: a\r\n\r\n")
        assertRefused("\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
    }

    // A7
    func testRefusesAnythingButAnEmptyLineAtTheEnd() {
        assertRefused("GET / HTTP/1.1\r\nHost: a\r\n\rX")
        let outcome = HTTPWire.outcome("GET / HTTP/1.1\r\nHost: a")
        XCTAssertTrue(outcome.isUnfinished)
        XCTAssertEqual(outcome.exchanges, [])
    }

    // A8, A24
    func testRefusesNamesThatAreNoTokens() {
        for line in [
            "Content-Length : 5", ": x", "X", "X Y: z", "Content-Length\t: 5", "(a): b",
            "\u{212A}eep: x",
            "H\u{F6}st: a",
        ] {
            assertRefused(HTTPWire.get(line))
        }
    }

    // A10, A11
    func testRefusesLengthsThatAreNotOneNumber() {
        assertRefused(HTTPWire.post("Content-Length: 5", "Content-Length: 6", body: "hello"))
        assertRefused(HTTPWire.post("Content-Length: 5", "Content-Length: 5", body: "hello"))
        for value in [
            "5, 5", "+5", "-5", "0x5", "5 5", "", "\u{665}", "99999999999999999999", "5.0", "5a",
            "18446744073709551621",
        ] {
            assertRefused(HTTPWire.post("Content-Length: \(value)", body: "hello"))
        }
    }

    // A19
    func testRefusesTransferEncodingInOnePointZero() {
        assertRefused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    }

    // A20, A21
    func testRefusesHostsThatAreMissingDoubleOrOdd() {
        assertRefused("GET / HTTP/1.1\r\n\r\n")
        assertRefused(HTTPWire.get("Host: a"))
        for host in [
            "", "a,b", "a b", "u@a", "a:", "a:x", "a:0000000000000080", "a:65536", "a/b", "a:80:80",
            "[::1", "[]", "[::1]x", "h\u{F6}st", ":80", "a\\b", "a?b", "+", "%61",
        ] {
            assertRefused("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        }
        for host in ["a", "A.example:3000", "[::1]:80", "[2001:db8::1]", "127.0.0.1", "a_b-c"] {
            XCTAssertNil(HTTPWire.outcome("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n").error, host)
        }
    }

    // A21
    func testRefusesTargetsThatAreNoPath() {
        for target in [
            "http://a/", "http://a:0000000000000080/", "a:80", "*", "", "login", "\\", "/a#b",
            "/a\u{1}b", "/\u{7F}", "/\u{E9}", "/a\tb", "/a\u{0}b",
        ] {
            assertRefused("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        }
        assertRefused("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n")
        assertRefused("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
        assertRefused("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", .methodNotAllowed)
    }

    // A22
    func testRefusesOtherVersions() {
        for version in ["HTTP/1.10", "http/1.1", "HTTP/1,1", "HTTP/11", "HTTP", "", "XTTP/1.1"] {
            assertRefused("GET / \(version)\r\nHost: a\r\n\r\n")
        }
        assertRefused("GET /\r\n\r\n")
        assertRefused("GET / HTTP/2.0\r\nHost: a\r\n\r\n", .versionNotSupported)
        assertRefused("GET / HTTP/1.2\r\nHost: a\r\n\r\n", .versionNotSupported)
        assertRefused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    }

    // A23
    func testRefusesControlBytes() {
        assertRefused(HTTPWire.get("X: a\u{0}b"))
        assertRefused(HTTPWire.get("X: a\u{1B}[0m"))
        assertRefused(HTTPWire.get("X: \u{7F}"))
        assertRefused(HTTPWire.get("X\u{0}: a"))
        XCTAssertNil(HTTPWire.outcome(HTTPWire.get("X: a\tb \u{E9}")).error)
    }

    // A28
    func testRefusesAnUpgradeWithABody() {
        let upgrade = "Connection: Upgrade\r\nUpgrade: websocket"
        assertRefused(HTTPWire.post(upgrade, "Content-Length: 2", body: "hi"))
        assertRefused(HTTPWire.post(upgrade, "Transfer-Encoding: chunked", body: "0\r\n\r\n"))
        XCTAssertNil(HTTPWire.outcome(HTTPWire.get(upgrade)).error)
    }

    // A29
    func testRefusesMethodsThatAreLongOrOdd() {
        let rest = " / HTTP/1.1\r\nHost: a\r\n\r\n"
        assertRefused("get" + rest, .notImplemented)
        assertRefused("G3T" + rest, .notImplemented)
        assertRefused("G(T" + rest)
        assertRefused(rest)
        assertRefused(String(repeating: "A", count: 100_000) + rest)
        XCTAssertEqual(
            HTTPWire.outcome("M-SEARCH" + rest).exchanges.map(\.line),
            ["M-SEARCH / 1.1"]
        )
    }

    // A30
    func testRefusesLongTargetsAndHeads() {
        let long = "GET /" + String(repeating: "a", count: 1_000_000) + " HTTP/1.1\r\n\r\n"
        assertRefused(long, .uriTooLong)
        assertRefused("GET /" + String(repeating: "a", count: 9_000), .uriTooLong)
        let many = (0..<10_000).map { "X\($0): y" }.joined(separator: "\r\n")
        assertRefused(HTTPWire.get(many), .headerFieldsTooLarge)
        let big = "X: " + String(repeating: "y", count: 1_000_000)
        assertRefused(HTTPWire.get(big), .headerFieldsTooLarge)
        assertRefused("GET / HTTP/1.1\r\n" + big, .headerFieldsTooLarge)
    }

    func testCountsHeaderFields() {
        var limits = HTTPLimits()
        limits.maxHeaderCount = 3
        XCTAssertNil(HTTPWire.outcome(HTTPWire.get("A: b", "C: d"), limits: limits).error)
        assertRefused(HTTPWire.get("A: b", "C: d", "E: f"), .headerFieldsTooLarge, limits: limits)
    }

    // A32
    func testRefusesBadEscapesInPathAndQuery() {
        for escape in ["%", "%2", "%zz", "%00", "%c0%af", "%u0041", "%ff", "%ed%a0%80", "%-1"] {
            assertRefused("GET /\(escape) HTTP/1.1\r\nHost: a\r\n\r\n")
            assertRefused("GET /a?b=\(escape) HTTP/1.1\r\nHost: a\r\n\r\n")
        }
        XCTAssertNil(HTTPWire.outcome("GET /%C3%A9?a=%0d%0a HTTP/1.1\r\nHost: a\r\n\r\n").error)
    }

    // A42
    func testRefusesWhatIsNoHTTPWithItsFirstBytes() {
        assertRefused([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])
        assertRefused([UInt8](repeating: 0, count: 1_000))
        assertRefused([0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D])
        assertRefused([0x0D, 0x0D])
        assertRefused([0x0D, 0x0A, 0x0D, 0x0A])
    }

    // B43
    func testCapsCookies() {
        let many = String(repeating: "a=b; ", count: 300)
        assertRefused(HTTPWire.get("Cookie: \(many)"), .headerFieldsTooLarge)
        let big = String(repeating: "a", count: 65_536)
        assertRefused(HTTPWire.get("Cookie: a=\(big)"), .headerFieldsTooLarge)
    }

    func testSurvivesRandomBytes() {
        var random = SplitMix64(7)
        let seeds = [
            Array(HTTPWire.get("Cookie: a=b; c=d").utf8),
            Array(HTTPWire.post("Transfer-Encoding: chunked", body: "3\r\nabc\r\n0\r\n\r\n").utf8),
        ]
        for round in 0..<4_000 {
            var bytes = seeds[round % 2]
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
            // Where two things are wrong, how the bytes come may decide which is told; what is
            // handed to a handler may not depend on it.
            let whole = HTTPWire.exchanges([bytes])
            XCTAssertEqual(HTTPWire.exchanges(bytes.map { [$0] }), whole)
            let cut = Int.random(in: 0..<bytes.count, using: &random)
            let parts = [Array(bytes[..<cut]), Array(bytes[cut...])]
            XCTAssertEqual(HTTPWire.exchanges(parts), whole)
        }
    }
}
