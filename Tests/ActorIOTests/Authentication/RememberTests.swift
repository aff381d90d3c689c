import XCTest

@testable import ActorIO

/// Logins that outlive their session.
final class RememberTests: XCTestCase {
    private let logins = MemoryRememberedLogins()
    private let thefts = Notebook()
    private let gone = Notebook()

    private func makeBench(_ logins: (any RememberedLogins)? = nil) -> LoginBench {
        let logins = logins ?? self.logins
        return LoginBench { [thefts, gone] app, store in
            var options = RememberOptions()
            options.onTheft = { thefts.note($0) }
            let passport = Passport<Person>.local { name, password in
                password == "changeit" ? Person(id: name == "john" ? 7 : 8, name: name) : nil
            }
            .remembering(in: store, logins: logins, options) { id in
                gone.all.isEmpty ? Person(id: id, name: "john again") : nil
            }
            app.use(passport.session, passport.remembered)
            app.get("/") { request in .text(request.user(Person.self)?.name ?? "nobody") }
            app.get("/cart") { request in
                .text(try await request.session.read { $0[Cart.self].items.joined() })
            }
            app.post("/login", passport.authenticate(success: "/", failure: "/login"))
            app.post("/logout") { request in
                try await request.logout()
                return .status(.noContent)
            }
            app.post("/destroy") { request in
                try await request.session.destroy()
                return .status(.noContent)
            }
        }
    }

    private func login(
        _ bench: LoginBench,
        remember: String = "&remember=on",
        name: String = "john"
    ) throws -> FakeBrowser {
        var browser = FakeBrowser()
        let form = "username=\(name)&password=changeit" + remember
        _ = try bench.send(&browser, .post, "/login", form: form)
        return browser
    }

    private let remembered = "connect.sid.remember"

    /// The browser ended and started again: cookies without an end are gone.
    private func restarted(_ browser: FakeBrowser) -> FakeBrowser {
        var browser = browser
        browser.cookies = browser.cookies.filter { $0.key != "connect.sid" }
        return browser
    }

    private func sessions(_ bench: LoginBench, of id: Int = 7) throws -> Int {
        try bench.bench.run { await bench.store.sessions(of: id).count }
    }

    func testABrowserComesBackAfterItsSessionWithANewTokenEachTime() throws {
        let bench = makeBench()
        var browser = try login(bench)
        XCTAssertEqual(try bench.page(&browser, "/"), "john")
        var tokens = [browser.cookies[remembered]]
        for _ in 0..<3 {
            browser = restarted(browser)
            XCTAssertEqual(try bench.page(&browser, "/"), "john again")
            // The session is there now: nothing more is used up.
            let token = browser.cookies[remembered]
            XCTAssertEqual(try bench.page(&browser, "/"), "john again")
            XCTAssertEqual(browser.cookies[remembered], token)
            tokens.append(token)
            bench.bench.advance(by: .seconds(3_600))
        }
        XCTAssertEqual(Set(tokens).count, 4)
        XCTAssertEqual(logins.count, 1)
    }

    func testWhatWasPlantedInAVisitorsSessionIsNotTakenAlong() throws {
        let bench = makeBench()
        var browser = restarted(try login(bench))
        let planted = try bench.bench.run {
            let id = SessionID()
            let birth = SessionBirth(id: id, origin: SessionOrigin(address: "", userAgent: nil))
            _ = try await bench.store.create(birth, nil) { $0[Cart.self].items = ["bomb"] }
            return id
        }
        let cookie = SessionCookie(
            secrets: ["a secret of the tests, 32 bytes long"],
            policy: SessionPolicy()
        )
        browser.cookies["connect.sid"] = cookie.cookie(for: planted, isSecure: false, now: 0).value
        XCTAssertEqual(try bench.page(&browser, "/cart"), "")
        let isAlive = try bench.bench.run { try await bench.store.isAlive(planted) }
        XCTAssertFalse(isAlive)
    }

    func testWithoutTheFieldNothingIsRemembered() throws {
        let bench = makeBench()
        for field in ["", "&remember=", "&other=on"] {
            let browser = try login(bench, remember: field)
            XCTAssertNil(browser.cookies[remembered])
        }
        XCTAssertEqual(logins.count, 0)
    }

    func testTheCookieEndsWithTheLoginAndIsClosedToScripts() throws {
        let bench = makeBench()
        var browser = FakeBrowser()
        let form = "username=john&password=changeit&remember=1"
        let response = try bench.send(&browser, .post, "/login", form: form)
        let cookie = response.headers.values("set-cookie").first { $0.hasPrefix(remembered) } ?? ""
        let end = HTTPDate(bench.bench.loop.unixTime + 30 * 86_400).text
        XCTAssertTrue(cookie.contains("Expires=\(end)"), cookie)
        XCTAssertTrue(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), cookie)
        // A use gives a new token and no more time.
        bench.bench.advance(by: .seconds(10 * 86_400))
        browser = restarted(browser)
        let later = try bench.send(&browser, .get, "/")
        let renewed = later.headers.values("set-cookie").first { $0.hasPrefix(remembered) } ?? ""
        XCTAssertTrue(renewed.contains("Expires=\(end)"), renewed)
        bench.bench.advance(by: .seconds(20 * 86_400))
        XCTAssertEqual(try bench.page(&browser, "/"), "nobody")
        XCTAssertNil(browser.cookies[remembered])
        XCTAssertEqual(logins.count, 0)
    }

    func testOnlyHashesAreKept() async throws {
        let bench = makeBench()
        let browser = try login(bench)
        let cookie = PercentCoding.decode(
            Array((browser.cookies[remembered] ?? "").utf8)[...],
            plusIsSpace: false
        )
        let text = String(
            decoding: (cookie ?? []).dropFirst("s:remember:".count).prefix(66),
            as: UTF8.self
        )
        let token = try XCTUnwrap(RememberToken(text))
        let kept = try await logins.find(token.series)
        XCTAssertEqual(kept?.tokenHash, SHA256.hash(Array(token.token.utf8)))
    }

    func testATokenThatIsShownAgainLaterWasStolenAndEverythingEnds() throws {
        let bench = makeBench()
        var owner = restarted(try login(bench))
        var thief = owner
        let elsewhere = try login(bench, remember: "")
        var stranger = try login(bench, name: "jane")
        XCTAssertEqual(try bench.page(&owner, "/"), "john again")
        bench.bench.advance(by: .seconds(31))
        XCTAssertEqual(try bench.page(&thief, "/"), "nobody")
        XCTAssertEqual(thefts.all, ["7"])
        XCTAssertNil(thief.cookies[remembered])
        XCTAssertEqual(try sessions(bench), 0)
        // The owner is out as well, on every device, and so is whoever has the newer token.
        var devices = [owner, elsewhere, restarted(owner)]
        for index in devices.indices {
            XCTAssertEqual(try bench.page(&devices[index], "/"), "nobody")
        }
        XCTAssertEqual(try bench.page(&stranger, "/"), "jane")
        XCTAssertEqual(logins.count, 1, "jane's")
    }

    func testTwoPagesOfABrowserThatStartsAreNoTheftAndShareASession() throws {
        let bench = makeBench()
        let start = restarted(try login(bench))
        var first = start
        var second = start
        XCTAssertEqual(try bench.page(&first, "/"), "john again")
        bench.bench.advance(by: .seconds(29))
        XCTAssertEqual(try bench.page(&second, "/"), "john again")
        XCTAssertEqual(thefts.all, [])
        XCTAssertEqual(first.cookies, second.cookies)
        XCTAssertNotEqual(first.cookies[remembered], start.cookies[remembered])
        XCTAssertEqual(try sessions(bench), 2, "the login's own and this one")
        // And the token they got is good the next time.
        bench.bench.advance(by: .seconds(3_600))
        second = restarted(second)
        XCTAssertEqual(try bench.page(&second, "/"), "john again")
    }

    func testTwoPagesThatFindTheSameTokenGoodAreServedByOneUse() throws {
        let slow = SlowLogins(logins)
        let bench = makeBench(slow)
        let start = restarted(try login(bench))
        slow.hold()
        let requests = (0..<3).map { _ in bench.request(start, .get, "/") }
        XCTAssertThrowsError(try bench.sendTogether(requests), "all three have asked")
        XCTAssertEqual(slow.waiting, 3)
        try bench.bench.run { slow.letGo() }
        XCTAssertEqual(slow.replaced, 1)
        XCTAssertEqual(thefts.all, [])
        XCTAssertEqual(try sessions(bench), 2)
    }

    func testLoggingOutForgets() throws {
        for path in ["/logout", "/destroy"] {
            let bench = makeBench()
            var browser = try login(bench)
            let copy = restarted(browser)
            _ = try bench.send(&browser, .post, path)
            XCTAssertEqual(browser.cookies, [:], path)
            XCTAssertEqual(logins.count, 0)
            var thief = copy
            XCTAssertEqual(try bench.page(&thief, "/"), "nobody")
            XCTAssertEqual(thefts.all, [])
        }
    }

    func testLoggingOutWhereTheSessionIsOverForgetsToo() throws {
        let bench = makeBench()
        var browser = try login(bench)
        bench.bench.advance(by: .seconds(2 * 86_400))
        XCTAssertEqual(try sessions(bench), 0, "expired, and still remembered")
        XCTAssertEqual(logins.count, 1)
        _ = try bench.send(&browser, .post, "/logout")
        XCTAssertEqual(browser.cookies, [:])
        XCTAssertEqual(logins.count, 0)
        XCTAssertEqual(try sessions(bench), 0)
    }

    func testEndingASessionOrAllOrTheOthersForgetsTheirs() throws {
        let bench = makeBench()
        let here = try login(bench)
        let phone = try login(bench)
        let laptop = try login(bench)
        let asleep = try login(bench)
        XCTAssertEqual(logins.count, 4)
        let ids = try bench.bench.run { await bench.store.sessions(of: 7).map(\.id) }
        let id = { (browser: FakeBrowser) -> SessionID? in
            ids.first { browser.cookies["connect.sid"]?.contains($0.description) ?? false }
        }
        let (mine, theirs) = (try XCTUnwrap(id(here)), try XCTUnwrap(id(phone)))
        try bench.bench.run { _ = try await bench.store.endSession(theirs) }
        XCTAssertEqual(logins.count, 3)
        // A device whose session has expired is remembered and nowhere in the list.
        let expired = try XCTUnwrap(id(asleep))
        try bench.bench.run { await bench.store.endLater([expired]) }
        XCTAssertEqual(logins.count, 3)
        try bench.bench.run { _ = try await bench.store.endOtherSessions(of: 7, keeping: mine) }
        XCTAssertEqual(logins.count, 1)
        for browser in [phone, laptop, asleep] {
            var browser = restarted(browser)
            XCTAssertEqual(try bench.page(&browser, "/"), "nobody")
        }
        var kept = restarted(here)
        XCTAssertEqual(try bench.page(&kept, "/"), "john again")
        try bench.bench.run { _ = try await bench.store.endAllSessions(of: 7) }
        XCTAssertEqual(logins.count, 0)
        kept = restarted(kept)
        XCTAssertEqual(try bench.page(&kept, "/"), "nobody")
    }

    func testAnEndOfAllSessionsWhileABrowserComesBackEndsThatOneToo() throws {
        let slow = SlowLogins(logins)
        let bench = makeBench(slow)
        let start = restarted(try login(bench))
        // Ended when its token was good and its session has not begun.
        slow.whenReplaced { try await bench.store.endAllSessions(of: 7) }
        var browser = start
        XCTAssertEqual(try bench.page(&browser, "/"), "nobody")
        XCTAssertEqual(try sessions(bench), 0)
        XCTAssertEqual(logins.count, 0)
    }

    func testWhatAStoreCouldNotForgetIsNotBelieved() throws {
        let slow = SlowLogins(logins)
        let bench = makeBench(slow)
        for ending in 0..<3 {
            let browser = try login(bench)
            let id = try XCTUnwrap(
                try bench.bench.run { await bench.store.sessions(of: 7).first?.id }
            )
            slow.fail(true)
            XCTAssertThrowsError(
                try bench.bench.run {
                    switch ending {
                    case 0: _ = try await bench.store.endSession(id)
                    case 1: _ = try await bench.store.endAllSessions(of: 7)
                    default: _ = try await bench.store.endOtherSessions(of: 7, keeping: SessionID())
                    }
                }
            ) { XCTAssertTrue($0 is SessionEndNotStored) }
            XCTAssertEqual(try sessions(bench), 0)
            XCTAssertEqual(logins.count, 1, "its store has it still")
            slow.fail(false)
            var back = restarted(browser)
            XCTAssertEqual(try bench.page(&back, "/"), "nobody")
            XCTAssertNil(back.cookies[remembered])
            // A new login of the user is remembered again, and the old one is forgotten then.
            _ = try login(bench)
            XCTAssertEqual(logins.count, 1)
            try bench.bench.run { _ = try await bench.store.endAllSessions(of: 7) }
            XCTAssertEqual(logins.count, 0)
        }
    }

    func testASessionThatOnlyItsBackingHoldsTakesItsLoginWithIt() throws {
        let backing = FakeBackingOfLogins()
        let bench = SessionBench(backing: backing)
        let keeper = RememberedKeeper(logins, RememberOptions())
        bench.store.remembered.withLock { $0.append(keeper) }
        let id = SessionID()
        try bench.run { [logins] in
            let login = RememberedLogin(
                userID: "7",
                tokenHash: [1],
                usedAt: 0,
                nonce: [],
                expiresAt: .max
            )
            try await logins.insert(login, as: "series")
            backing.keep(id, ["remembered": Array("\"series\"".utf8)])
            _ = try await bench.store.endSession(id)
        }
        XCTAssertEqual(logins.count, 0)
    }

    func testAnotherLoginOnTheSameBrowserReplacesWhatWasRemembered() throws {
        let bench = makeBench()
        var browser = try login(bench)
        let form = "username=jane&password=changeit"
        _ = try bench.send(&browser, .post, "/login", form: form)
        XCTAssertNil(browser.cookies[remembered])
        XCTAssertEqual(logins.count, 0)
    }

    func testAUserWhoseAccountIsGoneIsForgotten() throws {
        let bench = makeBench()
        var browser = restarted(try login(bench))
        gone.note("john")
        XCTAssertEqual(try bench.page(&browser, "/"), "nobody")
        XCTAssertNil(browser.cookies[remembered])
        XCTAssertEqual(logins.count, 0)
    }

    func testWhatIsNoTokenIsThrownAway() throws {
        let bench = makeBench()
        let good = try login(bench)
        for bad in ["x", "s%3Aremember%3Aa.b.c", good.cookies["connect.sid"] ?? ""] {
            var browser = FakeBrowser()
            browser.cookies[remembered] = bad
            XCTAssertEqual(try bench.page(&browser, "/"), "nobody")
        }
        XCTAssertEqual(logins.count, 1)
        XCTAssertEqual(thefts.all, [])
    }

    func testMemoryIsBounded() async throws {
        let logins = MemoryRememberedLogins(maxLogins: 10, maxLoginsPerUser: 3)
        for number in 0..<2_000 {
            let login = RememberedLogin(
                userID: "\(number % 7)",
                tokenHash: [],
                usedAt: 0,
                nonce: [],
                expiresAt: .max
            )
            try await logins.insert(login, as: "s\(number)")
            XCTAssertLessThanOrEqual(logins.count, 10)
        }
        let newest = try await logins.find("s1999")
        XCTAssertNotNil(newest)
        try await logins.removeAll(of: "4", keeping: "s1999")
        let kept = try await logins.find("s1999")
        XCTAssertEqual(kept?.userID, "4")
    }
}

/// Remembered logins that take their time.
private final class SlowLogins: RememberedLogins {
    private struct State {
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var replaced = 0
        var fails = false
        var afterReplacing: (@Sendable () async throws -> Void)?
    }

    struct Down: Error {}

    private let inner: MemoryRememberedLogins
    private let state = Locked(State())

    init(_ inner: MemoryRememberedLogins) {
        self.inner = inner
    }

    var waiting: Int { state.withLock { $0.held.count } }
    var replaced: Int { state.withLock { $0.replaced } }

    func hold() { state.withLock { $0.isHeld = true } }

    func letGo() {
        let held = state.withLock { state in
            state.isHeld = false
            let held = state.held
            state.held = []
            return held
        }
        for waiter in held { waiter.resume() }
    }

    func whenReplaced(_ body: @escaping @Sendable () async throws -> some Sendable) {
        state.withLock { $0.afterReplacing = { _ = try await body() } }
    }

    func find(_ series: String) async throws -> RememberedLogin? {
        let found = try await inner.find(series)
        if state.withLock({ $0.isHeld }) {
            await withCheckedContinuation { waiter in
                state.withLock { $0.held.append(waiter) }
            }
        }
        return found
    }

    func replace(
        _ series: String,
        expecting tokenHash: [UInt8],
        by login: RememberedLogin
    ) async throws -> Bool {
        let isDone = try await inner.replace(series, expecting: tokenHash, by: login)
        if isDone { state.withLock { $0.replaced += 1 } }
        if let body = state.withLock({ $0.afterReplacing }) { try await body() }
        return isDone
    }

    func insert(_ login: RememberedLogin, as series: String) async throws {
        try await inner.insert(login, as: series)
    }

    func fail(_ fails: Bool) { state.withLock { $0.fails = fails } }

    private func checkFailing() throws {
        if state.withLock({ $0.fails }) { throw Down() }
    }

    func remove(_ series: String) async throws {
        try checkFailing()
        try await inner.remove(series)
    }

    func removeAll(of userID: String, keeping series: String?) async throws {
        try checkFailing()
        try await inner.removeAll(of: userID, keeping: series)
    }
}

/// A backing that holds one session.
private final class FakeBackingOfLogins: SessionBacking {
    private let kept = Locked<(SessionID, SessionRecord)?>(nil)

    func keep(_ id: SessionID, _ values: [String: [UInt8]]) {
        let record = SessionRecord(
            createdAt: 0,
            lastSeenAt: 0,
            expiresAt: .max,
            userID: "7",
            address: "",
            userAgent: "",
            values: values
        )
        kept.withLock { $0 = (id, record) }
    }

    func load(_ id: SessionID) async throws -> SessionRecord? {
        kept.withLock { $0?.0 == id ? $0?.1 : nil }
    }

    func save(_ record: SessionRecord, for id: SessionID) async throws {}
    func delete(_ id: SessionID) async throws { kept.withLock { $0 = nil } }
    func touch(_ id: SessionID, lastSeenAt: Int64, expiresAt: Int64) async throws {}

    func sessions(of userID: String) async throws -> [SessionID] {
        kept.withLock { $0.map { [$0.0] } ?? [] }
    }
}
