import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// The chain that runs at every CONNECT: what it sees, what it leaves, and how it refuses.
final class ConnectChainTests: XCTestCase {
    private static func withoutSid(_ packet: String) -> String {
        guard let mark = packet.range(of: "{\"sid\":\"") else { return packet }
        return packet.replacing(packet[mark.upperBound...].prefix(20), with: "SID")
    }

    // What it sees

    func testItRunsForEachNamespaceOnTheRequestOfTheHandshakeWithTheTokenAsItsBearer()
        async throws
    {
        let notes = Notes()
        let look = Middleware { request, next in
            let client = request.headers["x-client"] ?? "none"
            notes.add("\(client) \(request.path) \(Tokens.token(of: request) ?? "none")")
            return try await next(request)
        }
        let io = SocketIO(connect: [look, Tokens.bearer], options: quiet) { root in
            Tokens.fill(&root, notes)
            root.namespace("/other") { other in
                Tokens.fill(&other, notes)
                other.on("began") { socket in
                    Tokens.token(of: socket.handshake.request) ?? "none"
                }
            }
        }
        try await withTestServer(App(), io) { server in
            let headers: Headers = ["X-Client": "phone", "Authorization": "Bearer jane"]
            let wire = try await server.browser().webSocket(headers: headers)
            await wire.say("40{\"token\":\"jane\"}", "40/other,")
            await wire.say("421[\"token\"]", "42/other,2[\"token\"]", "42/other,3[\"began\"]")
            XCTAssertEqual(
                wire.take().suffix(3),
                ["431[\"jane\"]", "43/other,2[\"jane\"]", "43/other,3[\"jane\"]"]
            )
            await wire.say("41", "40{\"token\":\"jane.900\"}")
            _ = wire.take()
            await wire.say("424[\"token\"]", "425[\"who\"]")
            XCTAssertEqual(wire.take(), ["434[\"jane.900\"]", "435[\"jane\"]"])
            XCTAssertEqual(
                notes.take().filter { $0.hasPrefix("phone") },
                ["phone /socket.io/ jane", "phone /socket.io/ jane", "phone /socket.io/ jane.900"]
            )
        }
    }

    func testTheTokenStandsInTheMemberThatTheOptionsName() async throws {
        var options = quiet
        options.tokens.member = "jwt"
        let io = Tokens.server(options: options)
        try await withTestServer(App(), io) { server in
            let tab = try await server.browser().connect(auth: ["jwt": "john"])
            let name = try await tab.call("who", as: String.self)
            XCTAssertEqual(name, "john")
            let refused = await Self.refusal {
                _ = try await server.browser().connect(token: "john")
            }
            XCTAssertEqual(refused?.code, "unauthorized")
        }
    }

    private static func refusal(_ body: () async throws -> Void) async -> ConnectRefused? {
        do {
            try await body()
            return nil
        } catch {
            return error as? ConnectRefused
        }
    }

    func testWhatIsNoTextIsNoToken() async throws {
        let notes = Notes()
        let look = Middleware { request, next in
            notes.add(Tokens.token(of: request) ?? "none")
            return try await next(request)
        }
        let io = SocketIO(connect: [look], options: quiet)
        try await withTestServer(App(), io) { server in
            let payloads = [
                "", "{}", "{\"token\":null}", "{\"token\":7}", "{\"token\":true}",
                "{\"token\":{\"token\":\"john\"}}", "{\"token\":[\"john\"]}",
                "{\"a\":{\"token\":\"john\"}}", "{\"Token\":\"john\"}",
            ]
            for payload in payloads {
                let wire = try await server.browser().webSocket()
                await wire.say("40" + payload)
                XCTAssertEqual(notes.take(), ["none"], payload)
                XCTAssertEqual(Self.withoutSid(wire.take().last ?? ""), "40{\"sid\":\"SID\"}")
            }
            let wire = try await server.browser().webSocket()
            await wire.say("40{\"token\":\"first\",\"token\":\"last\"}")
            XCTAssertEqual(notes.take(), ["last"], "as socket.auth reads it")
        }
    }

    func testATokenThatIsNoPartOfAHeaderFieldIsRefusedBeforeTheChainRuns() async throws {
        let notes = Notes()
        let look = Middleware { request, next in
            notes.add("ran")
            return try await next(request)
        }
        let io = SocketIO(connect: [look], options: quiet)
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            let tokens = [
                "", " ", "a b", "a\\r\\nX-Admin: 1", "a\\u0000", "jöhn", "a\\t", "\\ud800",
            ]
            for token in tokens {
                await wire.say("40{\"token\":\"\(token)\"}")
                XCTAssertEqual(
                    wire.take(),
                    [
                        "44{\"message\":\"the token can not be read\","
                            + "\"data\":{\"code\":\"invalid_token\",\"status\":401}}"
                    ],
                    token
                )
            }
            XCTAssertEqual(notes.all, [])
            await wire.say("40{\"token\":\"a~!-._+/=:9\"}")
            XCTAssertEqual(notes.all, ["ran"])
        }
    }

    func testATokenOfTheGreatestSizeIsTakenAndOneByteMoreIsRefused() async throws {
        var options = quiet
        options.maxAuth = 200
        let io = SocketIO(
            connect: [
                Middleware { request, next in
                    let length = Tokens.token(of: request)?.utf8.count ?? 0
                    var request = request
                    request.userID = "\(length)"
                    return try await next(request)
                }
            ],
            options: options
        ) { root in
            root.on("length") { socket in socket.request.userID ?? "" }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            // A message of 201 bytes with its type, then one of 200.
            let rest = "{\"token\":\"\"}".utf8.count + 1
            await wire.say("40{\"token\":\"\(String(repeating: "t", count: 201 - rest))\"}")
            XCTAssertEqual(wire.take(), ["44{\"message\":\"auth too large\"}"])
            await wire.say("40{\"token\":\"\(String(repeating: "t", count: 199 - rest))\"}")
            await wire.say("421[\"length\"]")
            XCTAssertEqual(wire.take().last, "431[\"\(199 - rest)\"]")
        }
    }

    func testATokenOf64KilobytesAndAByteIsRefusedAndTheConnectionLives() async throws {
        let io = Tokens.server()
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40{\"token\":\"\(String(repeating: "t", count: 65_537))\"}")
            XCTAssertEqual(wire.take(), ["44{\"message\":\"auth too large\"}"])
            await wire.say("40{\"token\":\"john\"}")
            XCTAssertEqual(wire.take().map(Self.withoutSid), ["40{\"sid\":\"SID\"}"])
        }
    }

    // How it refuses

    private struct Secret: Error {}

    /// Does what the token says.
    private static let obeying = Middleware { request, next in
        switch Tokens.token(of: request) {
        case "http": throw HTTPError(.forbidden)
        case "text": throw HTTPError(.tooManyRequests, "slow \"down\"")
        case "code": throw HTTPError(.unauthorized, "revoked", code: "token_revoked")
        case "ours": throw try ConnectError("banned", data: ["until": 2030])
        case "plain": throw ConnectError("banned")
        case "secret": throw Secret()
        case "redirect": return .redirect(to: "/login")
        case "fine": return .text("fine")
        case "busy": return .status(.serviceUnavailable)
        case "behind":
            _ = try await next(request)
            throw HTTPError(.forbidden, "behind")
        case "changed":
            var response = try await next(request)
            response.status = .badRequest
            return response
        default: return try await next(request)
        }
    }

    private static let told: KeyValuePairs = [
        "http": #"{"message":"Forbidden","data":{"code":"forbidden","status":403}}"#,
        "text":
            #"{"message":"slow \"down\"","data":{"code":"too_many_requests","status":429}}"#,
        "code": #"{"message":"revoked","data":{"code":"token_revoked","status":401}}"#,
        "ours": #"{"message":"banned","data":{"until":2030}}"#,
        "plain": #"{"message":"banned"}"#,
        "secret":
            #"{"message":"internal error","data":{"code":"internal_error","status":500}}"#,
        "redirect": #"{"message":"Unauthorized","data":{"code":"unauthorized","status":401}}"#,
        "fine": #"{"message":"Unauthorized","data":{"code":"unauthorized","status":401}}"#,
        "busy":
            #"{"message":"Service Unavailable","#
            + #""data":{"code":"service_unavailable","status":503}}"#,
        "behind": #"{"message":"behind","data":{"code":"forbidden","status":403}}"#,
        "changed": #"{"message":"Bad Request","data":{"code":"bad_request","status":400}}"#,
    ]

    func testARefusalHasAMessageACodeAndAStatusAndNothingOfInnerErrors() async throws {
        let notes = Notes()
        let io = SocketIO(connect: [Self.obeying], options: quiet) { root in
            root.use { _ in notes.add("asked") }
            root.onConnection { _ in notes.add("connected") }
            root.namespace("/other") { _ in }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            for (token, answer) in Self.told {
                await wire.say("40{\"token\":\"\(token)\"}", "40/other,{\"token\":\"\(token)\"}")
                XCTAssertEqual(wire.take(), ["44" + answer, "44/other," + answer], token)
            }
            XCTAssertEqual(notes.all, [])
            await wire.say("40{\"token\":\"good\"}")
            XCTAssertEqual(notes.all, ["asked", "connected"])
            await wire.close()
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    func testWhatTheNamespacesOwnMiddlewareSeesIsWhatTheChainHasFound() async throws {
        let notes = Notes()
        let io = Tokens.server { root in
            root.use { socket in
                notes.add("\(try socket.request.require(Member.self).username)")
            }
            root.namespaces(where: { wish in
                let name = wish.request.user(Member.self)?.username ?? "nobody"
                notes.add("may \(name) have \(wish.name)")
                return wish.name == "/home/\(name)"
            }) { home in
                home.on("who") { socket in try socket.request.require(Member.self).username }
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined(token: "john")
            await wire.say("40/home/john,{\"token\":\"john\"}")
            await wire.say("42/home/john,1[\"who\"]")
            XCTAssertEqual(wire.take().last, "43/home/john,1[\"john\"]")
            await wire.say("40/home/jane,{\"token\":\"john\"}", "40/home/john2,")
            XCTAssertEqual(
                wire.take().sorted(),
                [
                    "44/home/jane,{\"message\":\"Invalid namespace\"}",
                    "44/home/john2,{\"message\":\"Unauthorized\","
                        + "\"data\":{\"code\":\"unauthorized\",\"status\":401}}",
                ]
            )
            XCTAssertEqual(
                notes.all,
                ["john", "may john have /home/john", "may john have /home/jane"]
            )
            await wire.close()
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    func testADISCONNECTWhileTheChainRunsIsTheEndOfIt() async throws {
        let gate = Gate()
        let hold = Middleware { request, next in
            await gate.pass()
            return try await next(request)
        }
        let notes = Notes()
        let io = Tokens.server(notes, before: [hold])
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40{\"token\":\"john\"}", "42[\"who\"]", "41")
            XCTAssertEqual(gate.arrivals, 1)
            gate.open()
            await wire.rest()
            XCTAssertEqual(wire.take(), [])
            XCTAssertEqual(notes.all, [])
            let count = try await server.run { await io.count(of: 1) }
            XCTAssertEqual(count, 0)
            await wire.say("40{\"token\":\"jane\"}")
            XCTAssertEqual(wire.take().map(Self.withoutSid), ["40{\"sid\":\"SID\"}"])
            await wire.close()
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    func testAConnectionThatEndsWhileTheChainRunsLeavesNothing() async throws {
        for transport in ["websocket", "polling"] {
            let gate = Gate()
            let hold = Middleware { request, next in
                await gate.pass()
                return try await next(request)
            }
            let io = Tokens.server(before: [hold])
            try await withTestServer(App(), io) { server in
                if transport == "polling" {
                    let session = try await server.browser().handshake()
                    _ = try await session.post("40{\"token\":\"john\"}")
                    _ = try await session.post("1")
                } else {
                    let wire = try await server.browser().webSocket()
                    await wire.say("40{\"token\":\"john\"}")
                    await wire.close()
                }
                XCTAssertEqual(gate.arrivals, 1)
                gate.open()
                await server.rest()
                let isEmpty = try await server.run { await io.core.registry.isEmpty }
                XCTAssertTrue(isEmpty, transport)
                let count = try await server.run { await io.clientCount }
                XCTAssertEqual(count, 0)
            }
        }
    }
}
