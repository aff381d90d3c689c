import XCTest

@testable import ActorIO

/// Two passports that remember logins in one store: their browsers have one cookie, and neither
/// takes the other's.
final class TwoPassportsTests: RememberCase {
    private let others = MemoryRememberedLogins()

    /// Two ways to log in, with remembered logins of their own; `order` says who is asked first.
    private func makeBench(
        order: [Int],
        _ first: (any RememberedLogins)? = nil
    ) -> LoginBench {
        LoginBench { [thefts, logins, others] app, store in
            var options = RememberOptions()
            options.onTheft = { thefts.note($0) }
            let stores: [any RememberedLogins] = [first ?? logins, others]
            let passports = stores.enumerated().map { number, logins in
                Passport<Person>.local { name, password in
                    password == "changeit" ? Person(id: 7 + number, name: name) : nil
                }
                .remembering(in: store, logins: logins, options) { id in
                    Person(id: id, name: "\(number) again")
                }
            }
            app.use(passports[0].session)
            for (number, passport) in passports.enumerated() {
                app.post("/login\(number)", passport.authenticate(success: "/", failure: "/"))
                app.group("/only\(number)") { group in
                    group.use(passport.remembered)
                    group.get("/") { request in .text(request.user(Person.self)?.name ?? "-") }
                }
            }
            app.group("/both") { group in
                for number in order { group.use(passports[number].remembered) }
                group.get("/") { request in .text(request.user(Person.self)?.name ?? "-") }
            }
            app.post("/logout") { request in
                try await request.logout()
                return .status(.noContent)
            }
        }
    }

    private func login(_ bench: LoginBench, _ number: Int) throws -> FakeBrowser {
        var browser = FakeBrowser()
        let form = "username=john&password=changeit&remember=on"
        _ = try bench.send(&browser, .post, "/login\(number)", form: form)
        XCTAssertNotNil(browser.cookies[remembered])
        return browser
    }

    func testEachKnowsItsOwnLoginsInEitherOrder() throws {
        for order in [[0, 1], [1, 0]] {
            let bench = makeBench(order: order)
            for number in 0..<2 {
                var browser = try login(bench, number)
                for _ in 0..<3 {
                    browser = restarted(browser)
                    let token = browser.cookies[remembered]
                    XCTAssertEqual(try bench.page(&browser, "/both/"), "\(number) again")
                    XCTAssertNotEqual(browser.cookies[remembered], token)
                    bench.bench.advance(by: .seconds(3_600))
                }
            }
            XCTAssertEqual(thefts.all, [])
        }
    }

    func testWhatIsTheOthersIsLeftWhereItIs() throws {
        let bench = makeBench(order: [0, 1])
        for number in 0..<2 {
            var browser = restarted(try login(bench, number))
            let cookies = browser.cookies
            XCTAssertEqual(try bench.page(&browser, "/only\(1 - number)/"), "-")
            XCTAssertEqual(browser.cookies, cookies)
            XCTAssertEqual(try bench.page(&browser, "/only\(number)/"), "\(number) again")
        }
    }

    func testAUsedTokenIsATheftToWhoGaveItAlone() throws {
        let bench = makeBench(order: [1, 0])
        var owner = restarted(try login(bench, 0))
        var thief = owner
        _ = try login(bench, 1)
        XCTAssertEqual(try bench.page(&owner, "/both/"), "0 again")
        bench.bench.advance(by: .seconds(60))
        XCTAssertEqual(try bench.page(&thief, "/only1/"), "-")
        XCTAssertEqual(thefts.all, [])
        XCTAssertEqual(try bench.page(&thief, "/both/"), "-")
        XCTAssertEqual(thefts.all, ["7"])
        XCTAssertNil(thief.cookies[remembered])
        XCTAssertEqual(others.count, 1)
    }

    func testWhatNeitherKnowsIsThrownAway() throws {
        let bench = makeBench(order: [0, 1])
        var browser = restarted(try login(bench, 0))
        try bench.bench.run { [logins] in try await logins.removeAll(of: "7", keeping: nil) }
        XCTAssertEqual(try bench.page(&browser, "/both/"), "-")
        XCTAssertNil(browser.cookies[remembered])
    }

    func testWhileTheOtherCanNotSayNothingIsThrownAway() throws {
        let slow = SlowLogins(logins)
        let bench = makeBench(order: [0, 1], slow)
        var browser = restarted(try login(bench, 0))
        slow.fail(true)
        XCTAssertEqual(try bench.page(&browser, "/only1/"), "-")
        slow.fail(false)
        XCTAssertEqual(try bench.page(&browser, "/both/"), "0 again")
    }

    func testALoginByOneReplacesWhatTheOtherRemembered() throws {
        let bench = makeBench(order: [0, 1])
        var browser = try login(bench, 0)
        let form = "username=jane&password=changeit&remember=on"
        _ = try bench.send(&browser, .post, "/login1", form: form)
        XCTAssertEqual([logins.count, others.count], [0, 1])
        browser = restarted(browser)
        XCTAssertEqual(try bench.page(&browser, "/both/"), "1 again")
        _ = try bench.send(&browser, .post, "/logout")
        XCTAssertEqual([logins.count, others.count], [0, 0])
    }

    func testWhoIsSomebodyByAnotherPassportIsNotMadeSomebodyElse() throws {
        struct Robot: Codable, Identifiable, Sendable { var id: Int }
        let bench = LoginBench { [logins] app, store in
            let people = Passport<Person>.local { name, _ in Person(id: 7, name: name) }
                .remembering(in: store, logins: logins) { Person(id: $0, name: "again") }
            let robots = Passport<Robot>.bearer { _, _ in Robot(id: 1) }
            app.post("/login", people.authenticate(success: "/", failure: "/"))
            app.group("/api") { group in
                group.use(robots.token, people.remembered)
                group.get("/") { request in .text(request.userID ?? "-") }
            }
        }
        var browser = restarted(try login(bench))
        let answer = try bench.send(&browser, .get, "/api/", [("Authorization", "Bearer abc")])
        XCTAssertEqual(String(decoding: answer.body, as: UTF8.self), "1")
        XCTAssertEqual(try sessions(bench), 1)
    }
}
