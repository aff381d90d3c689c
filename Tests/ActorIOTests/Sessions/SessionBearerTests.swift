import XCTest

@testable import ActorIO

/// The same session for clients without cookies.
final class SessionBearerTests: XCTestCase {
    private let bench = SessionBench()

    private static let token: Handler = { request in
        try await request.session.update { $0[Visits.self] += 1 }
        return .text(try request.session.token)
    }
    private static let visits: Handler = { request in
        .text("\(try await request.session.read { $0[Visits.self] })")
    }

    private func send(
        by browser: FakeBrowser = FakeBrowser(),
        bearer: String? = nil,
        policy: SessionPolicy = SessionPolicy(),
        _ handler: @escaping Handler
    ) throws -> Response {
        let session = Middleware.session(bench.store, secret: "changeit", policy: policy)
        let chain = Middleware.chain([session], handler)
        let request = browser.request(.get, "/", bearer.map { [("Authorization", $0)] } ?? [])
        return try bench.run { try await chain(request) }
    }

    private func text(_ response: Response) -> String {
        String(decoding: response.body, as: UTF8.self)
    }

    private func newToken() throws -> String { text(try send(Self.token)) }

    func testTheTokenIsTheSignedIdAndFindsTheSession() throws {
        let token = try newToken()
        XCTAssertTrue(token.hasPrefix("s:"))
        for scheme in ["Bearer", "bearer", "BEARER"] {
            XCTAssertEqual(text(try send(bearer: "\(scheme) \(token)", Self.visits)), "1")
        }
        let escaped = PercentCoding.encodeURIComponent(token)
        XCTAssertEqual(text(try send(bearer: "Bearer \(escaped)", Self.visits)), "1")
        let id = try XCTUnwrap(SessionID("pft2ckTCSdsxFNv8Q64bQ4Zi_sEdr9wL"))
        XCTAssertEqual(
            SessionCookie(secrets: ["changeit"], policy: SessionPolicy()).token(for: id),
            "s:pft2ckTCSdsxFNv8Q64bQ4Zi_sEdr9wL.3mupVlNkbLQbncUcUz1+jtrvr+pum7PVKsDOW7oGvEk"
        )
    }

    func testNoCookieIsSetForWhoShowsABearer() throws {
        let bearer = "Bearer \(try newToken())"
        var policy = SessionPolicy()
        policy.rolling = true
        policy.saveUninitialized = true
        policy.lifetime = .seconds(60)
        XCTAssertEqual(
            try send(bearer: bearer, policy: policy, Self.token).headers.values("set-cookie"),
            []
        )
        let destroyed = try send(bearer: bearer, policy: policy) { request in
            try await request.session.destroy()
            return .text("")
        }
        XCTAssertEqual(destroyed.headers.values("set-cookie"), [])
        let after = try send(bearer: bearer, policy: policy, Self.visits)
        XCTAssertEqual(text(after), "0")
        XCTAssertEqual(after.headers.values("set-cookie"), [])
        XCTAssertEqual(try bench.run { [bench] in await bench.store.count }, 0)
    }

    func testTheCookieDecidesEvenWhenItIsBad() throws {
        let bearer = "Bearer \(try newToken())"
        var browser = FakeBrowser()
        browser.cookies["connect.sid"] = "bad"
        let response = try send(by: browser, bearer: bearer, Self.token)
        XCTAssertEqual(response.headers.values("set-cookie").count, 1)
        browser.cookies = ["other": "1"]
        XCTAssertEqual(text(try send(by: browser, bearer: bearer, Self.visits)), "1")
    }

    func testWhatIsNoneOfOursIsNoBearerOfOurs() throws {
        let token = try newToken()
        for bad in [
            "Bearer", "Bearer ", "Bearer s:", "Bearer \(token)x", "Bearer \(token.dropFirst(2))",
            "Basic \(token)", "Bearer\(token)", "\(token)", "Bearers:\(token)",
        ] {
            XCTAssertEqual(text(try send(bearer: bad, Self.visits)), "0", bad)
        }
        // The token of another scheme leaves cookies alone.
        let other = try send(bearer: "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x", Self.token)
        XCTAssertEqual(other.headers.values("set-cookie").count, 1)
    }

    func testLaterRequestsOfAConnectionShowTheSameBearer() throws {
        let (mine, other) = (try newToken(), try newToken())
        _ = try send(bearer: "Bearer \(mine)") { request in
            func later(_ token: String?) -> Request {
                let headers = token.map { [("Authorization", "Bearer \($0)")] } ?? []
                return FakeBrowser().request(.get, "/", headers)
            }
            XCTAssertTrue(request.kept().sharesSession(with: later(mine)))
            XCTAssertFalse(request.kept().sharesSession(with: later(other)))
            XCTAssertFalse(request.kept().sharesSession(with: later(nil)))
            return .text("")
        }
    }
}
