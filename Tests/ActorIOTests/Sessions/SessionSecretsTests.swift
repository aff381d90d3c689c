import XCTest

@testable import ActorIO

final class SessionSecretsTests: XCTestCase {
    private let bench = SessionBench()
    private let secrets = SessionSecrets(["new", "old"])

    private static let write: Handler = { request in
        try await request.session.update { $0[Visits.self] += 1 }
        return .text("\(try await request.session.read { $0[Visits.self] })")
    }

    private func send(
        _ browser: FakeBrowser,
        _ secrets: SessionSecrets? = nil,
        _ handler: @escaping Handler = write
    ) throws -> Response {
        let session = Middleware.session(bench.store, secrets: secrets ?? self.secrets)
        let chain = Middleware.chain([session], handler)
        return try bench.run { try await chain(browser.request()) }
    }

    private func browser(under secret: String) throws -> FakeBrowser {
        var browser = FakeBrowser()
        browser.take(try send(browser, SessionSecrets([secret])))
        return browser
    }

    func testACookieUnderAnOlderSecretIsSetAnewUnderTheNewest() throws {
        var browser = try browser(under: "old")
        let before = browser.cookies["connect.sid"]
        let response = try send(browser) { _ in .text("") }
        XCTAssertEqual(response.headers.values("set-cookie").count, 1)
        browser.take(response)
        XCTAssertNotEqual(browser.cookies["connect.sid"], before)
        XCTAssertEqual(try send(browser, SessionSecrets(["new"])).body, Array("2".utf8))
        XCTAssertEqual(try send(browser) { _ in .text("") }.headers.values("set-cookie"), [])
    }

    func testASecretRotatesWhileTheServerRuns() throws {
        var browser = try browser(under: "new")
        secrets.rotate(to: "newest")
        let response = try send(browser)
        XCTAssertEqual(response.body, Array("2".utf8))
        browser.take(response)
        XCTAssertEqual(try send(browser, SessionSecrets(["newest"])).body, Array("3".utf8))
        secrets.rotate(to: "old")
        XCTAssertEqual(secrets.newest.secret, "old")
        XCTAssertEqual(secrets.keys.count, 3, "a known one moves to the front")
    }

    func testWithdrawingASecretEndsWhatWasShownUnderItLastAndNothingElse() throws {
        let old = try browser(under: "old")
        let new = try browser(under: "new")
        var moved = try browser(under: "old")
        for browser in [old, new, moved] {
            let response = try send(browser)
            if browser.cookies == moved.cookies { moved.take(response) }
        }
        _ = try send(moved)
        try bench.run { [bench] in
            for id in await bench.store.entries.keys {
                await bench.members.enter(id, as: HandshakeMember(id: 1))
            }
            await bench.store.attach(bench.members)
        }
        let ended = try bench.run { [secrets] in try await secrets.withdraw("old") }
        XCTAssertEqual(ended, EndedSessions(sessions: 1, sockets: 1))
        XCTAssertEqual(try send(old).body, Array("1".utf8), "a new session")
        XCTAssertEqual(try send(new).body, Array("3".utf8))
        XCTAssertEqual(try send(moved).body, Array("4".utf8))
        let again = try bench.run { [secrets] in try await secrets.withdraw("old") }
        XCTAssertEqual(again, EndedSessions())
    }

    func testASessionThatOnlyTheBackingHoldsIsRefusedUnderAWithdrawnSecret() throws {
        let backing = FaultyBacking()
        let first = SessionBench(backing: backing)
        var browser = FakeBrowser()
        let chain = Middleware.chain([.session(first.store, secret: "old")], Self.write)
        browser.take(try first.run { [browser] in try await chain(browser.request()) })
        let second = SessionBench(backing: backing)
        let session = Middleware.session(second.store, secrets: secrets)
        try second.run { [secrets] in try await secrets.withdraw("old") }
        let later = Middleware.chain([session], Self.write)
        let response = try second.run { [browser] in try await later(browser.request()) }
        XCTAssertEqual(response.body, Array("1".utf8))
    }

    /// A request has read its cookie, and then the secret is withdrawn: at every step.
    func testNobodySlipsInBesideAWithdrawal() throws {
        var isLast = false
        var steps = 0
        while !isLast, steps < 200 {
            let bench = SessionBench()
            let secrets = SessionSecrets(["new", "old"])
            let session = Middleware.session(bench.store, secrets: secrets)
            var browser = FakeBrowser()
            let old = Middleware.chain([.session(bench.store, secret: "old")], Self.write)
            browser.take(try bench.run { [browser] in try await old(browser.request()) })
            let found = Locked<SessionSlot?>(nil)
            let chain = Middleware.chain([session]) { request in
                found.withLock { $0 = request[SessionSlot.self] }
                return .text("")
            }
            let visit = bench.begin { [browser] in try await chain(browser.request()) }
            for _ in 0..<steps { _ = bench.step() }
            isLast = visit.isDone
            try bench.run { try await secrets.withdraw("old") }
            bench.settle()
            if let slot = found.withLock({ $0 }), let id = slot.liveID {
                XCTAssertFalse(try bench.run { try await bench.store.isAlive(id) }, "step \(steps)")
            }
            steps += 1
        }
        XCTAssertTrue(isLast)
        XCTAssertGreaterThan(steps, 3)
    }
}
