import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Logins by token and by remembered cookie, on a whole server and virtual time.
final class TokenStoryTests: XCTestCase {
    private struct Access: Codable, Sendable {
        var sub: String
        var exp: Int64
    }

    private static let secret = "a secret of the tests, 32 bytes long"

    func testATokenOpensASocketOnBothTransportsUntilItExpires() async throws {
        let passport = Passport<Person>.jwt(.hs256(secret: Self.secret)) {
            (claims: JWTClaims<Access>, _) in
            claims.subject.map { Person(id: 7, name: $0) }
        }
        let io = SocketIO(handshake: [passport.token], options: quiet) { root in
            root.onConnection { socket in
                try socket.emit("hello", try socket.request.require(Person.self).name)
            }
        }
        var app = App()
        app.use(passport.token)
        app.get("/time") { request in .text("\(request.unixTime)") }
        let (site, clock) = (app, ManualClock())
        try await withTestServer(site, io, clock: clock) { server in
            let browser = server.browser()
            let now = try await server.run { server.server.lanes[0].unixTime }
            let token = try JWT.token(Access(sub: "john", exp: now + 900), secret: Self.secret)
            let headers: Headers = ["Authorization": "Bearer \(token)"]
            let time = try await browser.get("/time", headers: headers)
            XCTAssertEqual(time.text, "\(now)")

            let socket = try await browser.webSocket(headers: headers)
            XCTAssertEqual(socket.response?.status, 101)
            await socket.say("40")
            XCTAssertTrue(socket.messages.contains("42[\"hello\",\"john\"]"), "\(socket.messages)")
            let poll = try await browser.wire("GET", "EIO=4&transport=polling", headers: headers)
            XCTAssertEqual(poll.response?.status, 200)
            XCTAssertEqual(browser.cookies, [:], "no session")
            let users = try await server.run { try await io.in(.user(7)).fetchSockets().count }
            XCTAssertEqual(users, 1, "in the room of its user")

            await clock.advance(by: .seconds(931))
            let expired =
                #"Bearer realm="Users", error="invalid_token", "#
                + #"error_description="The token has expired.""#
            try await Self.assertRefused(browser, headers, expired)
            try await Self.assertRefused(browser, [:], #"Bearer realm="Users""#)
        }
    }

    private static func assertRefused(
        _ browser: Browser,
        _ headers: Headers,
        _ challenge: String
    ) async throws {
        for answer in [
            try await browser.webSocket(headers: headers),
            try await browser.wire("GET", "EIO=4&transport=polling", headers: headers),
        ] {
            XCTAssertEqual(answer.response?.status, 401)
            XCTAssertEqual(answer.response?.headers["www-authenticate"], challenge)
        }
    }

    func testARememberedBrowserComesBackAndATheftEndsItsSockets() async throws {
        let store = SessionStore()
        let session = Middleware.session(store, secret: Self.secret)
        let passport = Passport<Person>.local { name, password in
            password == "changeit" ? Person(id: 7, name: name) : nil
        }
        .remembering(in: store) { id in Person(id: id, name: "john") }
        let chain = [session, passport.session, .require(Person.self)]
        let io = SocketIO(handshake: chain, options: quiet) { _ in }
        var app = App()
        app.use(session, passport.session, passport.remembered)
        app.get("/") { request in .text(request.user(Person.self)?.name ?? "nobody") }
        app.post("/login", passport.authenticate(success: "/", failure: "/"))
        let (site, clock) = (app, ManualClock())
        try await withTestServer(site, io, clock: clock) { server in
            let browser = server.browser()
            let form: KeyValuePairs = [
                "username": "john", "password": "changeit", "remember": "on",
            ]
            try await browser.post("/login", form: form)
            let stolen = browser.cookies["connect.sid.remember"]
            // Two days later the session is long over.
            await clock.advance(by: .seconds(2 * 86_400))
            let page = try await browser.get("/")
            XCTAssertEqual(page.text, "john")
            let socket = try await browser.connect()
            await clock.advance(by: .seconds(60))

            let thief = server.browser()
            thief.setCookie("connect.sid.remember", stolen)
            let answer = try await thief.get("/")
            XCTAssertEqual(answer.text, "nobody")
            let reason = await socket.disconnected
            XCTAssertEqual(reason, .serverDisconnect)
            let after = try await browser.get("/")
            XCTAssertEqual(after.text, "nobody")
        }
    }
}
