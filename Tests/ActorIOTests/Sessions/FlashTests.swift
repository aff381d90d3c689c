import XCTest

@testable import ActorIO

final class FlashTests: XCTestCase {
    private let bench = LoginBench { app, _ in
        app.get("/leave") { request in
            for kind in request.query.values("kind") {
                try request.flash(kind, request.query["text"] ?? kind)
            }
            return .redirect(to: "/")
        }
        app.get("/") { request in
            .text(request.flashes.map { "\($0.kind)=\($0.text)" }.joined(separator: " "))
        }
        app.get("/info") { request in .text(request.flashes("info").joined(separator: " ")) }
        app.get("/other") { _ in .text("other") }
        app.get("/both") { request in
            try request.flash("info", "again")
            return .text(request.flashes("info").joined())
        }
    }

    func testAMessageIsToldOnceAndInOrderAndCostsTheStoreNothing() throws {
        var browser = FakeBrowser()
        _ = try bench.send(&browser, .get, "/leave?kind=info&kind=warning")
        XCTAssertEqual(Array(browser.cookies.keys), ["connect.sid.flash"])
        XCTAssertEqual(try bench.page(&browser, "/other"), "other", "another page in between")
        XCTAssertEqual(try bench.page(&browser, "/"), "info=info warning=warning")
        XCTAssertEqual(browser.cookies, [:])
        XCTAssertEqual(try bench.page(&browser, "/"), "")
        XCTAssertEqual(try bench.bench.run { [bench] in await bench.store.count }, 0)
    }

    func testMessagesOfAnotherKindWait() throws {
        var browser = FakeBrowser()
        _ = try bench.send(&browser, .get, "/leave?kind=info&kind=warning&kind=info")
        XCTAssertEqual(try bench.page(&browser, "/info"), "info info")
        XCTAssertEqual(try bench.page(&browser, "/info"), "")
        XCTAssertEqual(try bench.page(&browser, "/"), "warning=warning")
    }

    func testMessagesOfSeveralPagesGather() throws {
        var browser = FakeBrowser()
        _ = try bench.send(&browser, .get, "/leave?kind=one")
        _ = try bench.send(&browser, .get, "/leave?kind=two")
        XCTAssertEqual(try bench.page(&browser, "/"), "one=one two=two")
    }

    func testWhatAPageLeavesIsForTheNextOne() throws {
        var browser = FakeBrowser()
        _ = try bench.send(&browser, .get, "/leave?kind=info")
        XCTAssertEqual(try bench.page(&browser, "/both"), "info")
        XCTAssertEqual(try bench.page(&browser, "/"), "info=again")
    }

    func testAnyTextComesThroughAndNothingBreaksOut() throws {
        var browser = FakeBrowser()
        let text = "\"é\\ 😀;\r\nSet-Cookie: a=b <b>"
        let query = PercentCoding.encodeURIComponent(text)
        let response = try bench.send(&browser, .get, "/leave?kind=info&text=\(query)")
        XCTAssertEqual(response.headers.values("set-cookie").count, 1)
        XCTAssertEqual(try bench.page(&browser, "/info"), text)
    }

    func testTheCookieStaysSmallAndTheOldestMakeRoom() throws {
        var browser = FakeBrowser()
        for number in 0..<30 {
            let text = "\(number)" + String(repeating: "%C3%A9", count: 1_000)
            let target = "/leave?kind=k\(number)&text=\(text)"
            let response = try bench.send(&browser, .get, target)
            let cookie = response.headers["set-cookie"] ?? ""
            XCTAssertLessThan(cookie.utf8.count, 3_500)
        }
        let page = try bench.page(&browser, "/")
        XCTAssertTrue(page.hasPrefix("k"), page)
        XCTAssertTrue(page.contains("k29=29é"), page)
        XCTAssertFalse(page.contains("k0=0é"), page)
        for number in 0..<30 { _ = try bench.send(&browser, .get, "/leave?kind=k\(number)") }
        XCTAssertEqual(try bench.page(&browser, "/").split(separator: " ").count, 10)
    }

    func testAMessageThatWasMadeUpIsNotShown() throws {
        var browser = FakeBrowser()
        browser.cookies["connect.sid.flash"] = "%5B%5B%22info%22%2C%22pay%20me%22%5D%5D"
        XCTAssertEqual(try bench.page(&browser, "/"), "")
        browser.cookies["connect.sid.flash"] = "s%3Aflash%3A%5B%5B%22info%22%2C%22a%22%5D%5D.AAAA"
        XCTAssertEqual(try bench.page(&browser, "/"), "")
    }

    func testAMessageLivesForAMinute() throws {
        var browser = FakeBrowser()
        let response = try bench.send(&browser, .get, "/leave?kind=info")
        let end = HTTPDate(bench.bench.loop.unixTime + 60).text
        XCTAssertTrue(response.headers["set-cookie"]?.contains("Expires=\(end)") ?? false)
    }

    func testWithoutSessionsThereIsNothingToReadAndLeavingIsAnError() async throws {
        XCTAssertEqual(Request.sample().flashes, [])
        XCTAssertNil(Request.sample().failureMessage)
        XCTAssertThrowsError(try Request.sample().flash("info", "x"))
    }
}
