import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// A saved socket belongs to a login: nobody else gets it, and it ends with its session.
final class RecoveryLoginTests: XCTestCase {
    private struct Site: Sendable {
        let app: App
        let io: SocketIO
        let store: SessionStore

        /// How many sockets are away, those included whose last handlers still run.
        var savedCount: Int {
            let extent = io.core.registry.recovery?.extent
            return (extent?.saved ?? 0) + (extent?.leaving ?? 0)
        }
    }

    private static func site(
        _ store: SessionStore = SessionStore(),
        _ extend: @escaping @Sendable (inout Namespace) -> Void = { _ in }
    ) -> Site {
        let (app, io, store) = makePassportExample(options: keeping(), store: store, extend)
        return Site(app: app, io: io, store: store)
    }

    /// A logged-in client that has lost its connection.
    private static func away(_ server: TestServer, _ browser: Browser) async throws -> TestSocket {
        let tab = try await browser.connect()
        await tab.reset()
        await server.rest()
        return tab
    }

    func testTheSameLoginIsRecoveredInTheRoomsOfItsConnection() async throws {
        let site = Self.site()
        try await withTestServer(site.app, site.io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let tab = try await Self.away(server, browser)
            let id = try await server.run { await site.store.sessions(of: 1)[0].id }
            try await server.tell(site.io, "to the user", in: .user(1))
            try await server.tell(site.io, "to another", in: .user(2))
            try await server.tell(site.io, "to the session", in: .session(id))
            let again = try await browser.reconnect(tab)
            XCTAssertTrue(again.isRecovered)
            let pending = await again.pending
            XCTAssertEqual(pending, ["to the user", "to the session"])
            let name = try await again.call(Chat.whoami)
            XCTAssertEqual(name, "john")
            let count = try await server.run { await site.io.in(.session(id)).count }
            XCTAssertEqual(count, 1)
        }
    }

    func testAnotherUserAnotherSessionAndAnotherDeviceGetNewSockets() async throws {
        let site = Self.site()
        try await withTestServer(site.app, site.io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let tab = try await Self.away(server, browser)
            for name in ["jane", "john"] {
                let other = server.browser()
                try await other.logIn(name)
                let new = try await other.reconnect(tab)
                XCTAssertFalse(new.isRecovered, name)
                XCTAssertNotEqual(new.id, tab.id)
                let who = try await new.call(Chat.whoami)
                XCTAssertEqual(who, name)
            }
            let mine = try await browser.reconnect(tab)
            XCTAssertTrue(mine.isRecovered)
        }
    }

    func testNobodyWithoutALoginPassesTheHandshakeChain() async throws {
        let site = Self.site()
        try await withTestServer(site.app, site.io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let tab = try await Self.away(server, browser)
            do {
                _ = try await server.browser().reconnect(tab)
                XCTFail("came back without a login")
            } catch let refusal as HandshakeRefused {
                XCTAssertEqual(refusal.status, 401)
            }
        }
    }

    func testALogoutTakesTheSavedSocketsWithIt() async throws {
        let site = Self.site()
        try await withTestServer(site.app, site.io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let tab = try await Self.away(server, browser)
            XCTAssertEqual(site.savedCount, 1)
            try await browser.post("/logout")
            XCTAssertEqual(site.savedCount, 0)
            try await browser.logIn()
            let again = try await browser.reconnect(tab)
            XCTAssertFalse(again.isRecovered)
        }
    }

    func testALoginInTheSameBrowserIsAnotherSession() async throws {
        let site = Self.site()
        try await withTestServer(site.app, site.io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let tab = try await Self.away(server, browser)
            try await browser.logIn()
            XCTAssertEqual(site.savedCount, 0)
            let again = try await browser.reconnect(tab)
            XCTAssertFalse(again.isRecovered)
        }
    }

    func testASessionThatExpiresTakesItsSavedSocketsWithIt() async throws {
        let store = SessionStore { $0.idleLifetime = .seconds(30) }
        let site = Self.site(store)
        let clock = ManualClock()
        try await withTestServer(site.app, site.io, clock: clock) { server in
            let browser = server.browser()
            try await browser.logIn()
            _ = try await Self.away(server, browser)
            await clock.advance(by: .seconds(29))
            XCTAssertEqual(site.savedCount, 1)
            await clock.advance(by: .seconds(2))
            XCTAssertEqual(site.savedCount, 0)
        }
    }

    func testASocketThatALogoutHasEndedIsNotSaved() async throws {
        for transport in Browser.Transport.allCases {
            let site = Self.site { root in root.onDisconnecting { _, _ in await Task.yield() } }
            try await withTestServer(site.app, site.io) { server in
                let browser = server.browser()
                try await browser.logIn()
                let tab = try await browser.connect(transport: transport)
                try await browser.post("/logout")
                await server.rest()
                XCTAssertEqual(site.savedCount, 0)
                try await browser.logIn()
                let again = try await browser.reconnect(tab)
                XCTAssertFalse(again.isRecovered)
            }
        }
    }

    func testALogoutDuringTheLastHandlersForgetsTheSocket() async throws {
        let gate = Gate()
        let site = Self.site { root in root.onDisconnecting { _, _ in await gate.pass() } }
        try await withTestServer(site.app, site.io) { server in
            let browser = server.browser()
            try await browser.logIn()
            _ = try await Self.away(server, browser)
            XCTAssertEqual(site.savedCount, 1)
            try await browser.post("/logout")
            XCTAssertEqual(site.savedCount, 0)
            gate.open()
            await server.rest()
            XCTAssertEqual(site.savedCount, 0)
        }
    }

    func testAConnectionThatIsLostWhileItsSessionEndsIsNotSaved() async throws {
        let site = Self.site()
        try await withTestServer(site.app, site.io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let tab = try await browser.connect()
            try await server.act {
                let id = await site.store.sessions(of: 1)[0].id
                await site.io.core.registry.beginEnd(of: id)
            }
            await tab.reset()
            await server.rest()
            XCTAssertEqual(site.savedCount, 0)
        }
    }

    func testARecoveryThatIsUnderWayWhileItsSessionEndsComesToNothing() async throws {
        let gate = Gate()
        let store = SessionStore()
        let options = keeping { $0.skipsMiddleware = false }
        let (app, io, _) = makePassportExample(options: options, store: store) { root in
            root.use { socket in
                if socket.isRecovered { await gate.pass() }
            }
        }
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let tab = try await Self.away(server, browser)
            try await server.tell(io, "missed")
            let wire = try await browser.webSocket()
            _ = wire.take()
            await wire.say("40{\"pid\":\"\(tab.recoveryID ?? "")\"}")
            XCTAssertEqual(gate.arrivals, 1)
            try await server.act {
                let id = await store.sessions(of: 1)[0].id
                await io.core.registry.beginEnd(of: id)
            }
            gate.open()
            await server.rest()
            XCTAssertEqual(wire.take(), ["close"])
            let count = try await server.run { await io.count }
            XCTAssertEqual(count, 0)
            XCTAssertEqual(io.core.registry.recovery?.extent.saved, 0)
        }
    }

    func testTheApplicationSaysWhoIsWhoWhereLoginsAreNotSessions() async throws {
        let options = keeping { $0.identity = { $0.headers["x-token"] } }
        let io = SocketIO(options: options)
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            func hear(_ token: String?, _ connect: String) async throws -> [String] {
                let headers: Headers = token.map { ["X-Token": $0] } ?? [:]
                let wire = try await browser.webSocket(headers: headers)
                _ = wire.take()
                await wire.say(connect)
                return wire.take()
            }
            let wire = try await browser.webSocket(headers: ["X-Token": "john"])
            _ = wire.take()
            await wire.say("40")
            let me = try Recoverer(wire, try XCTUnwrap(wire.take().last))
            await wire.close()
            let wish = "40{\"pid\":\"\(me.pid)\"}"
            for other in ["jane", nil] {
                let heard = try await hear(other, wish)
                XCTAssertEqual(heard.count, 1)
                XCTAssertFalse((heard.first ?? "").contains(me.sid))
            }
            let heard = try await hear("john", wish)
            XCTAssertEqual(heard, [me.answer])
        }
    }

    func testAStrangersSocketDoesNotBecomeAUsers() async throws {
        let store = SessionStore()
        let session = Middleware.session(store, secret: "changeit")
        let (app, example, _) = makePassportExample(store: store)
        _ = example
        let io = SocketIO(handshake: [session], options: keeping())
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            let tab = try await Self.away(server, browser)
            try await browser.logIn()
            let again = try await browser.reconnect(tab)
            XCTAssertFalse(again.isRecovered)
            let stranger = try await server.browser().reconnect(tab)
            XCTAssertTrue(stranger.isRecovered)
        }
    }
}

extension RoomRegistry {
    /// The first step of an ending: its connections are marked, and not closed yet.
    fileprivate func beginEnd(of session: SessionID) {
        recovery?.forget(session)
        _ = connections.revoke(.session(session))
    }
}
