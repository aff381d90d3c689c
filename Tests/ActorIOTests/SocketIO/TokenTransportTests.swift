import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Tokens by every transport, every packet format, and from old clients.
final class TokenTransportTests: XCTestCase {
    private struct Life: Sendable {
        var options: SocketIO.Options
        var transport: Browser.Transport
    }

    private static var lives: [Life] {
        var packed = Tokens.calm
        packed.parser = MessagePackParser()
        return Browser.Transport.allCases.flatMap { transport in
            [Tokens.calm, packed].map { Life(options: $0, transport: transport) }
        }
    }

    func testAWholeLifeIsTheSameOnEveryTransportAndInEveryFormat() async throws {
        for life in Self.lives {
            let (clock, notes) = (ManualClock(), Notes())
            let io = Tokens.server(notes, options: life.options)
            let said = "\(life.transport) \(life.options.parser.map { "\($0)" } ?? "text")"
            try await withTestServer(App(), io, clock: clock) { server in
                let browser = server.browser()
                do {
                    _ = try await browser.connect(transport: life.transport, token: "nobody")
                    XCTFail(said)
                } catch let error as ConnectRefused {
                    XCTAssertEqual(error.code, "unauthorized", said)
                    XCTAssertEqual(error.message, "who is that?")
                }
                let tab = try await browser.connect(transport: life.transport, token: "john.100")
                await clock.advance(by: .seconds(40))
                let left: Int = try await tab.next("auth:expiring").decode(0)
                XCTAssertEqual(left, 60, said)
                let good: Int = try await tab.call("reauthenticate", "john.300")
                XCTAssertEqual(good, 260, said)
                await clock.advance(by: .seconds(200))
                let name: String = try await tab.call("who")
                XCTAssertEqual(name, "john", said)
                await clock.advance(by: .seconds(60))
                let reason = await tab.disconnected
                XCTAssertEqual(reason, .tokenExpired, said)
                XCTAssertEqual(notes.all, ["/ token expired"], said)
            }
        }
    }

    func testOldClientsShowTheTokenInTheQueryOfANamespaceAndGetOneObject() async throws {
        let clock = ManualClock()
        var options = Tokens.calm
        options.engine.allowsEIO3 = true
        let io = Tokens.server(options: options)
        try await withTestServer(App(), io, clock: clock) { server in
            // They join the root namespace without a payload, so by what the handshake shows.
            let nobody = try await server.browser().webSocket("EIO=3&transport=websocket")
            XCTAssertEqual(
                nobody.take().last,
                "44{\"message\":\"Unauthorized\",\"code\":\"unauthorized\",\"status\":401}"
            )
            let wire = try await server.browser().webSocket(
                "EIO=3&transport=websocket",
                headers: ["Authorization": "Bearer john.100"]
            )
            XCTAssertEqual(wire.take().last, "40")
            await wire.say("40/other?token=nobody,")
            await wire.say("40/other?token=jane")
            XCTAssertEqual(
                wire.take(),
                [
                    "44/other,{\"message\":\"who is that?\",\"code\":\"unauthorized\","
                        + "\"status\":401}",
                    "44/other,{\"message\":\"this connection belongs to another user\","
                        + "\"code\":\"other_user\",\"status\":403}",
                ]
            )
            await wire.say("40/other?token=john.90,")
            await wire.say("42/other,1[\"who\"]")
            XCTAssertEqual(wire.take(), ["40/other,", "43/other,1[\"john\"]"])
            await clock.advance(by: .seconds(90))
            XCTAssertEqual(
                wire.take(),
                [
                    "42/other,[\"auth:expiring\",60]", "42[\"auth:expiring\",60]", "41/other,",
                ]
            )
            await wire.say("422[\"reauthenticate\",\"john.120\"]")
            XCTAssertEqual(wire.take(), ["432[30]", "42[\"auth:expiring\",30]"])
            await clock.advance(by: .seconds(30))
            XCTAssertEqual(wire.take(), ["41", "close"])
        }
    }

    /// H20: a token at CONNECT loosens nothing of what binds the connection to its cookie.
    func testLaterRequestsOfAConnectionStillShowTheSessionOfItsHandshake() async throws {
        let store = SessionStore()
        let (app, _, _) = makePassportExample(store: store)
        let session = Middleware.session(store, secret: "changeit")
        let passport = Passport<Member>.local { _, _ in nil }
        let io = SocketIO(
            handshake: [session, passport.session],
            connect: [Tokens.bearer, .require(Member.self)],
            options: quiet
        ) { root in Tokens.fill(&root, Notes()) }
        try await withTestServer(app, io) { server in
            let (john, jane) = (server.browser(), server.browser())
            try await john.logIn("john")
            try await jane.logIn("jane")
            let opened = try await john.handshake()
            _ = try await opened.post("40{\"token\":\"john\"}")
            for other in [jane, server.browser()] {
                let stolen = RawSession(browser: other, sid: opened.sid)
                let poll = try await stolen.poll()
                XCTAssertEqual(poll.response?.status, 403)
                let upgrade = try await stolen.upgrade()
                XCTAssertEqual(upgrade.response?.status, 403)
                let post = try await stolen.post("421[\"who\"]")
                XCTAssertEqual(post.response?.status, 403)
            }
            let poll = try await opened.poll()
            XCTAssertEqual(poll.response?.status, 200)
            try await server.act { try await store.endAllSessions(of: 1) }
            let last = try await opened.poll()
            XCTAssertEqual(last.body, "41\u{1E}1")
        }
    }
}
