import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// The end of a token: warned of, and then it is one, to the tick.
final class TokenExpiryTests: XCTestCase {
    private typealias Handled = @Sendable (TestServer, ManualClock) async throws -> Void

    private func run(_ io: SocketIO, _ body: Handled) async throws {
        let clock = ManualClock()
        try await withTestServer(App(), io, clock: clock) { server in
            let now = try await server.run { io.core.engine.server.lane.unixTime }
            XCTAssertEqual(now, Tokens.start)
            try await body(server, clock)
        }
        let isEmpty = await io.core.registry.isEmpty
        XCTAssertTrue(isEmpty)
    }

    // The deadline

    func testASocketIsWarnedAndThenClosedInTheTickInWhichItsTokenExpires() async throws {
        let notes = Notes()
        let io = Tokens.server(notes)
        try await run(io) { server, clock in
            let wire = try await server.browser().joined(token: "john.100")
            await clock.advance(by: .milliseconds(39_999))
            XCTAssertEqual(wire.take(), [])
            await clock.advance(by: .milliseconds(1))
            XCTAssertEqual(wire.take(), ["42[\"auth:expiring\",60]"])
            await clock.advance(by: .milliseconds(59_999))
            await wire.say("421[\"who\"]")
            XCTAssertEqual(wire.take(), ["431[\"john\"]"])
            await clock.advance(by: .milliseconds(1))
            XCTAssertEqual(wire.take(), ["41", "close"])
            XCTAssertEqual(notes.all, ["/ token expired"])
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testTheWarningIsAsTheOptionsSay() async throws {
        var options = Tokens.calm
        options.tokens.warning = .seconds(5)
        options.tokens.warningEvent = "soon"
        try await run(Tokens.server(options: options)) { server, clock in
            let wire = try await server.browser().joined(token: "john.10")
            let short = try await server.browser().webSocket()
            _ = short.take()
            await short.say("40{\"token\":\"john.3\"}")
            let first = short.take()
            XCTAssertTrue(first.first?.hasPrefix("40{") == true)
            XCTAssertEqual(first.dropFirst(), ["42[\"soon\",3]"], "good for less than that")
            await clock.advance(by: .seconds(5))
            XCTAssertEqual(wire.take(), ["42[\"soon\",5]"])
            XCTAssertEqual(short.take(), ["41", "close"])
            await clock.advance(by: .seconds(5))
            XCTAssertEqual(wire.take(), ["41", "close"])
        }
        options.tokens.warning = .zero
        try await run(Tokens.server(options: options)) { server, clock in
            let wire = try await server.browser().joined(token: "john.10")
            await clock.advance(by: .seconds(9))
            XCTAssertEqual(wire.take(), [])
            await clock.advance(by: .seconds(1))
            XCTAssertEqual(wire.take(), ["41", "close"])
        }
    }

    func testATokenIsGoodToTheTickAndNotALittleLonger() async throws {
        try await run(Tokens.server()) { server, clock in
            await clock.advance(by: .milliseconds(59_999))
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            let refused =
                "44{\"message\":\"the token has expired\","
                + "\"data\":{\"code\":\"token_expired\",\"status\":401}}"
            for end in ["59", "0", "-1", "@0", "@-1", "@\(Int64.min)"] {
                await wire.say("40{\"token\":\"john.\(end)\"}")
                XCTAssertEqual(wire.take(), [refused], end)
            }
            await wire.say("40{\"token\":\"john.60\"}")
            XCTAssertEqual(wire.take().dropFirst(), ["42[\"auth:expiring\",1]"])
            await clock.advance(by: .milliseconds(1))
            XCTAssertEqual(wire.take(), ["41", "close"])
            let late = try await server.browser().webSocket()
            _ = late.take()
            await late.say("40{\"token\":\"john.60\"}")
            XCTAssertEqual(late.take(), [refused])
        }
    }

    func testATokenOfManyHoursOrOfAllTimeIsGoodForThatLong() async throws {
        try await run(Tokens.server()) { server, clock in
            let long = try await server.browser().joined(token: "john.\(3_600 * 5 + 1)")
            let ever = try await server.browser().joined(token: "jane.@\(Int64.max)")
            let none = try await server.browser().joined(token: "jane")
            await clock.advance(by: .seconds(3_600 * 5 - 59))
            XCTAssertEqual(long.take(), ["42[\"auth:expiring\",60]"])
            await clock.advance(by: .seconds(60))
            XCTAssertEqual(long.take(), ["41", "close"])
            await clock.advance(by: .seconds(3_600 * 18))
            for wire in [ever, none] {
                await wire.say("421[\"who\"]")
                XCTAssertEqual(wire.take(), ["431[\"jane\"]"])
            }
        }
    }

    func testWithoutAnEndNothingIsArmed() async throws {
        let io = Tokens.server()
        try await run(io) { server, _ in
            let wire = try await server.browser().joined(token: "john")
            await wire.say("40/other,{\"token\":\"john\"}")
            var count = try await server.run { await io.watchedCount }
            XCTAssertEqual(count, 0)
            await wire.say("41", "40{\"token\":\"john.100\"}")
            count = try await server.run { await io.watchedCount }
            XCTAssertEqual(count, 1)
            await wire.say("421[\"reauthenticate\",\"john\"]")
            count = try await server.run { await io.watchedCount }
            XCTAssertEqual(count, 0)
        }
    }

    // Namespaces

    func testTheNamespacesWhoseTokenExpiredAreLeftAndTheConnectionGoesWithTheLast()
        async throws
    {
        let notes = Notes()
        let io = Tokens.server(notes)
        try await run(io) { server, clock in
            let wire = try await server.browser().joined(token: "john.200")
            await wire.say("40/other,{\"token\":\"john.100\"}")
            _ = wire.take()
            await clock.advance(by: .seconds(100))
            XCTAssertEqual(wire.take(), ["42/other,[\"auth:expiring\",60]", "41/other,"])
            XCTAssertEqual(notes.take(), ["/other token expired"])
            // Its last words are no offence, and it may come back with a better one.
            await wire.say("42/other,[\"who\"]", "421[\"who\"]")
            XCTAssertEqual(wire.take(), ["431[\"john\"]"])
            await wire.say("40/other,{\"token\":\"john.100\"}")
            XCTAssertTrue(wire.take().first?.contains("token_expired") == true)
            await wire.say("40/other,{\"token\":\"john.190\"}")
            XCTAssertTrue(wire.take().first?.hasPrefix("40/other,") == true)
            await clock.advance(by: .seconds(90))
            XCTAssertEqual(
                wire.take(),
                ["42/other,[\"auth:expiring\",60]", "42[\"auth:expiring\",60]", "41/other,"]
            )
            await clock.advance(by: .seconds(10))
            XCTAssertEqual(wire.take(), ["41", "close"])
            XCTAssertEqual(notes.take(), ["/other token expired", "/ token expired"])
        }
    }

    func testASocketInItsMiddlewareIsRefusedWhenItsTokenExpires() async throws {
        let (gate, notes) = (Gate(), Notes())
        let io = Tokens.server(notes) { root in
            root.use { _ in await gate.pass() }
            root.onConnection { _ in notes.add("connected") }
        }
        try await run(io) { server, clock in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40{\"token\":\"john.10\"}")
            await clock.advance(by: .seconds(10))
            XCTAssertEqual(
                wire.take(),
                [
                    "44{\"message\":\"the token has expired\","
                        + "\"data\":{\"code\":\"token_expired\",\"status\":401}}", "close",
                ]
            )
            gate.open()
            await wire.rest()
            XCTAssertEqual(notes.all, [])
        }
    }

    func testATokenThatExpiresWhileTheChainRunsIsRefused() async throws {
        let gate = Gate()
        let hold = Middleware { request, next in
            let response = try await next(request)
            await gate.pass()
            return response
        }
        try await run(Tokens.server(before: [hold])) { server, clock in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40{\"token\":\"john.10\"}")
            await clock.advance(by: .seconds(10))
            gate.open()
            await wire.rest()
            XCTAssertTrue(wire.take().first?.contains("token_expired") == true)
        }
    }

    // The handshake

    func testAHandshakesTokenEndsTheConnectionAndAllItsNamespaces() async throws {
        let notes = Notes()
        let chain = [Tokens.bearer, .require(Member.self)]
        let io = SocketIO(handshake: chain, options: Tokens.calm) { root in
            Tokens.fill(&root, notes)
            root.namespace("/other") { other in Tokens.fill(&other, notes) }
        }
        try await run(io) { server, clock in
            let headers: Headers = ["Authorization": "Bearer john.70"]
            let wire = try await server.browser().webSocket(headers: headers)
            await wire.say("40", "40/other,")
            _ = wire.take()
            await clock.advance(by: .seconds(10))
            XCTAssertEqual(
                wire.take(),
                ["42[\"auth:expiring\",60]", "42/other,[\"auth:expiring\",60]"]
            )
            await wire.say("421[\"reauthenticate\",\"john.900\"]")
            XCTAssertEqual(
                wire.take(),
                [
                    "431[{\"error\":{\"message\":\"no chain for tokens\","
                        + "\"code\":\"no_connect_chain\"}}]"
                ]
            )
            let idle = try await server.browser().webSocket(headers: headers)
            await clock.advance(by: .seconds(60))
            XCTAssertEqual(wire.take(), ["41", "41/other,", "close"])
            XCTAssertEqual(notes.all.sorted(), ["/ token expired", "/other token expired"])
            XCTAssertEqual(idle.take().last, "close", "in no namespace")
            let late = try await server.browser().webSocket(headers: headers)
            XCTAssertEqual(late.response?.status, 401)
            XCTAssertEqual(
                late.body,
                "{\"code\":4,\"message\":\"the token has expired\","
                    + "\"data\":{\"code\":\"token_expired\"}}"
            )
            let poll = try await server.browser()
                .wire("GET", "EIO=4&transport=polling", headers: headers)
            XCTAssertEqual(poll.response?.status, 401)
        }
    }

    func testAFreshTokenAtCONNECTOutlivesTheHandshakes() async throws {
        let io = SocketIO(
            handshake: [Tokens.bearer],
            connect: [Tokens.bearer, .require(Member.self)],
            options: Tokens.calm
        ) { root in
            Tokens.fill(&root, Notes())
            root.namespace("/other") { _ in }
        }
        try await run(io) { server, clock in
            let headers: Headers = ["Authorization": "Bearer john.10"]
            let wire = try await server.browser().webSocket(headers: headers)
            await wire.say("40{\"token\":\"john.100\"}")
            _ = wire.take()
            await clock.advance(by: .seconds(30))
            await wire.say("40/other,", "421[\"who\"]")
            let told = wire.take().sorted()
            XCTAssertEqual(told.first, "431[\"john\"]")
            XCTAssertTrue(told.last?.contains("token_expired") == true, "that of the handshake")
            await wire.say("41")
            await wire.rest()
            XCTAssertEqual(wire.take(), [])
            await clock.advance(by: .seconds(70))
            XCTAssertEqual(wire.take(), ["close"], "nobody on it is anybody any more")
        }
    }

    // What clients are told

    func testAClientThatMayReconnectIsClosedWithoutAWordAndFindsItsSocketAgain() async throws {
        var options = Tokens.calm
        options.recovery = RecoveryOptions()
        options.engine.pingInterval = .seconds(25)
        options.tokens.mayReconnect = true
        let notes = Notes()
        let io = Tokens.server(notes, options: options)
        try await run(io) { server, clock in
            let browser = server.browser()
            let tab = try await browser.connect(token: "john.20")
            let other = try await tab.connection.join("/other", token: "john")
            await clock.advance(by: .seconds(20))
            let reason = await tab.disconnected
            XCTAssertEqual(reason, .tokenExpired)
            let rest = await other.disconnected
            XCTAssertEqual(rest, .forcedClose, "it comes back with the connection")
            XCTAssertEqual(notes.all.sorted(), ["/ token expired", "/other forced close"])
            try await server.act { try await io.in(.user(1)).emit("missed") }
            // Not as it was, nor as somebody else.
            for token in ["john.20", "nobody"] {
                do {
                    _ = try await browser.reconnect(tab, auth: ["token": token])
                    XCTFail(token)
                } catch {
                    XCTAssertNotNil(error as? ConnectRefused)
                }
            }
            let jane = try await browser.reconnect(tab, auth: ["token": "jane"])
            XCTAssertFalse(jane.isRecovered)
            let again = try await browser.reconnect(tab, auth: ["token": "john.500"])
            XCTAssertTrue(again.isRecovered)
            let names = await again.pending
            XCTAssertEqual(names, ["missed"])
        }
    }

    func testAClientThatMayNotReconnectIsNoMoreRecovered() async throws {
        var options = Tokens.calm
        options.recovery = RecoveryOptions()
        try await run(Tokens.server(options: options)) { server, clock in
            let browser = server.browser()
            let tab = try await browser.connect(token: "john.20")
            await clock.advance(by: .seconds(20))
            let reason = await tab.disconnected
            XCTAssertEqual(reason, .tokenExpired)
            let again = try await browser.reconnect(tab, auth: ["token": "john.500"])
            XCTAssertFalse(again.isRecovered)
        }
    }

    func testAPollerThatIsNotThereHearsOfItAtItsNextPollAndOfNothingElse() async throws {
        let notes = Notes()
        let io = Tokens.server(notes)
        try await run(io) { server, clock in
            let session = try await server.browser().handshake()
            _ = try await session.post("40{\"token\":\"john.20\"}")
            let first = try await session.poll()
            XCTAssertTrue(first.body?.hasSuffix("42[\"auth:expiring\",20]") == true)
            try await server.act { try await io.emit("secret") }
            await clock.advance(by: .seconds(20))
            XCTAssertEqual(notes.all, ["/ token expired"])
            try await server.act { try await io.emit("later") }
            let poll = try await session.poll()
            XCTAssertEqual(poll.body, "41\u{1E}1")
            let next = try await session.poll()
            XCTAssertEqual(next.response?.status, 400)

            let parked = try await server.browser().handshake()
            _ = try await parked.post("40{\"token\":\"john.60\"}")
            _ = try await parked.poll()
            let open = try await parked.poll()
            XCTAssertNil(open.response)
            await clock.advance(by: .seconds(40))
            XCTAssertEqual(open.body, "41\u{1E}1")
        }
    }
}
