import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// A user is locked out: written down where `deserialize` looks, and all sessions ended.
final class LockedUserTests: XCTestCase {
    /// Who may not come in, and where those who ask are held.
    private final class People: Sendable {
        private let locked = Locked<Set<Int>>([])
        let holds = Locked<[String: Gate]>([:])

        func lock(_ id: Int) { _ = locked.withLock { $0.insert(id) } }
        func unlock(_ id: Int) { _ = locked.withLock { $0.remove(id) } }

        func unlocked(_ id: Int) -> Member? {
            let isLocked = locked.withLock { $0.contains(id) }
            return isLocked ? nil : Member(id: id, username: "john")
        }

        func hold(_ place: String) -> Gate {
            let gate = Gate()
            holds.withLock { $0[place] = gate }
            return gate
        }

        func pass(_ place: String) async {
            guard let gate = holds.withLock({ $0[place] }) else { return }
            await gate.pass()
        }
    }

    private struct Site {
        let app: App
        let io: SocketIO
        let store: SessionStore
        let people: People
    }

    private func makeSite(failure: String? = "/login") -> Site {
        let (people, store) = (People(), SessionStore())
        let session = Middleware.session(store, secret: "changeit")
        let passport = Passport<Member>.local { username, password in
            let member = password == "changeit" ? people.unlocked(1) : nil
            await people.pass("verify")
            return member
        }
        .serialize { $0.id }
        .deserialize { (id: Int) in
            let member = people.unlocked(id)
            await people.pass("deserialize")
            return member
        }
        .remembering(in: store) { id in people.unlocked(id) }
        let chain = [session, passport.session, .require(Member.self)]
        let io = SocketIO(handshake: chain, options: quiet)
        var app = App()
        app.log = .disabled
        app.use(session, passport.session, passport.remembered)
        app.get("/") { request in .text(request.user(Member.self)?.username ?? "nobody") }
        app.get("/login") { request in .text(request.failureMessage ?? "-") }
        app.post("/login", passport.authenticate(success: "/", failure: failure))
        app.post("/api/login") { request in
            try await passport.login(Member(id: 1, username: "john"), request)
            return .status(.noContent)
        }
        app.post("/lock") { _ in
            people.lock(1)
            let ended = try await store.endAllSessions(of: 1)
            return try .json(["sessions": ended.sessions, "sockets": ended.sockets])
        }
        return Site(app: app, io: io, store: store, people: people)
    }

    private static func lock(_ server: TestServer) async throws -> [String: Int] {
        let answer = try await server.browser().post("/lock")
        return try PayloadDecoder.decode([String: Int].self, from: Array(answer.text.utf8))
    }

    func testAllSessionsAndSocketsEndAndNobodyComesBack() async throws {
        let site = makeSite()
        try await withTestServer(site.app, site.io) { server in
            let browsers = [server.browser(), server.browser()]
            let form: KeyValuePairs = [
                "username": "john", "password": "changeit", "remember": "on",
            ]
            for browser in browsers { try await browser.post("/login", form: form) }
            let wires = [
                try await browsers[0].joined(), try await browsers[0].joined(),
                try await browsers[1].joined(),
            ]
            let shown = browsers[0].cookies["connect.sid"]
            let remembered = browsers[0].cookies["connect.sid.remember"]
            XCTAssertNotNil(remembered)
            let ended = try await Self.lock(server)
            XCTAssertEqual(ended, ["sessions": 2, "sockets": 3])
            XCTAssertEqual(wires.map { $0.take().last }, ["close", "close", "close"])
            for keeps in [true, false] {
                // With all its cookies, and as after a restart.
                browsers[0].setCookie("connect.sid", keeps ? shown : nil)
                browsers[0].setCookie("connect.sid.remember", remembered)
                let handshake = try await browsers[0].wire("GET", "EIO=4&transport=polling")
                XCTAssertEqual(handshake.response?.status, 401)
                let socket = try await browsers[0].webSocket()
                XCTAssertEqual(socket.response?.status, 401)
                let page = try await browsers[0].get("/")
                XCTAssertEqual(page.text, "nobody")
            }
            let count = try await server.run { await site.store.count }
            XCTAssertEqual(count, 0)
            site.people.unlock(1)
            try await browsers[0].post("/login", form: form)
            let page = try await browsers[0].get("/")
            XCTAssertEqual(page.text, "john")
        }
    }

    func testAHandshakeUnderWayIsRefused() async throws {
        for transport in ["polling", "websocket"] {
            let site = makeSite()
            try await withTestServer(site.app, site.io) { server in
                let browser = server.browser()
                try await browser.logIn()
                // It has read that the user may come in, and has not answered.
                let gate = site.people.hold("deserialize")
                let headers: Headers = transport == "polling" ? [:] : Browser.upgradeHeaders
                let query = "EIO=4&transport=\(transport)"
                let wire = try await browser.wire("GET", query, headers: headers)
                XCTAssertEqual(gate.arrivals, 1)
                let ended = try await Self.lock(server)
                XCTAssertEqual(ended["sessions"], 1)
                gate.open()
                await wire.rest()
                XCTAssertEqual(wire.response?.status, 401, transport)
                let count = try await server.run { await site.io.clientCount }
                XCTAssertEqual(count, 0)
            }
        }
    }

    func testALoginUnderWayIsRefusedWhereverItIs() async throws {
        for place in ["verify", "deserialize"] {
            let site = makeSite()
            try await withTestServer(site.app, site.io) { server in
                let gate = site.people.hold(place)
                let browser = server.browser()
                async let login: Void = browser.logIn()
                for _ in 0..<1_000 where gate.arrivals == 0 { await server.rest() }
                let ended = try await Self.lock(server)
                XCTAssertEqual(ended["sessions"], place == "verify" ? 0 : 1)
                gate.open()
                try await login
                let count = try await server.run { await site.store.count }
                XCTAssertEqual(count, 0, place)
                let page = try await browser.get("/")
                XCTAssertEqual(page.text, "nobody", place)
            }
        }
    }

    func testALoginOfAUserWhomDeserializeDoesNotFindIsAFailureWithoutASession() async throws {
        for failure in ["/login", nil] {
            let site = makeSite(failure: failure)
            try await withTestServer(site.app, site.io) { server in
                // Right by the strategy, and gone then.
                let gate = site.people.hold("verify")
                let browser = server.browser()
                let form: KeyValuePairs = ["username": "john", "password": "changeit"]
                async let login = browser.post("/login", form: form)
                for _ in 0..<1_000 where gate.arrivals == 0 { await server.rest() }
                site.people.lock(1)
                gate.open()
                let answer = try await login
                XCTAssertNil(browser.cookies["connect.sid"])
                if failure != nil {
                    XCTAssertEqual(answer.headers["location"], "/login")
                    let page = try await browser.get("/login")
                    XCTAssertEqual(page.text, "You can not log in with this account.")
                } else {
                    XCTAssertEqual(answer.status, 403)
                }
                let direct = try await browser.post("/api/login")
                XCTAssertEqual(direct.status, 403)
                let count = try await server.run { await site.store.count }
                XCTAssertEqual(count, 0)
            }
        }
    }
}
