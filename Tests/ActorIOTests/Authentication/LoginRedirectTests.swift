import XCTest

@testable import ActorIO

/// Where a login leads, and what the next page is told.
final class LoginRedirectTests: XCTestCase {
    private let bench = LoginBench { app, _ in
        let passport = Passport<Person>.local { name, password in
            password == "changeit" ? Person(id: 7, name: name) : nil
        }
        app.use(passport.session)
        app.get("/login") { request in .text(request.failureMessage ?? "-") }
        app.post(
            "/login",
            passport.authenticate(
                success: "/home",
                failure: "/login",
                nextField: "next",
                successMessage: "Welcome.",
                failureMessage: "No."
            )
        )
        app.get("/home") { request in .text(request.flashes("success").joined()) }
        app.get("/jump") { request in
            .redirect(toLocal: request.query["next"], otherwise: "/home")
        }
        app.use(.require(Person.self, orRedirectTo: "/login"))
        app.get("/orders/:id") { _ in .text("order") }
        app.post("/orders") { _ in .text("ordered") }
    }

    private func login(_ browser: inout FakeBrowser, _ more: String = "") throws -> String? {
        let form = "username=john&password=changeit" + more
        return try bench.send(&browser, .post, "/login", form: form).headers["location"]
    }

    func testWhoWasSentToTheLoginComesBackToThePageOnce() throws {
        var browser = FakeBrowser()
        let bounced = try bench.send(&browser, .get, "/orders/5?full=1")
        XCTAssertEqual(bounced.status, .found)
        XCTAssertEqual(bounced.headers["location"], "/login")
        XCTAssertEqual(try bench.bench.run { [bench] in await bench.store.count }, 0)
        // A wrong password in between does not lose the page.
        _ = try bench.send(&browser, .post, "/login", form: "username=john&password=x")
        XCTAssertEqual(try login(&browser), "/orders/5?full=1")
        XCTAssertEqual(try bench.page(&browser, "/orders/5?full=1"), "order")
        XCTAssertEqual(try login(&browser), "/home")
    }

    func testWhatWasPostedIsNotComeBackTo() throws {
        var browser = FakeBrowser()
        let bounced = try bench.send(&browser, .post, "/orders")
        XCTAssertEqual(bounced.status, .seeOther)
        XCTAssertEqual(try login(&browser), "/home")
    }

    func testThePageIsForgottenAfterTenMinutesByTheBrowser() throws {
        var browser = FakeBrowser()
        let bounced = try bench.send(&browser, .get, "/orders/5")
        let cookie = bounced.headers["set-cookie"] ?? ""
        let time = HTTPDate(bench.bench.loop.unixTime + 600).text
        XCTAssertTrue(cookie.hasPrefix("connect.sid.return="), cookie)
        XCTAssertTrue(cookie.contains("Expires=\(time)"), cookie)
        XCTAssertTrue(cookie.contains("HttpOnly"), cookie)
    }

    func testAPageThatSomebodyElseWroteDownIsNotGoneTo() throws {
        var browser = FakeBrowser()
        browser.cookies["connect.sid.return"] = "s%3Areturn%3A%2Fevil.AAAA"
        XCTAssertEqual(try login(&browser), "/home")
    }

    // B55
    func testNextLeadsToThisSiteOnly() throws {
        let places: [(String, String)] = [
            ("/orders/1", "/orders/1"), ("/a?b=c%20d", "/a?b=c%20d"),
            ("//evil.example", "/home"), ("/\\evil.example", "/home"),
            ("\\\\evil.example", "/home"), ("https://evil.example", "/home"),
            ("javascript:alert(1)", "/home"), ("", "/home"), ("evil", "/home"),
            ("/\t/evil.example", "/home"), ("/ok\r\nSet-Cookie: a=b", "/home"),
            ("/\u{0}", "/home"),
        ]
        for (next, expected) in places {
            let escaped = PercentCoding.encodeURIComponent(next)
            var browser = FakeBrowser()
            if next.utf8.contains(0) { continue }
            XCTAssertEqual(try login(&browser, "&next=\(escaped)"), expected, next)
            let jump = try bench.send(&browser, .get, "/jump?next=\(escaped)")
            XCTAssertEqual(jump.headers["location"], expected, next)
            XCTAssertEqual(jump.headers.values("set-cookie"), [])
        }
        var browser = FakeBrowser()
        XCTAssertEqual(
            try bench.send(&browser, .get, "/jump?next=%0d%0aSet-Cookie:a=b").headers["location"],
            "/home"
        )
    }

    func testTheNextPageIsToldOfSuccessAndFailureInWordsOfTheRoute() throws {
        var browser = FakeBrowser()
        _ = try bench.send(&browser, .post, "/login", form: "username=john&password=x")
        XCTAssertEqual(try bench.page(&browser, "/login"), "No.")
        XCTAssertEqual(try bench.page(&browser, "/login"), "-")
        _ = try login(&browser)
        XCTAssertEqual(try bench.page(&browser, "/home"), "Welcome.")
        XCTAssertEqual(try bench.page(&browser, "/home"), "")
    }

    func testABodyThatArrivesInPiecesIsReadByStrategyAndRoute() throws {
        var browser = FakeBrowser()
        var request = bench.request(browser, .post, "/login", form: "")
        let pieces = Locked(
            ["username=john&pass", "word=changeit&ne", "xt=/a"].map { Array($0.utf8) }
        )
        request.body = RequestBody(
            .stream { pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
        )
        let response = try bench.sendTogether([request])[0]
        browser.take(response)
        XCTAssertEqual(response.headers["location"], "/a")
    }

    // Roles

    func testAPredicateDecidesWhoMayPass() throws {
        let bench = LoginBench { app, _ in
            app.use(
                Middleware { request, next in
                    var request = request
                    if let name = request.query["name"] { request.enter(Person(id: 1, name: name)) }
                    return try await next(request)
                },
                .require(Person.self, where: { $0.name == "root" })
            )
            app.get("/") { _ in .text("in") }
        }
        var browser = FakeBrowser()
        XCTAssertEqual(try bench.send(&browser, .get, "/").status, .unauthorized)
        XCTAssertEqual(try bench.send(&browser, .get, "/?name=john").status, .forbidden)
        XCTAssertEqual(try bench.send(&browser, .get, "/?name=root").status, .ok)
    }
}
