import XCTest

@testable import ActorIO

/// A login that comes back and can not be checked to the end is nobody's.
final class UnprovenLoginTests: RememberCase {
    private func cookies(_ response: Response) -> [String] {
        response.headers.values("set-cookie").map { String($0.prefix { $0 != "=" }) }
    }

    func testA500AfterAFailedLastCheckGivesNoSessionAway() throws {
        let slow = SlowLogins(logins)
        let bench = makeBench(slow)
        var browser = restarted(try login(bench))
        slow.fail(afterFinds: 1)
        let answer = try bench.send(&browser, .get, "/")
        XCTAssertEqual(answer.status, .internalServerError)
        XCTAssertEqual(cookies(answer), [remembered], "the next token, and no session")
        XCTAssertEqual(try sessions(bench), 1, "that of the login: the other one has ended")
        slow.fail(false)
        XCTAssertEqual(try bench.page(&browser, "/"), "john again")
        XCTAssertEqual(thefts.all, [])
    }

    func testOneThatJoinsTheSessionOfAnotherPageIsCheckedAsWellAndTakesNothingFromIt() throws {
        let slow = SlowLogins(logins)
        let bench = makeBench(slow)
        let start = restarted(try login(bench))
        var (first, second) = (start, start)
        XCTAssertEqual(try bench.page(&first, "/"), "john again")
        slow.fail(afterFinds: 1)
        let answer = try bench.send(&second, .get, "/")
        XCTAssertEqual(answer.status, .internalServerError)
        XCTAssertEqual(cookies(answer), [remembered])
        slow.fail(false)
        XCTAssertEqual(try bench.page(&first, "/"), "john again")
        XCTAssertEqual(try sessions(bench), 2, "the login's and that of the first page")
    }

    func testAVisitorsSessionThatMadeRoomIsTakenFromTheBrowser() throws {
        let slow = SlowLogins(logins)
        let bench = makeBench(slow)
        var browser = restarted(try login(bench))
        let visitor = try bench.bench.run {
            let birth = SessionBirth(origin: SessionOrigin(address: "", userAgent: nil))
            _ = try await bench.store.create(birth, nil) { $0[Cart.self].items = ["tea"] }
            return birth.id
        }
        let cookie = SessionCookie(
            secrets: ["a secret of the tests, 32 bytes long"],
            policy: SessionPolicy()
        )
        browser.cookies["connect.sid"] = cookie.cookie(for: visitor, isSecure: false, now: 0).value
        slow.fail(afterFinds: 1)
        _ = try bench.send(&browser, .get, "/")
        XCTAssertEqual(Array(browser.cookies.keys), [remembered])
    }
}
