import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Coming and leaving: the first and the last of a user, with the time of grace between.
final class PresenceChangeTests: XCTestCase {
    func testOnlyTheFirstAndTheLastOfAUserAreTold() async throws {
        let clock = ManualClock()
        let (app, io, _) = makePresenceExample()
        try await withTestServer(app, io, clock: clock) { server in
            let diary = await PresenceDiary(server, io)
            let (laptop, phone, jane) = (server.browser(), server.browser(), server.browser())
            try await laptop.logIn("john")
            try await phone.logIn("john")
            try await jane.logIn("jane")
            let tabs = [
                try await laptop.connect(), try await laptop.connect(transport: .polling),
                try await phone.connect("/other", transport: .upgrade),
            ]
            _ = try await tabs[0].join("/other")
            XCTAssertEqual(diary.take(), ["+1"])
            let other = try await jane.connect()
            XCTAssertEqual(diary.take(), ["+2"])
            await tabs[0].close()
            await tabs[1].reset()
            await clock.advance(by: .seconds(60))
            XCTAssertEqual(diary.take(), [])
            await tabs[2].disconnect()
            await other.close()
            await clock.advance(by: .seconds(5))
            XCTAssertEqual(diary.take(), ["-1", "-2"])
        }
    }

    func testTheGraceEndsExactly() async throws {
        let clock = ManualClock()
        var options = quiet
        options.presenceGrace = .seconds(3)
        let (app, io, _) = makePresenceExample(options)
        try await withTestServer(app, io, clock: clock) { server in
            let diary = await PresenceDiary(server, io)
            let browser = server.browser()
            try await browser.logIn()
            let tab = try await browser.connect()
            await tab.close()
            await clock.advance(by: .milliseconds(2_999))
            XCTAssertEqual(diary.take(), ["+1"])
            await clock.advance(by: .milliseconds(1))
            XCTAssertEqual(diary.take(), ["-1"])
        }
    }

    func testAPageThatIsLoadedAgainMakesNoChange() async throws {
        let clock = ManualClock()
        let (app, io, _) = makePresenceExample()
        try await withTestServer(app, io, clock: clock) { server in
            let diary = await PresenceDiary(server, io)
            let browser = server.browser()
            try await browser.logIn()
            for transport in Browser.Transport.allCases {
                for _ in 0..<3 {
                    let tab = try await browser.connect(transport: transport)
                    await tab.close()
                    await clock.advance(by: .milliseconds(4_999))
                }
            }
            XCTAssertEqual(diary.take(), ["+1"])
            let isOnline = try await server.run { await io.presence(of: .user(1)).isOnline }
            XCTAssertFalse(isOnline, "that is the truth of this moment")
            await clock.advance(by: .milliseconds(1))
            XCTAssertEqual(diary.take(), ["-1"])
        }
    }

    func testAnUpgradeMakesNoChange() async throws {
        let (app, io, _) = makePresenceExample { root in root.on("nothing") { _ in 1 } }
        var options = quiet
        options.presenceGrace = .zero
        let (app2, io2, _) = makePresenceExample(options)
        for (app, io) in [(app, io), (app2, io2)] {
            try await withTestServer(app, io) { server in
                let diary = await PresenceDiary(server, io)
                let browser = server.browser()
                try await browser.logIn()
                let session = try await browser.handshake()
                try await session.join()
                let before = try await server.presence(io)
                let wire = try await session.upgrade()
                await wire.say("2probe")
                await wire.say("5")
                let after = try await server.presence(io)
                XCTAssertEqual([before, after], [[1, 1, 1], [1, 1, 1]])
                XCTAssertEqual(diary.take(), ["+1"])
            }
        }
    }

    func testASilentClientIsGoneWithThePingTimeoutAndToldWithTheGrace() async throws {
        let clock = ManualClock()
        let (app, io, _) = makePresenceExample()
        try await withTestServer(app, io, clock: clock) { server in
            let diary = await PresenceDiary(server, io)
            let browser = server.browser()
            try await browser.logIn()
            let tab = try await browser.connect()
            await tab.stopAnsweringPings()
            await clock.advance(by: .milliseconds(44_999))
            let alive = try await server.presence(io)
            await clock.advance(by: .milliseconds(1))
            let dead = try await server.presence(io)
            XCTAssertEqual([alive, dead], [[1, 1, 1], [0, 0, 0]])
            await clock.advance(by: .milliseconds(4_999))
            XCTAssertEqual(diary.take(), ["+1"])
            await clock.advance(by: .milliseconds(1))
            XCTAssertEqual(diary.take(), ["-1"])
        }
    }

    func testWithoutGraceEveryEdgeIsTold() async throws {
        var options = quiet
        options.presenceGrace = .zero
        let (app, io, _) = makePresenceExample(options)
        try await withTestServer(app, io) { server in
            let diary = await PresenceDiary(server, io)
            let browser = server.browser()
            try await browser.logIn()
            for _ in 0..<2 {
                let tab = try await browser.connect()
                await tab.close()
                await server.rest()
            }
            XCTAssertEqual(diary.take(), ["+1", "-1", "+1", "-1"])
        }
    }

    // The end of a login

    func testALogoutIsToldAtOnce() async throws {
        let (app, io, _) = makePresenceExample()
        try await withTestServer(app, io) { server in
            let diary = await PresenceDiary(server, io)
            let browser = server.browser()
            try await browser.logIn()
            _ = try await browser.connect()
            _ = try await browser.connect("/other", transport: .polling)
            try await browser.post("/logout")
            await server.rest()
            XCTAssertEqual(diary.take(), ["+1", "-1"])
        }
    }

    func testALogoutAfterTheTabWasClosedIsToldAtOnceToo() async throws {
        let clock = ManualClock()
        let (app, io, _) = makePresenceExample()
        try await withTestServer(app, io, clock: clock) { server in
            let diary = await PresenceDiary(server, io)
            let browser = server.browser()
            try await browser.logIn()
            let tab = try await browser.connect()
            await tab.close()
            await clock.advance(by: .seconds(1))
            XCTAssertEqual(diary.take(), ["+1"])
            try await browser.post("/logout")
            await server.rest()
            XCTAssertEqual(diary.take(), ["-1"])
            await clock.advance(by: .seconds(60))
            XCTAssertEqual(diary.take(), [])
        }
    }

    func testALogoutHereDoesNotEndTheGraceOfAnotherDevice() async throws {
        let clock = ManualClock()
        let (app, io, _) = makePresenceExample()
        try await withTestServer(app, io, clock: clock) { server in
            let diary = await PresenceDiary(server, io)
            let (laptop, phone) = (server.browser(), server.browser())
            try await laptop.logIn("john")
            try await phone.logIn("john")
            _ = try await laptop.connect()
            let lost = try await phone.connect()
            await lost.reset()
            await clock.advance(by: .seconds(2))
            try await laptop.post("/logout")
            await clock.advance(by: .milliseconds(2_999))
            XCTAssertEqual(diary.take(), ["+1"])
            await clock.advance(by: .milliseconds(1))
            XCTAssertEqual(diary.take(), ["-1"])
        }
    }

    func testASessionThatExpiresIsToldAtOnce() async throws {
        let clock = ManualClock()
        let store = SessionStore { $0.idleLifetime = .seconds(100) }
        let (app, io, _) = makePresenceExample(store: store)
        try await withTestServer(app, io, clock: clock) { server in
            let diary = await PresenceDiary(server, io)
            let browser = server.browser()
            try await browser.logIn()
            _ = try await browser.connect()
            await clock.advance(by: .milliseconds(99_999))
            XCTAssertEqual(diary.take(), ["+1"])
            await clock.advance(by: .milliseconds(1))
            XCTAssertEqual(diary.take(), ["-1"])
        }
    }

    func testOfTwoSessionsTheLastEndIsTold() async throws {
        let (app, io, store) = makePresenceExample()
        try await withTestServer(app, io) { server in
            let diary = await PresenceDiary(server, io)
            for _ in 0..<3 {
                let browser = server.browser()
                try await browser.logIn()
                _ = try await browser.connect()
            }
            let sessions = try await server.run { await store.sessions(of: 1).map(\.id) }
            try await server.act {
                try await store.endOtherSessions(of: 1, keeping: sessions[0])
            }
            let one = try await server.presence(io)
            XCTAssertEqual(one, [1, 1, 1])
            XCTAssertEqual(diary.take(), ["+1"])
            try await server.act { try await store.endSession(sessions[0]) }
            XCTAssertEqual(diary.take(), ["-1"])
        }
    }

    func testALoginThatIsReplacedIsAwaited() async throws {
        let clock = ManualClock()
        let (app, io, _) = makePresenceExample()
        try await withTestServer(app, io, clock: clock) { server in
            let diary = await PresenceDiary(server, io)
            let browser = server.browser()
            try await browser.logIn("john")
            _ = try await browser.connect()
            try await browser.logIn("john")
            let closed = try await server.presence(io)
            XCTAssertEqual(closed, [0, 0, 0])
            await clock.advance(by: .seconds(4))
            _ = try await browser.connect()
            await clock.advance(by: .seconds(60))
            XCTAssertEqual(diary.take(), ["+1"])
        }
    }

    func testWhoSaysByATokenWhoItIsIsOnlineUntilItLeavesThatNamespace() async throws {
        let clock = ManualClock()
        let bearer = Middleware { request, next in
            var request = request
            let user = request.headers["authorization"]?.split(separator: " ").last
            request[LoggedInUser.self] = user.map { LoggedInUser(id: String($0)) }
            return try await next(request)
        }
        let io = SocketIO(connect: [bearer], options: quiet) { root in
            root.namespace("/other") { _ in }
        }
        try await withTestServer(App(), io, clock: clock) { server in
            let diary = await PresenceDiary(server, io)
            let wire = try await server.browser().webSocket()
            await wire.say("40/other,")
            let visitor = try await server.presence(io)
            await wire.say("40{\"token\":\"1\"}")
            let known = try await server.presence(io)
            await wire.say("41")
            let left = try await server.presence(io)
            XCTAssertEqual([visitor, known, left], [[0, 0, 0], [2, 1, 1], [0, 0, 0]])
            await clock.advance(by: .seconds(5))
            XCTAssertEqual(diary.take(), ["+1", "-1"])
        }
    }

    // Recovery

    func testASocketThatIsRecoveredMakesNoChange() async throws {
        let clock = ManualClock()
        let (app, io, _) = makePresenceExample(keeping())
        try await withTestServer(app, io, clock: clock) { server in
            let diary = await PresenceDiary(server, io)
            let browser = server.browser()
            try await browser.logIn()
            let tab = try await browser.connect()
            await tab.reset()
            await clock.advance(by: .seconds(4))
            let away = try await server.presence(io)
            let again = try await browser.reconnect(tab)
            XCTAssertTrue(again.isRecovered)
            let back = try await server.presence(io)
            XCTAssertEqual([away, back], [[0, 0, 0], [1, 1, 1]])
            XCTAssertEqual(diary.take(), ["+1"])
            await again.reset()
            await clock.advance(by: .seconds(5))
            XCTAssertEqual(diary.take(), ["-1"], "recovery waits longer than that")
            let late = try await browser.reconnect(again)
            XCTAssertTrue(late.isRecovered)
            XCTAssertEqual(diary.take(), ["+1"])
        }
    }
}
