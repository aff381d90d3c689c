import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What an app is told of refused requests (the reference's `connection_error`).
final class EngineRefusalTests: XCTestCase {
    private static let polling = "EIO=4&transport=polling"
    private static let webSocket = "EIO=4&transport=websocket"

    private static func line(_ refusal: EngineRefusal) -> String {
        let context = refusal.context.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        let request = refusal.request
        return "\(refusal.status.code) \(refusal.code) \(refusal.message) [\(context)]"
            + " \(request.method) \(request.query["n"] ?? "")"
    }

    private static func server(_ told: Notes, handshake: [Middleware] = []) -> SocketIO {
        var options = quiet
        options.engine.onRefusal = { told.add(line($0)) }
        return SocketIO(handshake: handshake, options: options)
    }

    func testEachRowOfTheTableIsToldWithItsContext() async throws {
        let told = Notes()
        let cases = [
            ("GET", "EIO=4&transport=carrier", "400 0 Transport unknown [transport=carrier] GET"),
            ("GET", "EIO=4", "400 0 Transport unknown [transport=] GET"),
            ("GET", polling("&sid=nobody"), "400 1 Session ID unknown [sid=nobody] GET"),
            ("PUT", polling(""), "400 2 Bad handshake method [method=PUT] PUT"),
            (
                "GET", Self.webSocket,
                "400 3 Bad request [name=TRANSPORT_HANDSHAKE_ERROR] GET"
            ),
            (
                "GET", "EIO=3&transport=polling",
                "400 5 Unsupported protocol version [protocol=3] GET"
            ),
        ]
        try await withTestServer(App(), Self.server(told)) { server in
            for (index, (method, query, expected)) in cases.enumerated() {
                _ = try await server.browser().wire(method, query + "&n=\(index)")
                XCTAssertEqual(told.all.last, "\(expected) \(index)")
                XCTAssertEqual(told.count, index + 1, "each once")
            }
        }
    }

    private func polling(_ more: String) -> String { Self.polling + more }

    func testOriginsAreToldAndWhatIsWrongWithThem() async throws {
        let told = Notes()
        try await withTestServer(App(), Self.server(told)) { server in
            for origin in ["http://é", "https://evil.example"] {
                _ = try await server.browser().wire(
                    "GET",
                    Self.polling,
                    headers: ["Origin": origin]
                )
            }
            XCTAssertEqual(
                told.all,
                [
                    "400 3 Bad request [name=INVALID_ORIGIN origin=http://é] GET ",
                    "403 4 foreign origin [message=foreign origin] GET ",
                ]
            )
        }
    }

    func testATransportThatDoesNotFitItsSessionIsToldWithTheOneItHad() async throws {
        let told = Notes()
        try await withTestServer(App(), Self.server(told)) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            _ = try await server.browser().wire("GET", Self.webSocket + "&sid=\(session.sid)")
            let wire = try await session.upgrade()
            await wire.say("2probe", "5")
            _ = try await session.poll()
            _ = try await session.post("40")
            let start = "400 3 Bad request [name=TRANSPORT_MISMATCH previousTransport="
            XCTAssertEqual(
                told.all,
                [
                    start + "polling transport=websocket] GET ",
                    start + "websocket transport=polling] GET ",
                    start + "websocket transport=polling] POST ",
                ]
            )
        }
    }

    func testWhatTheChainThrowsIsToldAndWhatItAnswersIsNot() async throws {
        struct Broken: Error, CustomStringConvertible { let description = "no database" }
        let chain = Middleware { request, next in
            switch request.query["n"] {
            case "banned": throw HTTPError(.forbidden, "banned")
            case "guest": throw HTTPError(.unauthorized)
            case "odd": throw HTTPError(.badRequest, "odd")
            case "broken": throw Broken()
            case "answer": return .text("no", status: .forbidden)
            default: return try await next(request)
            }
        }
        let told = Notes()
        let io = Self.server(told, handshake: [chain])
        try await withTestServer(App(), io) { server in
            for name in ["banned", "guest", "odd", "broken", "answer", "welcome"] {
                _ = try await server.browser().webSocket(Self.webSocket + "&n=\(name)")
            }
            XCTAssertEqual(
                told.all,
                [
                    "403 4 banned [message=banned] GET banned",
                    "401 4 Unauthorized [message=Unauthorized] GET guest",
                    "400 3 odd [name=] GET odd",
                    "400 3 Bad request [error=no database name=MIDDLEWARE_FAILURE] GET broken",
                ]
            )
        }
    }

    func testAMalformedUpgradeIsCode3WithItsOwnStatus() async throws {
        let told = Notes()
        try await withTestServer(App(), Self.server(told)) { server in
            let key = try await server.browser().webSocket(headers: ["Sec-WebSocket-Key": "x"])
            XCTAssertEqual(key.response?.status, 400)
            XCTAssertEqual(key.body, #"{"code":3,"message":"bad Sec-WebSocket-Key"}"#)
            let version = try await server.browser().webSocket(
                headers: ["Sec-WebSocket-Version": "12"]
            )
            XCTAssertEqual(version.response?.status, 426)
            XCTAssertEqual(version.response?.headers["sec-websocket-version"], "13")
            XCTAssertEqual(told.count, 2)
        }
    }

    func testAFullServerIsToldToo() async throws {
        let told = Notes()
        var options = quiet
        options.engine.maxSessions = 1
        options.engine.onRefusal = { told.add(Self.line($0)) }
        try await withTestServer(App(), SocketIO(options: options)) { server in
            _ = try await server.browser().handshake()
            let full = try await server.browser().wire("GET", Self.polling)
            XCTAssertEqual(full.response?.status, 503)
            XCTAssertEqual(full.response?.headers["retry-after"], "5")
            XCTAssertEqual(told.all, ["503 4 no room [message=no room] GET "])
        }
    }

    func testTheToldRequestKeepsWhatMiddlewarePutOnItAndHoldsNothingOfTheHandshake() async throws {
        struct Tenant: Sendable { let name: String }
        let mark = Middleware { request, next in
            var request = request
            request[Tenant.self] = Tenant(name: "acme")
            return try await next(request)
        }
        let told = Notes()
        var options = quiet
        options.engine.onRefusal = { refusal in
            let request = refusal.request
            told.add(request[Tenant.self]?.name ?? "-")
            let isClean =
                request[Admission.self] == nil && request.loop == nil
                && request[HandshakeEntry.self] == nil
            told.add("clean: \(isClean)")
        }
        let io = SocketIO(everyRequest: [mark], options: options)
        try await withTestServer(App(), io) { server in
            _ = try await server.browser().wire("PUT", Self.polling)
            XCTAssertEqual(told.all, ["acme", "clean: true"])
        }
    }

    /// Refusals inside a session have no row in the table: they are its end, which is told as such.
    func testTheEndOfASessionIsNoRefusal() async throws {
        let told = Notes()
        try await withTestServer(App(), Self.server(told)) { server in
            let session = try await server.browser().handshake()
            let put = try await server.browser().wire("PUT", "\(Self.polling)&sid=\(session.sid)")
            XCTAssertEqual(put.response?.status, 405)
            let post = try await session.post("x")
            XCTAssertEqual(post.response?.status, 400)
            XCTAssertEqual(told.all, [])
        }
    }
}
