import XCTest

@testable import ActorIO

/// Logins that outlive their session.
final class RememberTests: RememberCase {
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
