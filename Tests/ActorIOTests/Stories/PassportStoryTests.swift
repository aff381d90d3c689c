import ActorIO
import ActorIOTesting
import XCTest

/// The page's story, in memory and on virtual time.
final class PassportStoryTests: XCTestCase {
    func testLoginWithTheRightPasswordLeadsToTheIndexPage() async throws {
        let (app, io, _) = makePassportExample()
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            let first = try await browser.get("/")
            XCTAssertEqual(first.status, 302)
            XCTAssertEqual(first.headers["location"], "/login")
            XCTAssertEqual(browser.cookies, [:])

            let login = try await browser.post(
                "/login",
                form: ["username": "john", "password": "changeit"]
            )
            XCTAssertEqual(login.status, 302)
            XCTAssertEqual(login.headers["location"], "/")
            let index = try await browser.get("/")
            XCTAssertEqual(index.text, "index")
        }
    }

    func testLoginWithTheWrongPasswordSaysSoOnTheLoginPage() async throws {
        let (app, io, _) = makePassportExample()
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            let login = try await browser.post(
                "/login",
                form: ["username": "john", "password": "wrong"]
            )
            XCTAssertEqual(login.headers["location"], "/login")
            let page = try await browser.get("/login")
            XCTAssertTrue(page.text.count > "login ".count, page.text)
            let index = try await browser.get("/")
            XCTAssertEqual(index.status, 302)
        }
    }

    func testAHandshakeWithoutALoginIs401OnBothTransports() async throws {
        let (app, io, _) = makePassportExample()
        try await withTestServer(app, io) { server in
            for transport in [Browser.Transport.polling, .webSocket] {
                do {
                    _ = try await server.browser().connect(transport: transport)
                    XCTFail("connected by \(transport)")
                } catch let refusal as HandshakeRefused {
                    XCTAssertEqual(refusal.status, 401)
                    XCTAssertTrue(refusal.body.hasPrefix("{\"code\":"), refusal.body)
                }
            }
        }
    }

    func testASocketKnowsItsUserOnEveryTransport() async throws {
        let (app, io, _) = makePassportExample()
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            for transport in Browser.Transport.allCases {
                let tab = try await browser.connect(transport: transport)
                let name = try await tab.call(Chat.whoami)
                XCTAssertEqual(name, "john")
            }
            let count = try await server.run { await io.in(.user(1)).count }
            XCTAssertEqual(count, 3)
        }
    }

    func testLogoutDisconnectsEverySocketOfTheSession() async throws {
        let (app, io, _) = makePassportExample()
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let tab1 = try await browser.connect()
            let tab2 = try await browser.connect(transport: .polling)
            let tab3 = try await browser.connect(transport: .upgrade)
            let other = server.browser()
            try await other.logIn()
            let stranger = try await other.connect()

            let answer = try await browser.post("/logout")
            XCTAssertEqual(answer.status, 204)
            let reasons = await [tab1.disconnected, tab2.disconnected, tab3.disconnected]
            XCTAssertEqual(reasons, [.serverDisconnect, .serverDisconnect, .serverDisconnect])
            let stays = await stranger.isConnected
            XCTAssertTrue(stays)
            let name = try await stranger.call(Chat.whoami)
            XCTAssertEqual(name, "john")
        }
    }

    func testASilentClientIsDroppedWhenThePingTimeoutPasses() async throws {
        let (app, io, _) = makePassportExample()
        let clock = ManualClock()
        try await withTestServer(app, io, clock: clock) { server in
            let browser = server.browser()
            try await browser.logIn()
            let socket = try await browser.connect()
            await socket.stopAnsweringPings()

            await clock.advance(by: .seconds(44))
            let alive = await socket.isConnected
            XCTAssertTrue(alive)

            await clock.advance(by: .seconds(1))
            let reason = await socket.disconnected
            XCTAssertEqual(reason, .pingTimeout)
        }
    }
}
