import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// The first request of a session: what it is told, and what is refused before there is one.
final class HandshakeTests: XCTestCase {
    private static let polling = "EIO=4&transport=polling"
    private static let webSocket = "EIO=4&transport=websocket"

    private static func json(_ code: Int) -> String {
        let messages = [
            "Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request",
            "Forbidden", "Unsupported protocol version",
        ]
        return "{\"code\":\(code),\"message\":\"\(messages[code])\"}"
    }

    private static func ask(_ server: TestServer, _ query: String) async throws -> TestResponse? {
        let isPolling = query.contains("polling")
        let headers: Headers = isPolling ? [:] : Browser.upgradeHeaders
        let wire = try await server.browser().wire("GET", query, headers: headers)
        return wire.response
    }

    func testThePollingHandshakeIsFiveMembersByteForByte() async throws {
        try await withTestServer(App(), SocketIO(options: quiet)) { server in
            let session = try await server.browser().handshake()
            let wire = try await server.browser().wire("GET", Self.polling)
            let sid = String(wire.body?.dropFirst(9).prefix(20) ?? "")
            XCTAssertNotNil(EngineID(sid))
            XCTAssertNotEqual(sid, session.sid)
            XCTAssertEqual(
                wire.body,
                "0{\"sid\":\"\(sid)\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,"
                    + "\"pingTimeout\":20000,\"maxPayload\":1000000}"
            )
            XCTAssertEqual(wire.response?.status, 200)
            XCTAssertEqual(wire.response?.headers["content-type"], "text/plain; charset=UTF-8")
            XCTAssertEqual(wire.response?.headers["cache-control"], "no-store")
        }
    }

    func testTheWebSocketHandshakeIsTheFirstMessageAndOffersNoUpgrade() async throws {
        var options = quiet
        options.engine.pingInterval = .milliseconds(300)
        options.engine.pingTimeout = .milliseconds(200)
        options.engine.maxPayload = 5_000
        try await withTestServer(App(), SocketIO(options: options)) { server in
            let wire = try await server.browser().webSocket()
            XCTAssertEqual(wire.response?.status, 101)
            let open = wire.messages.first ?? ""
            let sid = String(open.dropFirst(9).prefix(20))
            XCTAssertEqual(
                wire.messages,
                [
                    "0{\"sid\":\"\(sid)\",\"upgrades\":[],\"pingInterval\":300,"
                        + "\"pingTimeout\":200,\"maxPayload\":5000}"
                ]
            )
        }
    }

    func testPollingRefusalsHaveStatusCodeAndJSONOfTheTable() async throws {
        let cases: [(method: String, query: String, code: Int)] = [
            ("GET", "EIO=4", 0), ("GET", "", 0), ("GET", "EIO=4&transport=", 0),
            ("GET", "EIO=4&transport=__proto__", 0), ("GET", "EIO=4&transport=webtransport", 0),
            ("GET", "EIO=4&transport=Polling", 0),
            ("GET", Self.polling + "&sid=", 1), ("GET", Self.polling + "&sid", 1),
            ("GET", Self.polling + "&sid=__proto__", 1), ("GET", Self.polling + "&sid=%01", 1),
            ("GET", Self.polling + "&sid=AAAAAAAAAAAAAAAAAAAA", 1),
            ("POST", Self.polling + "&sid=AAAAAAAAAAAAAAAAAAAA", 1),
            ("POST", Self.polling, 2), ("PUT", Self.polling, 2), ("OPTIONS", Self.polling, 2),
            ("DELETE", Self.polling, 2), ("PATCH", Self.polling, 2),
            ("GET", Self.webSocket, 3),
            ("GET", "transport=polling", 5), ("GET", "EIO=3&transport=polling", 5),
            ("GET", "EIO=04&transport=polling", 5), ("GET", "EIO=4%20&transport=polling", 5),
            ("GET", "EIO=%EF%BC%94&transport=polling", 5),
            ("GET", "EIO=44444444444444444444&transport=polling", 5),
        ]
        try await withTestServer(App(), SocketIO(options: quiet)) { server in
            let browser = server.browser()
            for (method, query, code) in cases {
                let answer = try await browser.request(method, "/socket.io/?\(query)")
                XCTAssertEqual(answer.status, 400, "\(method) \(query)")
                XCTAssertEqual(answer.text, Self.json(code), "\(method) \(query)")
                XCTAssertEqual(answer.headers["content-type"], "application/json", query)
            }
            for (method, query) in [("HEAD", Self.polling), ("GET", Self.polling + "&sid=%00")] {
                let answer = try await browser.request(method, "/socket.io/?\(query)")
                XCTAssertEqual(answer.status, 400, query)
            }
        }
    }

    func testWebSocketRefusalsAreHTTPAnswersBeforeAny101() async throws {
        let cases: [(query: String, code: Int)] = [
            ("transport=websocket", 5), ("EIO=3&transport=websocket", 5),
            ("EIO=04&transport=websocket", 5), ("EIO=4", 0),
            (Self.webSocket + "&sid=", 1), (Self.webSocket + "&sid=AAAAAAAAAAAAAAAAAAAA", 1),
            (Self.polling, 3),
        ]
        let io = SocketIO(options: quiet)
        try await withTestServer(App(), io) { server in
            for (query, code) in cases {
                let wire = try await server.browser().webSocket(query)
                XCTAssertEqual(wire.response?.status, 400, query)
                XCTAssertEqual(wire.body, Self.json(code), query)
            }
            let old = try await server.browser().webSocket(headers: ["Sec-WebSocket-Version": "8"])
            XCTAssertEqual(old.response?.status, 426)
            XCTAssertEqual(old.response?.headers["sec-websocket-version"], "13")
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testAnEmptySidIsNoHandshakeThatSkipsTheChain() async throws {
        let (app, io, _) = makePassportExample()
        try await withTestServer(app, io) { server in
            let empty = try await server.browser().request(
                "GET",
                "/socket.io/?\(Self.polling)&sid="
            )
            XCTAssertEqual(empty.status, 400)
            let twice = try await server.browser().request(
                "GET",
                "/socket.io/?sid=&\(Self.polling)&sid=x"
            )
            XCTAssertEqual(twice.status, 400)
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testATransportThatIsSwitchedOffIsUnknown() async throws {
        var options = quiet
        options.engine.transports = [.webSocket]
        try await withTestServer(App(), SocketIO(options: options)) { server in
            let answer = try await server.browser().request("GET", "/socket.io/?\(Self.polling)")
            XCTAssertEqual(answer.text, Self.json(0))
            let wire = try await server.browser().webSocket()
            XCTAssertEqual(wire.response?.status, 101)
        }
    }

    func testUpgradesThatAreSwitchedOffAreNeitherOfferedNorTaken() async throws {
        var options = quiet
        options.engine.allowUpgrades = false
        try await withTestServer(App(), SocketIO(options: options)) { server in
            let open = try await server.browser().wire("GET", Self.polling)
            XCTAssertTrue(open.body?.contains("\"upgrades\":[],") == true, open.body ?? "")
            let session = try await server.browser().handshake()
            let upgrade = try await session.upgrade()
            XCTAssertEqual(upgrade.body, Self.json(3))
        }
    }

    func testThePathIsComparedExactly() async throws {
        try await withTestServer(App(), SocketIO(options: quiet)) { server in
            let browser = server.browser()
            for path in ["/socket.io/x", "/socket.ioX", "/socket.io/x/", "/Socket.io/"] {
                let answer = try await browser.get("\(path)?\(Self.polling)")
                XCTAssertEqual(answer.status, 404, path)
            }
            let bare = try await browser.get("/socket.io?\(Self.polling)")
            XCTAssertEqual(bare.status, 200)
        }
    }

    func testWhatAChainThrowsIsTheAnswerOnBothTransports() async throws {
        struct Broken: Error {}
        let chain = Middleware { request, next in
            switch request.query["as"] {
            case "banned": throw HTTPError(.forbidden, "banned \"you\"", headers: ["X-Why": "a"])
            case "broken": throw Broken()
            case "answer": return .text("no")
            default: return try await next(request)
            }
        }
        let io = SocketIO(handshake: [chain], options: quiet)
        try await withTestServer(App(), io) { server in
            for transport in ["polling", "websocket"] {
                let query = "EIO=4&transport=\(transport)&as="
                let banned = try await Self.ask(server, query + "banned")
                XCTAssertEqual(banned?.status, 403)
                XCTAssertEqual(banned?.text, "{\"code\":4,\"message\":\"banned \\\"you\\\"\"}")
                XCTAssertEqual(banned?.headers["x-why"], "a")
                let broken = try await Self.ask(server, query + "broken")
                XCTAssertEqual(broken?.status, 400)
                XCTAssertEqual(broken?.text, Self.json(3))
                let answer = try await Self.ask(server, query + "answer")
                XCTAssertEqual(answer?.status, 200)
                XCTAssertEqual(answer?.text, "no")
            }
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty, "a refused handshake stays in the registry")
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }
}
