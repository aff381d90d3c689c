import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// `Middleware.allow` in front of a handshake (what the reference calls allowRequest).
final class AllowTests: XCTestCase {
    private static let polling = "EIO=4&transport=polling"
    private static let webSocket = "EIO=4&transport=websocket"

    private static func server(_ asked: Notes) -> SocketIO {
        struct Broken: Error {}
        let allow = Middleware.allow { request in
            asked.add("\(request.method) \(request.query["transport"] ?? "")")
            switch request.query["as"] {
            case "nobody": return false
            case "banned": throw HTTPError(.forbidden, "banned")
            case "guest": throw HTTPError(.unauthorized, "log in first")
            case "broken": throw Broken()
            default: return true
            }
        }
        return SocketIO(handshake: [allow], options: quiet)
    }

    func testARefusalIs403WithCode4OnBothTransportsBeforeAny101() async throws {
        let io = Self.server(Notes())
        try await withTestServer(App(), io) { server in
            let cases = [
                ("nobody", 403, #"{"code":4,"message":"Forbidden"}"#),
                ("banned", 403, #"{"code":4,"message":"banned"}"#),
                ("guest", 401, #"{"code":4,"message":"log in first"}"#),
                ("broken", 400, #"{"code":3,"message":"Bad request"}"#),
            ]
            for (name, status, body) in cases {
                let polling = try await server.browser().wire("GET", Self.polling + "&as=\(name)")
                let socket = try await server.browser().webSocket(Self.webSocket + "&as=\(name)")
                for wire in [polling, socket] {
                    XCTAssertEqual(wire.response?.status, status, name)
                    XCTAssertEqual(wire.body, body, name)
                    XCTAssertEqual(wire.response?.headers["content-type"], "application/json")
                }
            }
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testItIsAskedForHandshakesOnly() async throws {
        let asked = Notes()
        try await withTestServer(App(), Self.server(asked)) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let wire = try await session.upgrade()
            await wire.say("2probe", "5")
            XCTAssertEqual(wire.take(), ["3probe"])
            _ = try await server.browser().webSocket()
            _ = try await server.browser().wire("GET", "EIO=4&transport=polling&sid=unknown")
            _ = try await server.browser().wire("POST", Self.polling)
            XCTAssertEqual(asked.all, ["GET polling", "GET websocket"])
        }
    }

    func testInAnAppItIsAnOrdinary403() async throws {
        var app = App()
        app.log = .disabled
        app.use(.allow { $0.query["key"] == "open" })
        app.get("/") { _ in .text("in") }
        try await withTestServer(app) { server in
            let open = try await server.browser().get("/?key=open")
            XCTAssertEqual(open.text, "in")
            let shut = try await server.browser().get("/?key=x")
            XCTAssertEqual(shut.status, 403)
        }
    }
}
