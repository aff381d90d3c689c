import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// The shape of the recipe that everybody starts from, beside what this library does.
///
/// A session is looked up at the handshake, its room is joined by the connection handler, and a
/// logout destroys the session and disconnects the room.
final class RecipeHoleTests: XCTestCase {
    // H5

    func testAClientThatOnlyLeftTheNamespaceComesBackAsWhoItWas() async throws {
        let recipe = Recipe()
        let (app, io) = recipe.site()
        try await withTestServer(app, io) { server in
            let browser = recipe.login(server)
            let wire = try await browser.joined()
            try await browser.post("/logout")
            XCTAssertEqual(wire.take(), ["41"])
            await wire.say("40", "42[\"note\"]")
            XCTAssertEqual(recipe.notes.all, ["john"], "the hole")
        }
        let notes = Notes()
        let (ours, sockets, _) = makePassportExample { root in
            root.on("note") { _ in notes.add("heard") }
        }
        try await withTestServer(ours, sockets) { server in
            let browser = server.browser()
            try await browser.logIn()
            let wire = try await browser.joined()
            try await browser.post("/logout")
            XCTAssertEqual(wire.take(), ["41", "close"])
            await wire.say("40", "42[\"note\"]")
            XCTAssertEqual(notes.all, [])
        }
    }

    // H6

    func testALogoutBetweenHandshakeAndConnectFindsNobody() async throws {
        let recipe = Recipe()
        let (app, io) = recipe.site()
        try await withTestServer(app, io) { server in
            let browser = recipe.login(server)
            let wire = try await browser.webSocket()
            try await browser.post("/logout")
            _ = wire.take()
            await wire.say("40", "42[\"note\"]")
            XCTAssertEqual(recipe.notes.all, ["john"], "the hole")
        }
        let (ours, sockets, _) = makePassportExample()
        try await withTestServer(ours, sockets) { server in
            let browser = server.browser()
            try await browser.logIn()
            let wire = try await browser.webSocket()
            _ = wire.take()
            try await browser.post("/logout")
            XCTAssertEqual(wire.take(), ["close"])
            let count = try await server.run { await sockets.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    // H7; ours: LogoutStoryTests.testEveryNamespaceIsLeftByItsName

    func testOnlyOneNamespaceIsLeft() async throws {
        let recipe = Recipe()
        let (app, io) = recipe.site { root in
            root.namespace("/admin") { admin in
                admin.on("note") { _ in recipe.notes.add("an admin") }
            }
        }
        try await withTestServer(app, io) { server in
            let browser = recipe.login(server)
            let wire = try await browser.joined()
            await wire.say("40/admin,")
            try await browser.post("/logout")
            await wire.say("42/admin,[\"note\"]")
            XCTAssertEqual(recipe.notes.all, ["an admin"], "the hole")
        }
    }

    // H8

    func testARoomThatNobodyJoinedIsEmpty() async throws {
        let recipe = Recipe(joins: false)
        let (app, io) = recipe.site()
        try await withTestServer(app, io) { server in
            let browser = recipe.login(server)
            let wire = try await browser.joined()
            try await browser.post("/logout")
            XCTAssertEqual(wire.take(), [], "the hole")
        }
        let store = SessionStore()
        let session = Middleware.session(store, secret: "x")
        var ours = App()
        ours.log = .disabled
        ours.use(session)
        ours.post("/begin") { request in
            try await request.session.update { $0.set("name", "john") }
            return .status(.noContent)
        }
        let sockets = SocketIO(handshake: [session], options: quiet)
        try await withTestServer(ours, sockets) { server in
            let browser = server.browser()
            try await browser.post("/begin")
            _ = try await browser.joined()
            let id = try await server.run { await store.entries.keys.first }
            let room = Room.session(try XCTUnwrap(id))
            let count = try await server.run { await sockets.in(room).count }
            XCTAssertEqual(count, 1)
        }
    }

    // H10 and H11; ours: SessionEndStoryTests.testAnIdleSessionEndsWithItsSockets…, and
    // SessionActivityTests.testEventsKeepASessionAliveUntilItsAbsoluteEnd

    func testASessionThatIsGoneFromTheStoreKeepsItsSocketAndNoActivitySavesIt() async throws {
        let recipe = Recipe()
        let (app, io) = recipe.site()
        let clock = ManualClock()
        try await withTestServer(app, io, clock: clock) { server in
            let browser = recipe.login(server)
            let wire = try await browser.joined()
            for _ in 0..<3 {
                await clock.advance(by: .seconds(10))
                await wire.say("42[\"note\"]")
            }
            recipe.expire()
            let page = try await browser.get("/")
            XCTAssertEqual(page.text, "nobody", "the activity of its socket was of no account")
            await wire.say("42[\"note\"]")
            XCTAssertEqual(recipe.notes.all.count, 4, "and the socket is there all the same")
        }
    }

    // H12

    func testARequestUnderWayWritesTheSessionBack() async throws {
        let recipe = Recipe(resaves: true)
        let gate = Gate()
        let (app, io) = recipe.site(gate: gate)
        try await withTestServer(app, io) { server in
            let browser = recipe.login(server)
            let slow = try await Wire.open(browser)
            await slow.send(browser.bytes("GET", "/slow", [:], []))
            try await browser.post("/logout")
            gate.open()
            await slow.rest()
            let page = try await browser.get("/")
            XCTAssertEqual(page.text, "john", "the hole")
        }
        let second = Gate()
        let (example, sockets, store) = makePassportExample()
        var ours = example
        ours.get("/slow") { request in
            let session = try request.session
            await second.pass()
            try await session.update { $0.set("late", true) }
            return .text("written")
        }
        try await withTestServer(ours, sockets) { server in
            let browser = server.browser()
            try await browser.logIn()
            let cookie = browser.cookies["connect.sid"]
            let slow = try await Wire.open(browser)
            await slow.send(browser.bytes("GET", "/slow", [:], []))
            try await browser.post("/logout")
            second.open()
            await slow.rest()
            XCTAssertEqual(slow.response?.status, 401)
            browser.setCookie("connect.sid", cookie)
            let page = try await browser.get("/")
            XCTAssertEqual(page.status, 302)
            let count = try await server.run { await store.count }
            XCTAssertEqual(count, 0)
        }
    }

    // H13; without sockets: SessionMatrixTests

    func testAHandshakeOfNobodyIsKept() async throws {
        let recipe = Recipe(keepsNobodies: true)
        let (app, io) = recipe.site()
        try await withTestServer(app, io) { server in
            _ = try await server.browser().webSocket()
            XCTAssertEqual(recipe.count, 1, "the hole")
        }
        let store = SessionStore()
        let session = Middleware.session(store, secret: "x")
        let sockets = SocketIO(handshake: [session], options: quiet)
        try await withTestServer(App(), sockets) { server in
            _ = try await server.browser().joined()
            _ = try await server.browser().handshake()
            let count = try await server.run { await store.count }
            XCTAssertEqual(count, 0)
        }
    }

    // H14; ours: SessionEndStoryTests.testALoginInTheSameBrowserLetsItsSocketsComeBack

    func testALoginLeavesTheSocketsOfTheSessionBefore() async throws {
        let recipe = Recipe()
        let (app, io) = recipe.site()
        try await withTestServer(app, io) { server in
            let browser = recipe.login(server)
            let wire = try await browser.joined()
            try await browser.post("/login")
            XCTAssertNotEqual(browser.cookies["sid"], "1")
            await wire.say("42[\"note\"]")
            XCTAssertEqual(recipe.notes.all, ["john"], "the hole")
        }
    }

    // H15

    func testADestroyThatFailsIsAnsweredAsIfNothingWasWrong() async throws {
        let recipe = Recipe(forgetsToDelete: true)
        let (app, io) = recipe.site()
        try await withTestServer(app, io) { server in
            let browser = recipe.login(server)
            let answer = try await browser.post("/logout")
            XCTAssertEqual(answer.status, 204)
            XCTAssertEqual(browser.cookies["sid"], "1")
            let page = try await browser.get("/")
            XCTAssertEqual(page.text, "john", "the hole")
        }
        let backing = FaultyBacking()
        let store = SessionStore(backing: backing) { $0.log = .disabled }
        let (ours, sockets, _) = makePassportExample(store: store)
        try await withTestServer(ours, sockets) { server in
            let browser = server.browser()
            try await browser.logIn()
            let cookie = browser.cookies["connect.sid"]
            let wire = try await browser.joined()
            backing.fail(.delete)
            let answer = try await browser.post("/logout")
            XCTAssertEqual(answer.status, 500, "reported")
            XCTAssertNil(browser.cookies["connect.sid"])
            XCTAssertEqual(wire.take(), ["41", "close"])
            browser.setCookie("connect.sid", cookie)
            let page = try await browser.get("/")
            XCTAssertEqual(page.status, 302)
            XCTAssertEqual(backing.records.count, 1, "it is there, and counts for nothing")
        }
    }

    // H24; ours: RecoveryLoginTests.testALogoutTakesTheSavedSocketsWithIt

    func testARecoveryBringsALoggedOutSocketBack() async throws {
        let recipe = Recipe()
        let (app, _) = recipe.site()
        let io = SocketIO(options: keeping { $0.skipsMiddleware = true }) { root in
            root.use { socket in
                guard recipe.user(of: socket.request) != nil else { throw ConnectError("nobody") }
            }
        }
        try await withTestServer(app, io) { server in
            let browser = recipe.login(server)
            let tab = try await browser.connect()
            await tab.reset()
            await server.rest()
            recipe.expire()
            let again = try await browser.reconnect(tab)
            XCTAssertTrue(again.isRecovered, "the hole")
        }
    }

    // 57

    func testLoggingOutInEveryWayAtOnceIsOneLogout() async throws {
        let (app, io, store) = makePassportExample()
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let wire = try await browser.joined()
            let id = try await server.run { await store.sessions(of: 1)[0].id }
            let all = try await server.act {
                try await withThrowingTaskGroup(of: EndedSessions.self) { group in
                    for _ in 0..<100 { group.addTask { try await store.endSession(id) } }
                    return try await group.reduce(into: EndedSessions()) { $0 += $1 }
                }
            }
            XCTAssertEqual(all.sessions, 1)
            XCTAssertEqual(wire.take(), ["41", "close"])
            let answers = [try await browser.post("/logout"), try await browser.post("/logout")]
            XCTAssertEqual(answers.map(\.status), [204, 204])
        }
    }
}

/// The recipe, with the parts that people leave out or switch on.
private final class Recipe: Sendable {
    private struct Login: Sendable {
        let id: String
        let user: String?
    }

    let notes = Notes()
    private let sessions = Locked<[String: String]>(["1": "john"])
    private let joins: Bool
    private let resaves: Bool
    private let keepsNobodies: Bool
    private let forgetsToDelete: Bool

    init(
        joins: Bool = true,
        resaves: Bool = false,
        keepsNobodies: Bool = false,
        forgetsToDelete: Bool = false
    ) {
        self.joins = joins
        self.resaves = resaves
        self.keepsNobodies = keepsNobodies
        self.forgetsToDelete = forgetsToDelete
        if keepsNobodies { sessions.withLock { $0 = [:] } }
    }

    var count: Int { sessions.withLock { $0.count } }

    /// The store finds out that all have expired.
    func expire() {
        sessions.withLock { $0 = [:] }
    }

    func user(of request: Request) -> String? {
        request.cookies["sid"].flatMap { id in sessions.withLock { $0[id] } }
    }

    func login(_ server: TestServer) -> Browser {
        let browser = server.browser()
        browser.setCookie("sid", "1")
        return browser
    }

    private var session: Middleware {
        Middleware { request, next in
            let id = request.cookies["sid"] ?? "new"
            let login = Login(id: id, user: self.user(of: request))
            var request = request
            request[Login.self] = login
            let response = try await next(request)
            if self.resaves, let user = login.user {
                self.sessions.withLock { $0[id] = user }
            } else if self.keepsNobodies {
                self.sessions.withLock { $0[id] = "nobody" }
            }
            return response
        }
    }

    func site(
        gate: Gate? = nil,
        _ extend: (inout Namespace) -> Void = { _ in }
    ) -> (App, SocketIO) {
        let chain = [session]
        let io = SocketIO(handshake: chain, options: quiet) { root in
            root.onConnection { socket in
                guard self.joins, let login = socket.request[Login.self] else { return }
                await socket.join("session:\(login.id)")
            }
            root.on("note") { socket in
                self.notes.add(socket.request[Login.self]?.user ?? "nobody")
            }
            extend(&root)
        }
        var app = App()
        app.log = .disabled
        app.use(session)
        app.get("/") { request in .text(request[Login.self]?.user ?? "nobody") }
        app.get("/slow") { _ in
            await gate?.pass()
            return .text("")
        }
        app.post("/login") { request in
            let id = request.cookies["sid"] ?? ""
            self.sessions.withLock { $0["2"] = $0.removeValue(forKey: id) }
            var response = Response(status: .noContent)
            response.set(SetCookie("sid", "2"))
            return response
        }
        app.post("/logout") { request in
            let id = request[Login.self]?.id ?? ""
            if !self.forgetsToDelete {
                _ = self.sessions.withLock { $0.removeValue(forKey: id) }
            }
            try await io.in(Room("session:\(id)")).disconnectSockets()
            return .status(.noContent)
        }
        return (app, io)
    }
}
