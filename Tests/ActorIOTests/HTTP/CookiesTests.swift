import XCTest

@testable import ActorIO

final class CookiesTests: XCTestCase {
    private func cookies(_ lines: String...) -> Cookies {
        var headers = Headers()
        for line in lines { headers.add("Cookie", line) }
        return Cookies(headers)
    }

    func testReadsCookies() {
        let cookies = cookies("a=b; sid=s%3Ax.y=z;c=d")
        XCTAssertEqual(cookies["a"], "b")
        XCTAssertEqual(cookies["sid"], "s%3Ax.y=z")
        XCTAssertEqual(cookies["c"], "d")
        XCTAssertNil(cookies["A"])
        XCTAssertEqual(cookies.names, ["a", "sid", "c"])
    }

    // B44
    func testTheFirstOfTwoCountsAlways() {
        XCTAssertEqual(cookies("sid=real; sid=forged")["sid"], "real")
        XCTAssertEqual(cookies("sid=real", "sid=forged")["sid"], "real")
        XCTAssertEqual(cookies("sid=real; sid=forged").values("sid"), ["real", "forged"])
    }

    // B45
    func testGreekQuestionMarkIsNoSeparator() {
        // U+037E is equal to ";" as a Unicode text; its bytes make the pair malformed.
        let cookies = cookies("a=b\u{37E} sid=forged; c=d")
        XCTAssertNil(cookies["sid"])
        XCTAssertNil(cookies["a"])
        XCTAssertEqual(cookies["c"], "d")
    }

    // B46
    func testSkipsPairsThatAreNotWellFormed() {
        let cookies = cookies(
            "novalue; =noname; q=\"quoted\"; ; ;; e\u{E9}=x; v=\u{E9}; b a=x; ok=1"
        )
        XCTAssertEqual(cookies.names, ["ok"])
        XCTAssertEqual(cookies["ok"], "1")
    }

    func testAnEmptyValueIsAValue() {
        XCTAssertEqual(cookies("a=")["a"], "")
    }

    func testNamesOfObjectsAreNames() {
        let cookies = cookies("__proto__=x; constructor=y")
        XCTAssertEqual(cookies["__proto__"], "x")
        XCTAssertNil(cookies["toString"])
    }
}

final class SetCookieTests: XCTestCase {
    func testWritesEveryAttribute() {
        var cookie = SetCookie("a", "b")
        XCTAssertEqual(cookie.serialized(), "a=b; Path=/; HttpOnly; SameSite=Lax")
        cookie.domain = "a.example"
        cookie.maxAge = .seconds(60)
        cookie.expires = 784_111_777
        cookie.secure = true
        cookie.httpOnly = false
        cookie.partitioned = true
        cookie.priority = .high
        cookie.sameSite = SetCookie.SameSite.none
        XCTAssertEqual(
            cookie.serialized(),
            "a=b; Max-Age=60; Domain=a.example; Path=/; Expires=Sun, 06 Nov 1994 08:49:37 GMT; "
                + "Secure; Partitioned; Priority=High; SameSite=None"
        )
    }

    func testRemoves() {
        XCTAssertEqual(
            SetCookie.removing("a").serialized(),
            "a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax"
        )
    }

    // A25
    func testWritesNothingThatBreaksOut() {
        for bad in ["\r\n", "a\r\nSet-Cookie: x=y", "a;b", "a\u{0}", "a,b", "a b", "\"", "\u{E9}"] {
            XCTAssertNil(SetCookie("a", bad).serialized(), bad)
            XCTAssertNil(SetCookie(bad, "a").serialized(), bad)
            var response = Response(status: .ok)
            response.set(SetCookie("a", bad))
            XCTAssertFalse(response.headers.contains("set-cookie"))
        }
        XCTAssertNil(SetCookie("", "a").serialized())
        XCTAssertNil(SetCookie("a=b", "c").serialized())
        for bad in ["/;Domain=x", "/\r\n", "\u{E9}"] {
            var cookie = SetCookie("a", "b")
            cookie.path = bad
            XCTAssertNil(cookie.serialized())
            cookie.path = "/"
            cookie.domain = bad
            XCTAssertNil(cookie.serialized())
        }
    }

    func testTwoCookiesAreTwoHeaders() {
        var response = Response(status: .ok)
        response.set(SetCookie("a", "b"))
        response.set(SetCookie("c", "d"))
        XCTAssertEqual(response.headers.values("set-cookie").count, 2)
    }
}
