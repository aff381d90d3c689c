import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What keeps a session alive when its page lives on a socket.
final class SessionActivityTests: XCTestCase {
    private func store(
        _ activity: SessionStore.SocketActivity? = nil,
        backing: FaultyBacking? = nil
    ) -> SessionStore {
        SessionStore(backing: backing) { options in
            options.idleLifetime = .seconds(100)
            options.absoluteLifetime = .seconds(1_000)
            options.log = .disabled
            if let activity { options.socketActivity = activity }
        }
    }

    /// How many seconds a session lives whose client sends something every so often.
    private func life(
        _ store: SessionStore,
        _ transport: Browser.Transport = .webSocket,
        every seconds: Int,
        upTo limit: Int,
        _ act: @escaping @Sendable (TestSocket) async throws -> Void
    ) async throws -> Int {
        let clock = ManualClock()
        let (app, io, _) = makePassportExample(store: store) { root in
            root.on("note") { _ in }
        }
        return try await withTestServer(app, io, clock: clock) { server in
            let browser = server.browser()
            try await browser.logIn()
            let tab = try await browser.connect(transport: transport)
            var lived = 0
            while lived < limit {
                await clock.advance(by: .seconds(seconds))
                guard await tab.isConnected else { return lived }
                lived += seconds
                try await act(tab)
                await server.rest()
            }
            return lived
        }
    }

    func testEventsKeepASessionAliveUntilItsAbsoluteEnd() async throws {
        for transport in Browser.Transport.allCases {
            let lived = try await life(store(), transport, every: 50, upTo: 2_000) { tab in
                try await tab.emit("note")
            }
            XCTAssertEqual(lived, 950, "\(transport)")
        }
    }

    func testHeartbeatsDoNotUnlessAskedTo() async throws {
        let silent = try await life(store(), every: 10, upTo: 300) { _ in }
        XCTAssertEqual(silent, 90)
        let connected = try await life(store(.connected), every: 10, upTo: 300) { _ in }
        XCTAssertEqual(connected, 300)
    }

    func testSocketsCanBeOfNoAccount() async throws {
        let lived = try await life(store(.ignored), every: 10, upTo: 300) { tab in
            try await tab.emit("note")
        }
        XCTAssertEqual(lived, 90)
    }

    func testABusySocketIsNoticedTenTimesInAnIdleLifetime() async throws {
        let backing = FaultyBacking()
        _ = try await life(store(backing: backing), every: 1, upTo: 200) { tab in
            for _ in 0..<5 { try await tab.emit("note") }
        }
        XCTAssertGreaterThan(backing.count(.touch), 15)
        XCTAssertLessThanOrEqual(backing.count(.touch), 20)
    }

    func testAPageThatLivesOnItsSocketRenewsItsCookie() async throws {
        var policy = SessionPolicy()
        policy.lifetime = .seconds(1_000)
        let store = SessionStore()
        let session = Middleware.session(store, secret: "x", policy: policy)
        let io = SocketIO(handshake: [session], options: quiet)
        var app = App()
        app.log = .disabled
        app.use(session)
        app.post("/begin") { request in
            try await request.session.update { $0.set("name", "john") }
            return .status(.noContent)
        }
        app.post("/session", Session.renewal)
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            let nobody = try await browser.post("/session")
            XCTAssertEqual(nobody.status, 401)
            try await browser.post("/begin")
            let tab = try await browser.connect()
            let answer = try await browser.post("/session")
            XCTAssertEqual(answer.status, 204)
            XCTAssertEqual(answer.headers.values("set-cookie").count, 1)
            XCTAssertEqual(answer.headers["cache-control"], "no-store")
            let isConnected = await tab.isConnected
            XCTAssertTrue(isConnected)
        }
    }

    func testASessionThatIsShownAtConnectLivesByItsSocketAndEndsWithIt() async throws {
        for isInBoth in [false, true] {
            let clock = ManualClock()
            let store = store()
            let session = Middleware.session(store, secret: "x")
            let io = SocketIO(
                handshake: isInBoth ? [session] : [],
                connect: [session],
                options: quiet
            ) { root in
                root.on("note") { _ in }
            }
            var app = App()
            app.log = .disabled
            app.use(session)
            app.post("/begin") { request in
                try await request.session.update { $0.set("name", "john") }
                return .text(try request.session.token)
            }
            try await withTestServer(app, io, clock: clock) { server in
                let token = try await server.browser().post("/begin").text
                let wire = try await server.browser().webSocket()
                await wire.say("40{\"token\":\"\(token)\"}")
                _ = wire.take()
                for _ in 0..<4 {
                    await clock.advance(by: .seconds(20))
                    await wire.say("3", "42[\"note\"]")
                    await clock.advance(by: .seconds(20))
                    await wire.say("3", "42[\"note\"]")
                }
                _ = wire.take()
                let id = try await server.run { await store.entries.keys.first }
                let ended = try await server.act {
                    try await store.endSession(id ?? SessionID())
                }
                XCTAssertEqual(ended, EndedSessions(sessions: 1, sockets: 1), "\(isInBoth)")
                XCTAssertEqual(wire.take(), ["41", "close"], "\(isInBoth)")
            }
        }
    }

    func testASocketWithABearerBelongsToItsSession() async throws {
        let (app, io, store) = makePassportExample()
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let cookie = try XCTUnwrap(browser.cookies["connect.sid"])
            let token = try XCTUnwrap(
                PercentCoding.decode(Array(cookie.utf8)[...], plusIsSpace: false)
            )
            let bearer: Headers = [
                "Authorization": "Bearer \(String(decoding: token, as: UTF8.self))"
            ]
            let phone = server.browser()
            let wire = try await phone.webSocket(headers: bearer)
            await wire.say("40")
            _ = wire.take()
            let answer = try await phone.get("/socket.io/?EIO=4&transport=polling", headers: bearer)
            XCTAssertEqual(answer.status, 200)
            let sid = answer.text.split(separator: "\"")[3]
            let session = RawSession(browser: phone, sid: String(sid))
            let foreign = try await session.post("40")
            XCTAssertEqual(foreign.response?.status, 403)
            let own = try await session.post("40", headers: bearer)
            XCTAssertEqual(own.body, "ok")
            let ended = try await server.act { try await store.endAllSessions(of: 1) }
            XCTAssertEqual(ended, EndedSessions(sessions: 1, sockets: 2))
            XCTAssertEqual(wire.take(), ["41", "close"])
        }
    }
}
