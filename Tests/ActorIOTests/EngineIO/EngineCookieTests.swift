import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// The cookie that names a connection to what stands in front of the server.
final class EngineCookieTests: XCTestCase {
    private static func server(_ cookie: EngineCookie?) -> SocketIO {
        var options = quiet
        options.engine.cookie = cookie
        return SocketIO(options: options)
    }

    private static func sid(_ wire: Wire) -> String {
        String((wire.body ?? wire.messages.first ?? "").dropFirst(9).prefix(20))
    }

    private static func handshake(_ server: TestServer) async throws -> Wire {
        try await server.browser().wire("GET", "EIO=4&transport=polling")
    }

    func testThePollingHandshakeCarriesItAndNoOtherAnswerDoes() async throws {
        try await withTestServer(App(), Self.server(EngineCookie())) { server in
            let browser = server.browser()
            let open = try await browser.wire("GET", "EIO=4&transport=polling")
            let sid = Self.sid(open)
            XCTAssertEqual(
                open.response?.headers.values("set-cookie"),
                ["io=\(sid); Path=/; HttpOnly; SameSite=Lax"]
            )
            let session = RawSession(browser: browser, sid: sid)
            let others = [
                try await session.post("40"), try await session.poll(),
                try await session.upgrade(), try await browser.webSocket(),
                try await browser.wire("GET", "EIO=4&transport=polling&sid=x"),
            ]
            XCTAssertEqual(others.map { $0.response?.status }, [200, 200, 101, 101, 400])
            for other in others { XCTAssertNil(other.response?.headers["set-cookie"]) }
        }
    }

    func testThereIsNoneUnlessItIsAskedFor() async throws {
        try await withTestServer(App(), Self.server(nil)) { server in
            let open = try await Self.handshake(server)
            XCTAssertEqual(open.response?.status, 200)
            XCTAssertNil(open.response?.headers["set-cookie"])
        }
    }

    func testItIsWrittenAsItsFieldsSay() async throws {
        var cookie = EngineCookie("node")
        cookie.path = "/socket.io"
        cookie.domain = "example.com"
        cookie.maxAge = .seconds(3_600)
        cookie.httpOnly = false
        cookie.secure = true
        cookie.sameSite = SetCookie.SameSite.none
        try await withTestServer(App(), Self.server(cookie)) { server in
            let open = try await Self.handshake(server)
            XCTAssertEqual(
                open.response?.headers["set-cookie"],
                "node=\(Self.sid(open)); Max-Age=3600; Domain=example.com; Path=/socket.io; Secure"
                    + "; SameSite=None"
            )
        }
    }

    func testAnIdThatIsNoCookieValueIsEncoded() throws {
        let id = try XCTUnwrap(EngineID(custom: "a b;\"é"))
        XCTAssertEqual(EngineCookie().naming(id).value, "a%20b%3B%22%C3%A9")
    }

    func testANameThatWouldBreakOutIsNotSent() async throws {
        try await withTestServer(App(), Self.server(EngineCookie("a;b"))) { server in
            let open = try await Self.handshake(server)
            XCTAssertEqual(open.response?.status, 200)
            XCTAssertNil(open.response?.headers["set-cookie"])
        }
    }
}
