import XCTest

@testable import ActorIO

/// How remembered logins end: with their sessions, and with their users.
final class RememberEndTests: RememberCase {
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

    func testALogoutEndsTheSessionThoughItsLoginCanNotBeForgotten() throws {
        let slow = SlowLogins(logins)
        let bench = makeBench(slow)
        var browser = try login(bench)
        XCTAssertEqual(try sessions(bench), 1)
        slow.fail(true)
        _ = try? bench.send(&browser, .post, "/logout")
        XCTAssertEqual(try sessions(bench), 0)
        slow.fail(false)
        var back = restarted(browser)
        XCTAssertEqual(try bench.page(&back, "/"), "nobody")
    }

    func testALogoutTakesTheSessionThatAThiefBeganWithTheSameLogin() throws {
        for isDown in [false, true] {
            let slow = SlowLogins(logins)
            let bench = makeBench(slow)
            var browser = try login(bench)
            var thief = restarted(browser)
            XCTAssertEqual(try bench.page(&thief, "/"), "john again")
            XCTAssertEqual(try sessions(bench), 2)
            slow.fail(isDown)
            _ = try? bench.send(&browser, .post, "/logout")
            XCTAssertEqual(try sessions(bench), 0, "the store is down: \(isDown)")
            slow.fail(false)
            XCTAssertEqual(try bench.page(&thief, "/"), "nobody")
        }
    }

    func testATokenThatIsSpentIsFollowedByTheNextWhateverFailsThen() throws {
        let slow = SlowLogins(logins)
        let bench = makeBench(slow)
        var browser = restarted(try login(bench))
        slow.whenReplaced { slow.fail(true) }
        _ = try? bench.page(&browser, "/")
        slow.whenReplaced { slow.fail(false) }
        slow.fail(false)
        bench.bench.advance(by: .seconds(60))
        browser = restarted(browser)
        XCTAssertEqual(try bench.page(&browser, "/"), "john again")
        XCTAssertEqual(thefts.all, [])
    }

    func testTheEndOfOneDeviceLeavesThoseWhoseLoginsItsStoreHasLost() throws {
        let bench = makeBench()
        let old = try login(bench)
        try bench.bench.run { [logins] in try await logins.removeAll(of: "7", keeping: nil) }
        let new = try login(bench)
        let ids = try bench.bench.run { await bench.store.sessions(of: 7).map(\.id) }
        let mine = try XCTUnwrap(
            ids.first { new.cookies["connect.sid"]?.contains($0.description) ?? false }
        )
        let ended = try bench.bench.run { try await bench.store.endSession(mine) }
        XCTAssertEqual(ended.sessions, 1)
        var other = old
        XCTAssertNotEqual(try bench.page(&other, "/"), "nobody")
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
}
