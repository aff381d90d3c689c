import XCTest

@testable import ActorIO

private struct User: Codable, Identifiable, Sendable {
    var id: String
}

private struct Fixed: Strategy {
    let outcome: StrategyOutcome<User>

    func authenticate(_ request: Request) async throws -> StrategyOutcome<User> { outcome }
}

private struct Broken: Strategy {
    struct Down: Error {}

    func authenticate(_ request: Request) async throws -> StrategyOutcome<User> { throw Down() }
}

final class StrategyTests: XCTestCase {
    private let bench = SessionBench()

    private func answer(
        _ strategies: (any Strategy<User>, any Strategy<User>),
        failure: String? = nil
    ) throws -> Response {
        let passport = Passport<User>(strategies.0, strategies.1)
        let handler = Middleware.chain(
            [.session(bench.store, secret: "x")],
            passport.authenticate(success: "/in", failure: failure)
        )
        return try bench.run { try await handler(FakeBrowser().request(.post)) }
    }

    private func status(_ strategies: (any Strategy<User>, any Strategy<User>)) -> Int? {
        do {
            return try answer(strategies).status.code
        } catch {
            return (error as? HTTPError)?.status.code
        }
    }

    func testTheFirstStrategyThatDoesNotFailDecides() throws {
        let john = Fixed(outcome: .success(User(id: "john")))
        let nobody = Fixed(outcome: .fail())
        XCTAssertEqual(try answer((nobody, john)).headers["location"], "/in")
        XCTAssertEqual(try answer((john, nobody)).headers["location"], "/in")
        XCTAssertEqual(
            try bench.run { [bench] in await bench.store.sessions(of: "john").count },
            2
        )
    }

    func testTheMessageIsTheFirstFailuresAndTheStatusTheFirstThatIsGiven() throws {
        let teapot = Fixed(outcome: .fail(message: "first", status: .conflict))
        let other = Fixed(outcome: .fail(message: "second"))
        XCTAssertEqual(status((teapot, other)), 409)
        XCTAssertEqual(status((other, teapot)), 409)
        XCTAssertEqual(status((other, other)), 401)
        let response = try answer((other, teapot), failure: "/login")
        XCTAssertEqual(response.headers["location"], "/login")
        let cookie = response.headers["set-cookie"] ?? ""
        XCTAssertTrue(cookie.contains("%5B%5B%22failure%22%2C%22second%22%5D%5D"), cookie)
    }

    func testPassAndRedirectAndErrorsEndTheChain() throws {
        let john = Fixed(outcome: .success(User(id: "john")))
        XCTAssertEqual(status((Fixed(outcome: .pass), john)), 401)
        let away = Fixed(outcome: .redirect(to: "https://id.example/", status: .seeOther))
        let response = try answer((away, john))
        XCTAssertEqual(response.headers["location"], "https://id.example/")
        XCTAssertEqual(response.status, .seeOther)
        XCTAssertThrowsError(try answer((Broken(), john))) { XCTAssertTrue($0 is Broken.Down) }
    }
}
