import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Logging out: every socket of the session is closed before the answer, and nobody else's.
final class LogoutStoryTests: XCTestCase {
    /// A tab on one of three transports, with a poll parked where it polls.
    private static func tab(_ number: Int, _ browser: Browser) async throws -> Wire {
        guard number % 3 > 0 else { return try await browser.joined() }
        let session = try await browser.handshake()
        try await session.join()
        guard number % 3 > 1 else { return try await session.poll() }
        let wire = try await session.upgrade()
        await wire.say("2probe")
        await wire.say("5")
        _ = wire.take()
        return wire
    }

    func testTheAnswerComesWhenOneThreeOrAHundredSocketsOnAllTransportsAreClosed() async throws {
        for count in [1, 3, 100] {
            let (app, io, _) = makePassportExample()
            try await withTestServer(app, io) { server in
                let browser = server.browser()
                try await browser.logIn()
                let journal = Notes()
                var tabs: [Wire] = []
                for number in 0..<count {
                    let tab = try await Self.tab(number, browser)
                    tab.report(to: journal, as: "tab")
                    tabs.append(tab)
                }
                let online = try await server.run { await io.in(.user(1)).count }
                XCTAssertEqual(online, count)
                let logout = try await Wire.open(browser)
                logout.report(to: journal, as: "logout")
                await logout.send(browser.bytes("POST", "/logout", [:], []))

                XCTAssertEqual(logout.response?.status, 204)
                for (number, tab) in tabs.enumerated() {
                    if number % 3 == 1 {
                        XCTAssertEqual(tab.body, "41\u{1E}1")
                    } else {
                        XCTAssertEqual(tab.take(), ["41", "close"])
                    }
                }
                let polls = (count + 1) / 3
                XCTAssertEqual(journal.count, 2 * (count - polls) + polls + 1)
                XCTAssertEqual(journal.all.last, "logout: 204")
                let left = try await server.run { await io.clientCount }
                XCTAssertEqual(left, 0)
            }
        }
    }

    func testATabThatDoesNotPollAtThatMomentHearsOfItAtItsNextPoll() async throws {
        let (app, io, _) = makePassportExample()
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let session = try await browser.handshake()
            try await session.join()
            try await server.act { try await io.emit("secret", "for the session only") }
            try await browser.post("/logout")
            XCTAssertNil(browser.cookies["connect.sid"])
            let poll = try await session.poll()
            XCTAssertEqual(poll.body, "41\u{1E}1")
            let next = try await session.poll()
            XCTAssertEqual(next.response?.status, 400)
        }
    }

    func testEveryNamespaceIsLeftByItsName() async throws {
        let (app, io, _) = makePassportExample { root in
            root.namespace("/admin") { _ in }
            root.namespace("/chat") { _ in }
        }
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let wire = try await browser.joined()
            await wire.say("40/admin,", "40/chat,")
            _ = wire.take()
            try await browser.post("/logout")
            await wire.rest()
            let got = wire.take()
            XCTAssertEqual(Set(got.dropLast()), ["41", "41/admin,", "41/chat,"])
            XCTAssertEqual(got.last, "close")
            XCTAssertEqual(got.count, 4)
        }
    }

    func testAnotherSessionOfTheSameUserAndAnotherUserStay() async throws {
        let (app, io, _) = makePassportExample()
        try await withTestServer(app, io) { server in
            let (laptop, phone, jane) = (server.browser(), server.browser(), server.browser())
            try await laptop.logIn("john")
            try await phone.logIn("john")
            try await jane.logIn("jane")
            let leaving = try await laptop.connect()
            let staying = [
                try await phone.connect(), try await phone.connect(transport: .polling),
                try await jane.connect(transport: .upgrade),
            ]
            try await laptop.post("/logout")
            let reason = await leaving.disconnected
            XCTAssertEqual(reason, .serverDisconnect)
            for tab in staying {
                let name = try await tab.call(Chat.whoami)
                XCTAssertTrue(["john", "jane"].contains(name))
            }
        }
    }

    func testTheOldCookieOpensNothingAnyMore() async throws {
        let (app, io, _) = makePassportExample()
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let cookie = browser.cookies["connect.sid"]
            try await browser.post("/logout")
            browser.setCookie("connect.sid", cookie)
            let index = try await browser.get("/")
            XCTAssertEqual(index.status, 302)
            for transport in Browser.Transport.allCases {
                do {
                    _ = try await browser.connect(transport: transport)
                    XCTFail("connected by \(transport)")
                } catch let refusal as HandshakeRefused {
                    XCTAssertEqual(refusal.status, 401)
                }
            }
        }
    }

    func testLoggingOutTwiceOrWithoutALoginIsNoError() async throws {
        let (app, io, _) = makePassportExample()
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            let nobody = try await browser.post("/logout")
            XCTAssertEqual(nobody.status, 204)
            try await browser.logIn()
            let cookie = browser.cookies["connect.sid"]
            for _ in 0..<2 {
                browser.setCookie("connect.sid", cookie)
                let answer = try await browser.post("/logout")
                XCTAssertEqual(answer.status, 204)
            }
        }
    }

    func testASocketMayEndItsOwnSession() async throws {
        let notes = Notes()
        let (app, io, store) = makePassportExample { root in
            root.on("logout") { socket in
                let ended = try await socket.request.session.destroy()
                notes.add("\(ended.sessions) \(ended.sockets) \(socket.isConnected)")
            }
        }
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let other = try await browser.connect(transport: .polling)
            let wire = try await browser.joined()
            await wire.say("421[\"logout\"]")
            XCTAssertEqual(wire.take(), ["41", "close"])
            XCTAssertEqual(notes.all, ["1 2 false"])
            let reason = await other.disconnected
            XCTAssertEqual(reason, .serverDisconnect)
            let count = try await server.run { await store.count }
            XCTAssertEqual(count, 0)
        }
    }

    func testEndOtherSessionsLeavesTheOneThatIsKept() async throws {
        let (app, io, store) = makePassportExample()
        try await withTestServer(app, io) { server in
            var browsers: [Browser] = []
            var tabs: [TestSocket] = []
            for transport in Browser.Transport.allCases {
                let browser = server.browser()
                try await browser.logIn()
                browsers.append(browser)
                tabs.append(try await browser.connect(transport: transport))
                tabs.append(try await browser.connect())
            }
            let sessions = try await server.run { await store.sessions(of: 1).map(\.id) }
            let cookie = try XCTUnwrap(browsers[1].cookies["connect.sid"])
            let kept = try XCTUnwrap(sessions.first { cookie.contains($0.description) })
            let ended = try await server.act {
                try await store.endOtherSessions(of: 1, keeping: kept)
            }
            XCTAssertEqual(ended, EndedSessions(sessions: 2, sockets: 4))
            let alive = await [
                tabs[0].isConnected, tabs[1].isConnected, tabs[2].isConnected,
                tabs[3].isConnected, tabs[4].isConnected, tabs[5].isConnected,
            ]
            XCTAssertEqual(alive, [false, false, true, true, false, false])
            let again = try await server.run {
                try await store.endOtherSessions(of: 1, keeping: kept)
            }
            XCTAssertEqual(again, EndedSessions())
        }
    }

    func testEventsOfTheSessionAreHeardNoMoreOnceItsEndIsKnown() async throws {
        let notes = Notes()
        let (app, io, _) = makePassportExample { root in
            root.on("note") { (_, text: String) in notes.add(text) }
        }
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let wire = try await browser.joined()
            let session = try await browser.handshake()
            try await session.join()
            try await browser.post("/logout")
            await wire.say("42[\"note\",\"late\"]", "40", "40/admin,")
            let post = try await session.post("42[\"note\",\"late\"]\u{1E}40")
            XCTAssertEqual(post.body, "ok")
            XCTAssertEqual(notes.all, [])
        }
    }
}
