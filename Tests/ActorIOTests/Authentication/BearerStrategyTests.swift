import XCTest

@testable import ActorIO

final class BearerStrategyTests: XCTestCase {
    private let note = Notebook()

    private func answer(
        _ headers: [(String, String)],
        _ options: BearerStrategy<Person>.Options = .init(),
        form: String? = nil
    ) throws -> Response {
        let passport = Passport<Person>.bearer(options) { [note] token, _ in
            note.note(token)
            return token == "abc-._~+/123==" ? .john : nil
        }
        let bench = LoginBench { app, _ in
            app.use(passport.token)
            app.get("/") { request in .text(try request.require(Person.self).name) }
            app.post("/") { request in .text(try request.require(Person.self).name) }
        }
        var browser = FakeBrowser()
        return try bench.send(&browser, form == nil ? .get : .post, "/", form: form, headers)
    }

    private func challenge(_ headers: [(String, String)]) throws -> String {
        let response = try answer(headers)
        let challenges = response.headers.values("www-authenticate")
        return "\(response.status.code) " + challenges.joined(separator: " | ")
    }

    func testATokenInTheHeaderIsTheUsers() throws {
        for scheme in ["Bearer ", "bearer ", "BEARER   "] {
            let response = try answer([("Authorization", scheme + "abc-._~+/123==")])
            XCTAssertEqual(response.body, Array("john".utf8), scheme)
        }
    }

    // RFC 6750 3
    func testWithoutATokenTheChallengeIsBare() throws {
        XCTAssertEqual(try challenge([]), #"401 Bearer realm="Users""#)
        XCTAssertEqual(
            try challenge([("Authorization", "Basic am9objp4")]),
            #"401 Bearer realm="Users""#
        )
        XCTAssertEqual(
            try challenge([("Authorization", "Bearerabc")]),
            #"401 Bearer realm="Users""#
        )
        // The id of a session is shown in the same way and is not this strategy's business.
        XCTAssertEqual(
            try challenge([("Authorization", "Bearer s:abc.def")]),
            #"401 Bearer realm="Users""#
        )
    }

    func testATokenOfNobodyIsAnInvalidToken() throws {
        XCTAssertEqual(
            try challenge([("Authorization", "Bearer zzz")]),
            #"401 Bearer realm="Users", error="invalid_token", "#
                + #"error_description="The token is not valid.""#
        )
        XCTAssertEqual(note.all, ["zzz"])
    }

    func testWhatIsNoTokenIsAnInvalidRequestBeforeAnybodyIsAsked() throws {
        let long = String(repeating: "a", count: 8_193)
        for bad in ["", " ", "a b", "a=b", "=", "ä", "a,b", "\"a\"", long] {
            let answer = try challenge([("Authorization", "Bearer " + bad)])
            XCTAssertTrue(
                answer.hasPrefix(#"400 Bearer realm="Users", error="invalid_request""#),
                bad + answer
            )
        }
        let twice = [("Authorization", "Bearer abc"), ("Authorization", "Bearer abc")]
        XCTAssertTrue(try challenge(twice).hasPrefix("400 "))
        XCTAssertEqual(note.all, [])
    }

    func testAQueryIsNotRead() throws {
        let passport = Passport<Person>.bearer { _, _ in .john }
        let bench = LoginBench { app, _ in
            app.use(passport.token)
            app.get("/") { _ in .text("in") }
        }
        var browser = FakeBrowser()
        let response = try bench.send(&browser, .get, "/?access_token=abc")
        XCTAssertEqual(response.status, .unauthorized)
    }

    func testAFormIsReadWhenAskedForAndNotBesideTheHeader() throws {
        var options = BearerStrategy<Person>.Options()
        let form = "access_token=abc-._~%2B%2F123%3D%3D"
        XCTAssertEqual(try answer([], options, form: form).status, .unauthorized)
        options.formField = "access_token"
        XCTAssertEqual(try answer([], options, form: form).status, .ok)
        let both = try answer([("Authorization", "Bearer abc")], options, form: form)
        XCTAssertEqual(both.status, .badRequest)
        XCTAssertEqual(try answer([], options, form: form + "&" + form).status, .badRequest)
    }

    func testAFormThatStrategyAndHandlerReadMayArriveInPieces() throws {
        var options = BearerStrategy<Person>.Options()
        options.formField = "access_token"
        let passport = Passport<Person>.bearer(options) { _, _ in .john }
        let bench = LoginBench { app, _ in
            app.use(passport.token)
            app.post("/") { request in .text(try await request.form()["a"] ?? "-") }
        }
        var request = bench.request(FakeBrowser(), .post, "/", form: "")
        let pieces = Locked(["access_token=abc", "&a=tea"].map { Array($0.utf8) })
        request.body = RequestBody(
            .stream { pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
        )
        XCTAssertEqual(try bench.sendTogether([request])[0].body, Array("tea".utf8))
    }

    func testRealmAndScopeAreInTheChallengeAndNothingBreaksOutOfIt() throws {
        var options = BearerStrategy<Person>.Options()
        options.realm = "a\"b\\c\r\nX: 1"
        options.scope = "chat admin"
        let response = try answer([], options)
        XCTAssertEqual(
            response.headers.values("www-authenticate"),
            [#"Bearer realm="abcX: 1", scope="chat admin""#]
        )
    }

    func testAScopeThatIsMissingIs403() throws {
        let strategy = BearerStrategy<Person>(deciding: { token, _ in
            switch token {
            case "weak": .insufficientScope("chat")
            case "gone": .fail(message: "It was revoked.")
            default: .success(.john, until: AuthenticatedUntil(unixTime: 5))
            }
        })
        let bench = LoginBench { app, _ in
            app.use(Passport(strategy).token)
            app.get("/") { .text("\($0[AuthenticatedUntil.self]?.unixTime ?? 0)") }
        }
        var browser = FakeBrowser()
        let weak = try bench.send(&browser, .get, "/", [("Authorization", "Bearer weak")])
        XCTAssertEqual(weak.status, .forbidden)
        XCTAssertEqual(
            weak.headers.values("www-authenticate"),
            [#"Bearer realm="Users", error="insufficient_scope", scope="chat""#]
        )
        let gone = try bench.send(&browser, .get, "/", [("Authorization", "Bearer gone")])
        XCTAssertEqual(
            gone.headers.values("www-authenticate"),
            [
                #"Bearer realm="Users", error="invalid_token", "#
                    + #"error_description="It was revoked.""#
            ]
        )
        let good = try bench.send(&browser, .get, "/", [("Authorization", "Bearer good")])
        XCTAssertEqual(good.body, Array("5".utf8))
    }

    func testFailuresHaveTheNamesOfTheStandard() async throws {
        let strategy = BearerStrategy<Person> { _, _ in nil }
        for (value, code) in [("Bearer a", "invalid_token"), ("Bearer a b", "invalid_request")] {
            let request = Request.sample(headers: ["Authorization": value])
            let verdict = try await StrategyChain(strategies: [strategy]).run(request)
            guard case .decided(.failure(let failure)) = verdict else { return XCTFail() }
            XCTAssertEqual(failure.error.code, code)
        }
    }
}
