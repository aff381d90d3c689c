import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Holes of the page's recipe, each shown open where the protection is left out, and closed as it
/// comes.
final class LoginHoleTests: XCTestCase {
    private struct Site {
        var app = App()
        var io: SocketIO
        var store: SessionStore
    }

    private func makeSite(
        gate: Bool = true,
        allowedOrigins: [String] = [],
        throttle: LoginThrottle? = LoginThrottle(),
        failure: String = "/login",
        asked: Notebook = Notebook()
    ) -> Site {
        let store = SessionStore()
        let session = Middleware.session(store, secret: "a secret of the tests, 32 bytes long")
        var local = LocalStrategy<Person>.Options()
        local.throttle = throttle
        let passport = Passport<Person>.local(local) { name, password in
            asked.note(name)
            return password == "changeit" ? Person(id: 7, name: name) : nil
        }
        var options = quiet
        options.allowedOrigins = allowedOrigins
        let chain = [session, passport.session] + (gate ? [.require(Person.self)] : [])
        let io = SocketIO(handshake: chain, options: options) { root in
            root.onConnection { socket in
                let user = try socket.request.require(Person.self)
                try socket.emit("hello", user.name)
            }
            root.on("cart") { (socket: isolated Socket) async throws -> [String] in
                try await socket.request.session.read { $0[Cart.self].items }
            }
            root.on("who") { (socket: isolated Socket) -> String in
                try socket.request.require(Person.self).name
            }
        }
        var app = App()
        app.log = .disabled
        app.use(session, passport.session)
        app.get("/") { request in
            request.user(Person.self) == nil ? .redirect(to: "/login") : .text("index")
        }
        app.get("/login") { request in .text(request.failureMessage ?? "-") }
        app.post("/login", passport.authenticate(success: "/", failure: failure))
        app.post("/cart") { request in
            try await request.session.update { $0[Cart.self].items.append("tea") }
            return .status(.noContent)
        }
        app.post("/logout") { request in
            try await request.logout()
            return .status(.noContent)
        }
        return Site(app: app, io: io, store: store)
    }

    // H1: an empty `sid` is no handshake for one check and a handshake for another.
    func testH1AnEmptySidReachesNoHandlerAndPassesNoChain() async throws {
        let site = makeSite()
        try await withTestServer(site.app, site.io) { server in
            for query in [
                "EIO=4&transport=polling&sid=", "EIO=4&transport=polling&sid",
                "EIO=4&transport=websocket&sid=", "sid=&EIO=4&transport=polling&sid=",
            ] {
                let isSocket = query.contains("websocket")
                let answer =
                    try await isSocket
                    ? server.browser().webSocket(query) : server.browser().wire("GET", query)
                XCTAssertEqual(answer.response?.status, 400, query)
            }
            let count = try await server.run { await site.io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    // H2: where the gate is left out, a handler that wants a user fails for that client alone.
    func testH2AHandlerThatFindsNoUserEndsThatClientAndNotTheProcess() async throws {
        let site = makeSite(gate: false)
        try await withTestServer(site.app, site.io) { server in
            let known = server.browser()
            try await known.logIn()
            let socket = try await known.connect()
            _ = try await socket.next("hello")
            let stranger = try await server.browser().connect()
            do {
                let name: String = try await stranger.ask("who").decode(0)
                XCTFail("somebody: \(name)")
            } catch {
                // Refused, or closed already.
            }
            let name: String = try await socket.ask("who").decode(0)
            XCTAssertEqual(name, "john")
        }
    }

    // H3, H4: a WebSocket without a cookie is an HTTP answer, however many come.
    func testH3AndH4HandshakesWithoutALoginAreHTTPAnswersOnBothTransports() async throws {
        let site = makeSite()
        try await withTestServer(site.app, site.io) { server in
            for _ in 0..<20 {
                for answer in [
                    try await server.browser().webSocket(),
                    try await server.browser().wire("GET", "EIO=4&transport=polling"),
                ] {
                    XCTAssertEqual(answer.response?.status, 401)
                    XCTAssertEqual(answer.response?.headers["content-type"], "application/json")
                    XCTAssertTrue(answer.body?.hasPrefix("{\"code\":") ?? false)
                    XCTAssertEqual(answer.response?.headers.values("set-cookie"), [])
                }
            }
            let kept = try await server.run { await site.store.count }
            XCTAssertEqual(kept, 0)
        }
    }

    // H16
    func testH16AForeignPageOpensNoSocketWithItsVisitorsCookie() async throws {
        for (origins, status) in [(["*"], 101), ([], 403)] {
            let site = makeSite(allowedOrigins: origins)
            try await withTestServer(site.app, site.io) { server in
                let victim = server.browser()
                try await victim.logIn()
                let headers: Headers = ["Origin": "https://evil.example"]
                let hijacked = try await victim.webSocket(headers: headers)
                XCTAssertEqual(hijacked.response?.status, status, "origins \(origins)")
            }
        }
    }

    func testH16TheCookieStaysAtHome() async throws {
        let site = makeSite()
        try await withTestServer(site.app, site.io) { server in
            let form: KeyValuePairs = ["username": "john", "password": "changeit"]
            let login = try await server.browser().post("/login", form: form)
            let cookie = login.headers["set-cookie"] ?? ""
            XCTAssertTrue(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), cookie)
        }
    }

    // H17
    func testH17AForeignFormLogsNobodyOut() async throws {
        for isChecked in [false, true] {
            var site = makeSite()
            site.app.checksOrigin = isChecked
            let app = site.app
            try await withTestServer(app, site.io) { server in
                let victim = server.browser()
                try await victim.logIn()
                let headers: Headers = ["Origin": "https://evil.example"]
                let answer = try await victim.post("/logout", headers: headers)
                XCTAssertEqual(answer.status, isChecked ? 403 : 204)
                let page = try await victim.get("/")
                XCTAssertEqual(page.status, isChecked ? 200 : 302)
            }
        }
    }

    // H18
    func testH18GuessesAreBoundedWhereTheRecipeHashesThemAll() async throws {
        let cases: [(LoginThrottle?, Int)] = [(nil, 100), (LoginThrottle(), 10)]
        for (throttle, hashed) in cases {
            let asked = Notebook()
            let site = makeSite(throttle: throttle, asked: asked)
            try await withTestServer(site.app, site.io) { server in
                for number in 0..<100 {
                    let form: KeyValuePairs = ["username": "john", "password": "\(number)"]
                    try await server.browser().post("/login", form: form)
                }
            }
            XCTAssertEqual(asked.all.count, hashed)
        }
    }

    // H19: the page sends a failed login to "/", which sends it on to "/login", without a word.
    func testH19TheReasonOfAFailureSurvivesABounce() async throws {
        let site = makeSite(failure: "/")
        try await withTestServer(site.app, site.io) { server in
            let browser = server.browser()
            let form: KeyValuePairs = ["username": "john", "password": "wrong"]
            let login = try await browser.post("/login", form: form)
            XCTAssertEqual(login.headers["location"], "/")
            let bounce = try await browser.get("/")
            XCTAssertEqual(bounce.headers["location"], "/login")
            let page = try await browser.get("/login")
            XCTAssertEqual(page.text, "Wrong user name or password.")
        }
    }

    // H20: without sessions an id alone is enough; with them it is not.
    func testH20AnIdAloneOpensNothingWhereThereAreLogins() async throws {
        let open = SocketIO(options: quiet)
        try await withTestServer(App(), open) { server in
            let session = try await server.browser().handshake()
            let stolen = RawSession(browser: server.browser(), sid: session.sid)
            let answer = try await stolen.poll()
            XCTAssertNotEqual(answer.response?.status, 403)
        }
        let site = makeSite()
        try await withTestServer(site.app, site.io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let session = try await browser.handshake()
            let stolen = RawSession(browser: server.browser(), sid: session.sid)
            for answer in [try await stolen.poll(), try await stolen.upgrade()] {
                XCTAssertEqual(answer.response?.status, 403)
            }
        }
    }

    // H21
    func testH21ASocketReadsTheSessionOfNowAndNotOfItsHandshake() async throws {
        let site = makeSite()
        try await withTestServer(site.app, site.io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let socket = try await browser.connect()
            let before: [String] = try await socket.ask("cart").decode(0)
            XCTAssertEqual(before, [])
            try await browser.post("/cart")
            let after: [String] = try await socket.ask("cart").decode(0)
            XCTAssertEqual(after, ["tea"])
        }
    }
}
