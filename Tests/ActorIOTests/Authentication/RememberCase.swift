import XCTest

@testable import ActorIO

/// What the tests of remembered logins have in common.
class RememberCase: XCTestCase {
    let logins = MemoryRememberedLogins()
    let thefts = Notebook()
    let gone = Notebook()

    func makeBench(_ logins: (any RememberedLogins)? = nil) -> LoginBench {
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

    func login(
        _ bench: LoginBench,
        remember: String = "&remember=on",
        name: String = "john"
    ) throws -> FakeBrowser {
        var browser = FakeBrowser()
        let form = "username=\(name)&password=changeit" + remember
        _ = try bench.send(&browser, .post, "/login", form: form)
        return browser
    }

    let remembered = "connect.sid.remember"

    /// The browser ended and started again: cookies without an end are gone.
    func restarted(_ browser: FakeBrowser) -> FakeBrowser {
        var browser = browser
        browser.cookies = browser.cookies.filter { $0.key != "connect.sid" }
        return browser
    }

    func sessions(_ bench: LoginBench, of id: Int = 7) throws -> Int {
        try bench.bench.run { await bench.store.sessions(of: id).count }
    }
}

/// Remembered logins that take their time.
final class SlowLogins: RememberedLogins {
    private struct State {
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var replaced = 0
        var fails = false
        /// After so many it fails.
        var findsLeft = Int.max
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
        try checkFailing()
        state.withLock { state in
            state.findsLeft -= 1
            if state.findsLeft == 0 { state.fails = true }
        }
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

    func fail(_ fails: Bool) {
        state.withLock { state in
            state.fails = fails
            state.findsLeft = .max
        }
    }

    /// Lets it answer so many questions before it fails.
    func fail(afterFinds count: Int) { state.withLock { $0.findsLeft = count } }

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
final class FakeBackingOfLogins: SessionBacking {
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
