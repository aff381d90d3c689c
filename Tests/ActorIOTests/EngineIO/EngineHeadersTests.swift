import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Which headers reach which answers of the engine: CORS, and those of an app's middleware.
final class EngineHeadersTests: XCTestCase {
    private static let polling = "EIO=4&transport=polling"
    private static let shop = "https://shop.example"

    private static func adding(_ name: String) -> Middleware {
        Middleware { request, next in
            var response = try await next(request)
            response.headers[name] = "yes"
            return response
        }
    }

    func testAHandshakeStepAddsToTheFirstAnswerOnlyAndTheOtherToAll() async throws {
        let io = SocketIO(
            handshake: [Self.adding("X-First")],
            everyRequest: [Self.adding("X-Every")],
            options: quiet
        ) { root in
            root.on("echo") { (socket, text: String) in try socket.emit("echo", text) }
        }
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let open = try await browser.wire("GET", Self.polling)
            let socket = try await browser.webSocket()
            for first in [open, socket] {
                XCTAssertEqual(first.response?.headers["x-first"], "yes")
                XCTAssertEqual(first.response?.headers["x-every"], "yes")
            }
            XCTAssertEqual(socket.response?.status, 101)
            let sid = String(open.body?.dropFirst(9).prefix(20) ?? "")
            let session = RawSession(browser: browser, sid: sid)
            let post = try await session.post("40")
            let ready = try await session.poll()
            let parked = try await session.poll()
            XCTAssertNil(parked.response)
            _ = try await session.post(#"42["echo","a"]"#)
            XCTAssertEqual(parked.body, #"42["echo","a"]"#)
            let upgrade = try await session.upgrade()
            let refused = try await browser.wire("GET", Self.polling + "&sid=x")
            let put = try await browser.wire("PUT", Self.polling + "&sid=\(sid)")
            let later = [post, ready, parked, upgrade, refused, put]
            XCTAssertEqual(later.map { $0.response?.status }, [200, 200, 200, 101, 400, 405])
            for answer in later {
                XCTAssertNil(answer.response?.headers["x-first"])
                XCTAssertEqual(answer.response?.headers["x-every"], "yes")
            }
        }
    }

    func testAParkedPollHasTheHeadersOfAnyOtherAndNoStaleCookie() async throws {
        let step = Middleware { request, next in
            var response = try await next(request)
            response.headers["Cache-Control"] = "no-store, private"
            response.set(SetCookie("seen", "x"))
            return response
        }
        let io = SocketIO(everyRequest: [step], options: quiet)
        try await withTestServer(App(), io) { server in
            let session = try await server.browser().handshake()
            let parked = try await session.poll()
            let post = try await session.post("40")
            XCTAssertEqual(parked.response?.status, 200)
            let headers = parked.response?.headers
            XCTAssertEqual(headers?.values("cache-control"), ["no-store, private"])
            XCTAssertEqual(headers?.values("content-type"), ["text/plain; charset=UTF-8"])
            XCTAssertNil(headers?["set-cookie"])
            XCTAssertEqual(post.response?.headers.values("set-cookie").count, 1)
        }
    }

    // CORS

    private static func shopServer() -> SocketIO {
        var rules = CORS(origins: .list([shop]))
        rules.allowsCredentials = true
        rules.maxAge = .seconds(600)
        let banned = Middleware.allow { $0.query["as"] != "banned" }
        struct Broken: Error {}
        let broken = Middleware { request, next in
            guard request.query["as"] != "broken" else { throw Broken() }
            return try await next(request)
        }
        return SocketIO(handshake: [banned], everyRequest: [.cors(rules), broken], options: quiet)
    }

    private static func checkShop(_ wire: Wire, _ status: Int, _ what: String = #function) {
        XCTAssertEqual(wire.response?.status, status, what)
        let headers = wire.response?.headers
        XCTAssertEqual(headers?.values("access-control-allow-origin"), [Self.shop], what)
        XCTAssertEqual(headers?.values("access-control-allow-credentials"), ["true"], what)
        XCTAssertEqual(headers?.values("vary"), ["Origin"], what)
    }

    func testEveryAnswerCarriesTheCORSHeadersErrorsAnd101Included() async throws {
        let origin: Headers = ["Origin": Self.shop]
        try await withTestServer(App(), Self.shopServer()) { server in
            let browser = server.browser()
            let open = try await browser.wire("GET", Self.polling, headers: origin)
            Self.checkShop(open, 200, "open")
            let sid = String(open.body?.dropFirst(9).prefix(20) ?? "")
            let session = RawSession(browser: browser, sid: sid)
            let parked = try await session.poll(headers: origin)
            Self.checkShop(try await session.post("40", headers: origin), 200, "post")
            Self.checkShop(parked, 200, "parked")
            Self.checkShop(try await session.upgrade(headers: origin), 101, "upgrade")
            Self.checkShop(try await browser.webSocket(headers: origin), 101, "websocket")
            let errors = [("&sid=x", 400), ("&as=banned", 403), ("&as=broken", 400)]
            for (query, status) in errors {
                let wire = try await browser.wire("GET", Self.polling + query, headers: origin)
                Self.checkShop(wire, status, query)
            }
            let wrong = try await browser.wire("GET", "EIO=4&transport=x", headers: origin)
            Self.checkShop(wrong, 400, "transport")
            let post = try await browser.wire("POST", Self.polling, headers: origin)
            Self.checkShop(post, 400, "POST")
        }
    }

    func testAPreflightIsAnsweredBeforeAnythingIsChecked() async throws {
        let io = Self.shopServer()
        try await withTestServer(App(), io) { server in
            for query in [Self.polling, Self.polling + "&sid=x", "", "transport=x"] {
                let wire = try await server.browser().wire(
                    "OPTIONS",
                    query,
                    headers: [
                        "Origin": Self.shop, "Access-Control-Request-Method": "POST",
                        "Access-Control-Request-Headers": "x-token",
                    ]
                )
                XCTAssertEqual(wire.response?.status, 204, query)
                let headers = wire.response?.headers
                XCTAssertEqual(headers?["access-control-allow-origin"], Self.shop)
                XCTAssertEqual(
                    headers?["access-control-allow-methods"],
                    "GET,HEAD,PUT,PATCH,POST,DELETE"
                )
                XCTAssertEqual(headers?["access-control-allow-headers"], "x-token")
                XCTAssertEqual(headers?["access-control-max-age"], "600")
                XCTAssertEqual(
                    headers?.values("vary"),
                    ["Origin, Access-Control-Request-Headers"]
                )
                XCTAssertEqual(wire.body, "")
            }
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testWithoutCORSThereIsNoHeaderAndOPTIONSIsCode2() async throws {
        try await withTestServer(App(), SocketIO(options: quiet)) { server in
            let wire = try await server.browser().wire("OPTIONS", Self.polling)
            XCTAssertEqual(wire.response?.status, 400)
            XCTAssertEqual(wire.body, #"{"code":2,"message":"Bad handshake method"}"#)
            let open = try await server.browser().wire("GET", Self.polling)
            XCTAssertNil(open.response?.headers["access-control-allow-origin"])
            XCTAssertNil(open.response?.headers["vary"])
        }
    }

    func testTheServedClientHasTheCORSHeadersToo() async throws {
        let stranger: Headers = ["Origin": "https://other.example"]
        try await withTestServer(App(), Self.shopServer()) { server in
            let path = "/socket.io/socket.io.js"
            let script = try await server.browser().get(path, headers: ["Origin": Self.shop])
            XCTAssertEqual(script.status, 200)
            XCTAssertEqual(script.headers["access-control-allow-origin"], Self.shop)
            XCTAssertEqual(script.headers["vary"], "Origin")
            let other = try await server.browser().get(path, headers: stranger)
            XCTAssertEqual(other.status, 200)
            XCTAssertNil(other.headers["access-control-allow-origin"])
            XCTAssertEqual(other.headers["vary"], "Origin")
            // Only what CORS says holds for it, not the app's own steps.
            let broken = try await server.browser().get(path + "?as=broken")
            XCTAssertEqual(broken.status, 200)
            let preflight = try await server.browser().request("OPTIONS", path)
            XCTAssertEqual(preflight.status, 204)
            let nothing = try await server.browser().request("OPTIONS", "/socket.io/nothing.js")
            XCTAssertEqual(nothing.status, 404)
        }
        try await withTestServer(App(), SocketIO(options: quiet)) { server in
            let script = try await server.browser().get("/socket.io/socket.io.js")
            XCTAssertNil(script.headers["vary"])
            let options = try await server.browser().request("OPTIONS", "/socket.io/socket.io.js")
            XCTAssertEqual(options.status, 404)
        }
    }

    func testAStarInTheAllowedOriginsOpensTheServerToEveryPage() async throws {
        var options = quiet
        options.allowedOrigins = ["*"]
        let io = SocketIO(everyRequest: [.cors()], options: options)
        try await withTestServer(App(), io) { server in
            for origin in ["https://any.example", "null"] {
                let headers: Headers = ["Origin": origin]
                let open = try await server.browser().wire("GET", Self.polling, headers: headers)
                XCTAssertEqual(open.response?.status, 200, origin)
                XCTAssertEqual(open.response?.headers["access-control-allow-origin"], "*")
                XCTAssertNil(open.response?.headers["vary"])
                let wire = try await server.browser().webSocket(headers: headers)
                XCTAssertEqual(wire.response?.status, 101, origin)
            }
        }
        let star = SocketIO(everyRequest: [.cors(CORS(origins: .only("*")))], options: quiet)
        try await withTestServer(App(), star) { server in
            let wire = try await server.browser().webSocket(headers: ["Origin": "https://a.example"]
            )
            XCTAssertEqual(wire.response?.status, 403, "CORS alone lets nobody but readers in")
        }
    }
}
