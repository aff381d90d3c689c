import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// A fresh token on a living socket.
final class ReauthenticationTests: XCTestCase {
    private static func failure(_ message: String, _ code: String) -> String {
        "[{\"error\":{\"message\":\"\(message)\",\"code\":\"\(code)\"}}]"
    }

    private static let other = failure("this connection belongs to another user", "other_user")

    func testAFreshTokenTakesThePlaceOfTheOldOneAndItsEndCounts() async throws {
        let (clock, notes) = (ManualClock(), Notes())
        let io = Tokens.server(notes)
        try await withTestServer(App(), io, clock: clock) { server in
            let wire = try await server.browser().joined(token: "john.100")
            await clock.advance(by: .seconds(41))
            XCTAssertEqual(wire.take(), ["42[\"auth:expiring\",60]"])
            await wire.say("421[\"reauthenticate\",\"john.200\"]")
            await wire.say("422[\"token\"]")
            XCTAssertEqual(wire.take(), ["431[159]", "432[\"john.200\"]"])
            await clock.advance(by: .seconds(98))
            XCTAssertEqual(wire.take(), [], "neither warned of the old one nor closed by it")
            await clock.advance(by: .seconds(1))
            XCTAssertEqual(wire.take(), ["42[\"auth:expiring\",60]"])
            await wire.say("423[\"reauthenticate\",\"john.180\"]")
            XCTAssertEqual(wire.take(), ["433[40]", "42[\"auth:expiring\",40]"], "an earlier end")
            await wire.say("424[\"reauthenticate\",\"john\"]")
            XCTAssertEqual(wire.take(), ["434[null]"])
            await clock.advance(by: .seconds(9_000))
            await wire.say("425[\"reauthenticate\",\"john.9200\"]")
            XCTAssertEqual(wire.take(), ["435[60]", "42[\"auth:expiring\",60]"])
            XCTAssertEqual(notes.all, [])
            await clock.advance(by: .seconds(59))
            await wire.say("426[\"who\"]")
            XCTAssertEqual(wire.take().last, "436[\"john\"]")
            let counts = try await server.run { [await io.count(of: 1), await io.count] }
            XCTAssertEqual(counts, [1, 1])
        }
    }

    func testARefusedTokenChangesNothing() async throws {
        let (clock, notes) = (ManualClock(), Notes())
        let io = Tokens.server(notes)
        try await withTestServer(App(), io, clock: clock) { server in
            let wire = try await server.browser().joined(token: "john.100")
            let refusals: KeyValuePairs = [
                "\"jane\"": Self.other,
                "\"jane.200\"": Self.other,
                "\"nobody\"": "[{\"error\":{\"message\":\"who is that?\"}}]",
                "\"john.0\"": Self.failure("the token has expired", "token_expired"),
                "\"\"": Self.failure("the token can not be read", "invalid_token"),
                "\"a\\nb\"": Self.failure("the token can not be read", "invalid_token"),
                "\"\(String(repeating: "t", count: 65_537))\"":
                    Self.failure("the token can not be read", "invalid_token"),
                "7": "[{\"error\":{\"message\":\"invalid payload\"}}]",
                "null": "[{\"error\":{\"message\":\"invalid payload\"}}]",
                "{\"token\":\"john\"}": "[{\"error\":{\"message\":\"invalid payload\"}}]",
            ]
            for (argument, answer) in refusals {
                await wire.say("421[\"reauthenticate\",\(argument)]", "422[\"token\"]")
                XCTAssertEqual(
                    wire.take().sorted(),
                    ["431" + answer, "432[\"john.100\"]"],
                    String(argument.prefix(20))
                )
            }
            let jane = try await server.run { await io.count(of: 2) }
            XCTAssertEqual(jane, 0)
            await clock.advance(by: .seconds(100))
            XCTAssertEqual(wire.take(), ["42[\"auth:expiring\",60]", "41", "close"])
            XCTAssertEqual(notes.all, ["/ token expired"])
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    func testWhoIsNobodyDoesNotBecomeSomebodyNorSomebodyNobody() async throws {
        let io = SocketIO(connect: [Tokens.bearer], options: quiet) { root in
            Tokens.fill(&root, Notes())
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("421[\"reauthenticate\",\"john\"]")
            XCTAssertEqual(wire.take(), ["431" + Self.other])
            let count = try await server.run { await io.count(of: 1) }
            XCTAssertEqual(count, 0)
        }
        let blind = SocketIO(
            connect: [
                Middleware { request, next in
                    var request = request
                    if Tokens.token(of: request) == "john" { request.userID = "1" }
                    return try await next(request)
                }
            ],
            options: quiet
        ) { root in root.acceptsReauthentication(event: "renew") }
        try await withTestServer(App(), blind) { server in
            let wire = try await server.browser().joined(token: "john")
            await wire.say("421[\"renew\",\"x\"]")
            await wire.say("422[\"renew\",\"john\"]")
            XCTAssertEqual(wire.take(), ["431" + Self.other, "432[null]"])
        }
    }

    func testOneAtATimeAndWhoLeavesMeanwhileLeavesNothing() async throws {
        let gate = Gate()
        let hold = Middleware { request, next in
            if Tokens.token(of: request) == "john.500" { await gate.pass() }
            return try await next(request)
        }
        let notes = Notes()
        let io = Tokens.server(notes, before: [hold])
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined(token: "john.100")
            await wire.say(
                "421[\"reauthenticate\",\"john.500\"]",
                "422[\"reauthenticate\",\"john.900\"]",
                "423[\"token\"]"
            )
            XCTAssertEqual(
                wire.take().sorted(),
                [
                    "432" + Self.failure("a token is looked at already", "busy"),
                    "433[\"john.100\"]",
                ]
            )
            await wire.say("41")
            gate.open()
            await wire.rest()
            XCTAssertEqual(wire.take(), [])
            let rooms = try await server.run { await io.core.registry.connectionRoomCount }
            XCTAssertEqual(rooms, 0)
            await wire.say("40{\"token\":\"john.100\"}")
            await wire.say("424[\"reauthenticate\",\"john.900\"]")
            XCTAssertEqual(wire.take().last, "434[900]")
            await wire.close()
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    func testATokenThatIsLookedAtWhenTheOldOneExpiresComesTooLate() async throws {
        let (clock, gate, notes) = (ManualClock(), Gate(), Notes())
        let hold = Middleware { request, next in
            if Tokens.token(of: request) == "john.500" { await gate.pass() }
            return try await next(request)
        }
        let io = Tokens.server(notes, before: [hold])
        try await withTestServer(App(), io, clock: clock) { server in
            let wire = try await server.browser().joined(token: "john.100")
            await clock.advance(by: .seconds(99))
            await wire.say("421[\"reauthenticate\",\"john.500\"]")
            await clock.advance(by: .seconds(1))
            XCTAssertEqual(wire.take().suffix(2), ["41", "close"])
            gate.open()
            await wire.rest()
            XCTAssertEqual(notes.all, ["/ token expired"])
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    /// H21: the request is that of the last proof, one and the same value until the next.
    func testHandlersSeeTheNewRequestAndHaveTheirRoomsInTheirOwnHands() async throws {
        let io = Tokens.server { root in
            root.on("renew") { (socket, token: String) async throws -> [String] in
                let before = socket.request
                try await socket.reauthenticate(token)
                if Tokens.token(of: socket.request) == "john.200" {
                    await socket.join("staff")
                } else {
                    await socket.leave("staff")
                }
                return [Tokens.token(of: before) ?? "", Tokens.token(of: socket.request) ?? ""]
            }
        }
        try await withTestServer(App(), io) { server in
            let tab = try await server.browser().connect(token: "john")
            var tokens: [String] = try await tab.call("renew", "john.200")
            XCTAssertEqual(tokens, ["john", "john.200"])
            var rooms: [String] = try await tab.call("rooms")
            XCTAssertTrue(rooms.contains("staff") && rooms.contains("user:1"))
            tokens = try await tab.call("renew", "john.300")
            XCTAssertEqual(tokens, ["john.200", "john.300"])
            rooms = try await tab.call("rooms")
            XCTAssertFalse(rooms.contains("staff"))
        }
    }

    func testASessionAtTheTokensPlaceIsChangedForAnotherOfTheSameUser() async throws {
        let store = SessionStore()
        let (app, _, _) = makePassportExample(store: store)
        let session = Middleware.session(store, secret: "changeit")
        let passport = Passport<Member>.local { _, _ in nil }
        let chain = [session, passport.session, .require(Member.self)]
        let io = SocketIO(connect: chain, options: quiet) { root in Tokens.fill(&root, Notes()) }
        try await withTestServer(app, io) { server in
            @Sendable func logIn(_ name: String) async throws -> (String, SessionID) {
                let browser = server.browser()
                try await browser.logIn(name)
                let token = browser.sessionToken
                let user = name == "john" ? 1 : 2
                let all = try await server.run { await store.sessions(of: user).map(\.id) }
                return (token, try XCTUnwrap(all.first { token.contains($0.description) }))
            }
            let (first, second) = (try await logIn("john"), try await logIn("john"))
            let jane = try await logIn("jane")
            let tab = try await server.browser().connect(token: first.0)
            var rooms: [String] = try await tab.call("rooms")
            XCTAssertTrue(rooms.contains("session:\(first.1)"))
            _ = try await tab.ask("reauthenticate", jane.0)
            _ = try await tab.ask("reauthenticate", second.0)
            rooms = try await tab.call("rooms")
            XCTAssertEqual(
                rooms.filter { $0.hasPrefix("session:") },
                ["session:\(second.1)"]
            )
            // The old one is nothing to it any more, nor is the one that was refused.
            try await server.act {
                try await store.endSession(first.1)
                try await store.endSession(jane.1)
            }
            var isConnected = await tab.isConnected
            XCTAssertTrue(isConnected)
            try await server.act { try await store.endSession(second.1) }
            isConnected = await tab.isConnected
            XCTAssertFalse(isConnected)
            let reason = await tab.disconnected
            XCTAssertEqual(reason, .serverDisconnect)
        }
    }

    func testEventsKeepTheSessionOfTheTokenAliveAndAfterItTheNext() async throws {
        let store = SessionStore { $0.idleLifetime = .seconds(100) }
        let (app, _, _) = makePassportExample(store: store)
        let session = Middleware.session(store, secret: "changeit")
        let passport = Passport<Member>.local { _, _ in nil }
        let chain = [session, passport.session, .require(Member.self)]
        let io = SocketIO(connect: chain, options: Tokens.calm) { root in
            Tokens.fill(&root, Notes())
        }
        let clock = ManualClock()
        try await withTestServer(app, io, clock: clock) { server in
            let (first, second) = (server.browser(), server.browser())
            try await first.logIn()
            let tab = try await server.browser().connect(token: first.sessionToken)
            for _ in 0..<5 {
                await clock.advance(by: .seconds(60))
                _ = try await tab.ask("who")
            }
            try await second.logIn()
            _ = try await tab.ask("reauthenticate", second.sessionToken)
            for _ in 0..<5 {
                await clock.advance(by: .seconds(60))
                _ = try await tab.ask("who")
            }
            let isConnected = await tab.isConnected
            XCTAssertTrue(isConnected)
            let count = try await server.run { await store.sessions(of: 1).count }
            XCTAssertEqual(count, 1, "nobody uses the first any more")
            await clock.advance(by: .seconds(100))
            let reason = await tab.disconnected
            XCTAssertEqual(reason, .serverDisconnect)
        }
    }

    func testARecoveredSocketIsTheOneOfItsLastToken() async throws {
        var options = Tokens.calm
        options.recovery = RecoveryOptions()
        options.recovery?.identity = { request in
            request.headers["authorization"]?.suffix(1) == "0" ? "even" : "odd"
        }
        let io = Tokens.server(options: options)
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let tab = try await browser.connect(token: "john.100")
            let odd = try await tab.ask("reauthenticate", "john.101")
            XCTAssertNotNil(callError(in: odd), "as the app knows it, somebody else")
            _ = try await tab.ask("reauthenticate", "john.200")
            await tab.reset()
            let other = try await browser.reconnect(tab, auth: ["token": "john.101"])
            XCTAssertFalse(other.isRecovered)
            let again = try await browser.reconnect(tab, auth: ["token": "john.300"])
            XCTAssertTrue(again.isRecovered)
        }
    }
}
