import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// The other ways a session ends or changes: by time, by a login, by a planted id.
final class SessionEndStoryTests: XCTestCase {
    private static func short() -> SessionStore {
        SessionStore { options in
            options.idleLifetime = .seconds(100)
            options.absoluteLifetime = .seconds(250)
            options.socketActivity = .ignored
        }
    }

    func testAnIdleSessionEndsWithItsSocketsAtItsDeadlineExactly() async throws {
        let clock = ManualClock()
        let (app, io, _) = makePassportExample(store: Self.short())
        try await withTestServer(app, io, clock: clock) { server in
            let browser = server.browser()
            try await browser.logIn()
            let tabs = [
                try await browser.connect(), try await browser.connect(transport: .upgrade),
            ]
            await clock.advance(by: .milliseconds(99_999))
            for tab in tabs {
                let name = try await tab.call(Chat.whoami)
                XCTAssertEqual(name, "john")
            }
            await clock.advance(by: .milliseconds(1))
            let reasons = await [tabs[0].disconnected, tabs[1].disconnected]
            XCTAssertEqual(reasons, [.serverDisconnect, .serverDisconnect])
            let left = try await server.run { await io.clientCount }
            XCTAssertEqual(left, 0)
        }
    }

    func testARequestRestartsTheIdleTimeAndNotTheAbsoluteOne() async throws {
        let clock = ManualClock()
        let (app, io, _) = makePassportExample(store: Self.short())
        try await withTestServer(app, io, clock: clock) { server in
            let browser = server.browser()
            try await browser.logIn()
            let tab = try await browser.connect()
            for _ in 0..<3 {
                await clock.advance(by: .seconds(80))
                let index = try await browser.get("/")
                XCTAssertEqual(index.status, 200)
            }
            let alive = await tab.isConnected
            XCTAssertTrue(alive)
            await clock.advance(by: .seconds(10))
            let reason = await tab.disconnected
            XCTAssertEqual(reason, .serverDisconnect)
        }
    }

    /// The official client comes back when its connection closes, and not after a DISCONNECT.
    func testClientsAreToldWhetherTheyMayReconnect() async throws {
        let (app, io, store) = makePassportExample()
        try await withTestServer(app, io) { server in
            for mayReconnect in [false, true] {
                let browser = server.browser()
                try await browser.logIn()
                let wire = try await browser.joined()
                let session = try await browser.handshake()
                try await session.join()
                let poll = try await session.poll()
                _ = wire.take()
                let ended = try await server.act {
                    try await store.endAllSessions(of: 1, mayReconnect: mayReconnect)
                }
                XCTAssertEqual(ended, EndedSessions(sessions: 1, sockets: 2))
                XCTAssertEqual(wire.take(), mayReconnect ? ["close"] : ["41", "close"])
                XCTAssertEqual(poll.body, mayReconnect ? "1" : "41\u{1E}1")
            }
        }
    }

    func testALoginInTheSameBrowserLetsItsSocketsComeBack() async throws {
        let (app, io, _) = makePassportExample()
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn("john")
            let wire = try await browser.joined()
            try await browser.logIn("jane")
            XCTAssertEqual(wire.take(), ["close"])
        }
    }

    func testALoginInAnotherTabClosesTheSocketsOfTheSessionItReplaces() async throws {
        let (app, io, _) = makePassportExample()
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn("john")
            let first = browser.cookies["connect.sid"]
            let tabs = [
                try await browser.connect(), try await browser.connect(transport: .polling),
            ]
            try await browser.logIn("jane")
            XCTAssertNotEqual(browser.cookies["connect.sid"], first)
            let reasons = await [tabs[0].disconnected, tabs[1].disconnected]
            XCTAssertEqual(reasons, [.serverDisconnect, .serverDisconnect])
            let tab = try await browser.connect()
            let name = try await tab.call(Chat.whoami)
            XCTAssertEqual(name, "jane")
            let counts = try await server.run {
                (await io.in(.user(1)).count, await io.in(.user(2)).count)
            }
            XCTAssertEqual(counts.0, 0)
            XCTAssertEqual(counts.1, 1)
        }
    }

    func testAnIdPlantedBeforeTheLoginIsWorthNothing() async throws {
        let store = SessionStore()
        let example = makePassportExample(store: store)
        var app = example.0
        app.post("/visit") { request in
            try await request.session.update { $0.set("visits", 1) }
            return .status(.noContent)
        }
        try await withTestServer(app, example.1) { server in
            let attacker = server.browser()
            try await attacker.post("/visit")
            let planted = try XCTUnwrap(attacker.cookies["connect.sid"])
            let victim = server.browser()
            victim.setCookie("connect.sid", planted)
            try await victim.logIn()
            XCTAssertNotEqual(victim.cookies["connect.sid"], planted)
            let tab = try await victim.connect()
            let name = try await tab.call(Chat.whoami)
            XCTAssertEqual(name, "john")
            let index = try await attacker.get("/")
            XCTAssertEqual(index.status, 302)
            do {
                _ = try await attacker.connect()
                XCTFail("the attacker is logged in")
            } catch let refusal as HandshakeRefused {
                XCTAssertEqual(refusal.status, 401)
            }
        }
    }

    func testAWrongPasswordLeavesTheSessionAndItsSocketsAsTheyAre() async throws {
        let (app, io, _) = makePassportExample()
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let tab = try await browser.connect()
            let wrong = try await browser.post(
                "/login",
                form: ["username": "jane", "password": "wrong"]
            )
            XCTAssertEqual(wrong.headers["location"], "/login")
            let name = try await tab.call(Chat.whoami)
            XCTAssertEqual(name, "john")
            let index = try await browser.get("/")
            XCTAssertEqual(index.text, "index")
        }
    }
}
