import XCTest

@testable import ActorIO

private struct Says: Strategy {
    let outcome: StrategyOutcome<Person>
    var note: Notebook?
    var name = ""

    func authenticate(_ request: Request) async throws -> StrategyOutcome<Person> {
        note?.note(name)
        return outcome
    }
}

private struct Scopes: Sendable, Equatable {
    var names: [String]
}

/// The rules of passport for chains of strategies.
final class ChainTests: XCTestCase {
    private func app(_ strategies: (any Strategy<Person>)...) -> Passport<Person> {
        switch strategies.count {
        case 1: Passport(strategies[0])
        case 2: Passport(strategies[0], strategies[1])
        default: Passport(strategies[0], strategies[1], strategies[2])
        }
    }

    /// What a chain answers where each request is authenticated.
    private func answer(_ passport: Passport<Person>) throws -> Response {
        let bench = LoginBench { app, _ in
            app.use(passport.token)
            app.get("/") { request in .text(request.user(Person.self)?.name ?? "nobody") }
        }
        var browser = FakeBrowser()
        return try bench.send(&browser, .get, "/")
    }

    func testAFailureOf401CarriesTheChallengeOfEachStrategyThatHasOne() throws {
        let response = try answer(
            app(
                Says(outcome: .fail(message: "first", challenge: "Basic realm=\"Users\"")),
                Says(outcome: .fail(message: "no challenge")),
                Says(outcome: .fail(challenge: "Bearer realm=\"Users\""))
            )
        )
        XCTAssertEqual(response.status, .unauthorized)
        XCTAssertEqual(
            response.headers.values("www-authenticate"),
            ["Basic realm=\"Users\"", "Bearer realm=\"Users\""]
        )
        XCTAssertEqual(String(decoding: response.body, as: UTF8.self), "first")
    }

    func testTheFirstStatusThatIsGivenDecidesAndAnotherOneThan401ShowsNoForeignChallenge() throws {
        let basic = Says(outcome: .fail(challenge: "Basic realm=\"Users\""))
        let bad = Says(outcome: .fail(status: .badRequest))
        let worse = Says(outcome: .fail(status: .conflict))
        for passport in [app(bad, basic), app(basic, bad), app(basic, bad, worse)] {
            let response = try answer(passport)
            XCTAssertEqual(response.status, .badRequest)
            XCTAssertFalse(response.headers.contains("www-authenticate"))
        }
        // RFC 6750 3: its own challenge comes with its 400.
        let own = Says(outcome: .fail(status: .badRequest, challenge: "Bearer error=\"x\""))
        let response = try answer(app(basic, own))
        XCTAssertEqual(response.status, .badRequest)
        XCTAssertEqual(response.headers.values("www-authenticate"), ["Bearer error=\"x\""])
    }

    func testPassStopsTheChainAndTheRequestGoesOnWithoutAUser() throws {
        let note = Notebook()
        let response = try answer(
            app(
                Says(outcome: .fail(), note: note, name: "one"),
                Says(outcome: .pass, note: note, name: "two"),
                Says(outcome: .success(.john), note: note, name: "three")
            )
        )
        XCTAssertEqual(note.all, ["one", "two"])
        XCTAssertEqual(String(decoding: response.body, as: UTF8.self), "nobody")
    }

    func testARedirectIsAnsweredWithItsStatus() throws {
        let away = Says(outcome: .redirect(to: "https://id.example/", status: .seeOther))
        let response = try answer(app(Says(outcome: .fail()), away))
        XCTAssertEqual(response.status, .seeOther)
        XCTAssertEqual(response.headers["location"], "https://id.example/")
    }

    func testHandlersFindWhatTheStrategySaidBesidesAndWhenTheProofEnds() throws {
        let until = AuthenticatedUntil(unixTime: 1_900_000_000)
        let found = Says(outcome: .success(.john, info: Scopes(names: ["chat"]), until: until))
        let passport = app(found)
        let bench = LoginBench { app, _ in
            app.use(passport.token)
            app.get("/") { request in
                XCTAssertEqual(request.authInfo(Scopes.self), Scopes(names: ["chat"]))
                XCTAssertNil(request.authInfo(String.self))
                XCTAssertEqual(request[AuthenticatedUntil.self], until)
                return .text("\(request.userID ?? "-")")
            }
        }
        var browser = FakeBrowser()
        XCTAssertEqual(try bench.page(&browser, "/"), "7")
        XCTAssertEqual(browser.cookies, [:], "no session")
    }

    func testASuccessWithoutAnEndTakesAnEarlierOneAway() throws {
        let passport = app(Says(outcome: .success(.john)))
        let bench = LoginBench { app, _ in
            app.use(
                Middleware { request, next in
                    var request = request
                    request[AuthenticatedUntil.self] = AuthenticatedUntil(unixTime: 1)
                    return try await next(request)
                },
                passport.token
            )
            app.get("/") { .text("\($0[AuthenticatedUntil.self] == nil)") }
        }
        var browser = FakeBrowser()
        XCTAssertEqual(try bench.page(&browser, "/"), "true")
    }

    // Answers of one's own

    private func outcome(_ strategies: any Strategy<Person>...) throws -> (String, FakeBrowser) {
        let passport =
            strategies.count == 1 ? app(strategies[0]) : app(strategies[0], strategies[1])
        let bench = LoginBench { app, _ in
            app.post(
                "/login",
                passport.authenticate { outcome, request in
                    switch outcome {
                    case .success(let user, let info, _):
                        return .text("\(user.name) \(info == nil) \(request.userID ?? "-")")
                    case .failure(let failure):
                        let challenges = failure.challenges.joined(separator: ";")
                        return .text(
                            "\(failure.message ?? "-") \(failure.status.code) \(challenges)"
                        )
                    case .pass: return .text("pass")
                    }
                }
            )
        }
        var browser = FakeBrowser()
        let response = try bench.send(&browser, .post, "/login")
        return (String(decoding: response.body, as: UTF8.self), browser)
    }

    func testAClosureGetsTheOutcomeAndNobodyIsLoggedIn() throws {
        let success = try outcome(Says(outcome: .success(.john)))
        XCTAssertEqual(success.0, "john true -")
        XCTAssertEqual(success.1.cookies, [:])
        let failure = try outcome(
            Says(outcome: .fail(message: "one", challenge: "A")),
            Says(outcome: .fail(message: "two", challenge: "B"))
        )
        XCTAssertEqual(failure.0, "one 401 A;B")
        XCTAssertEqual(try outcome(Says(outcome: .pass)).0, "pass")
    }
}
