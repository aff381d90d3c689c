import XCTest

@testable import ActorIO

/// When a cookie is set, and when the store is written: the cases of express-session.
final class SessionMatrixTests: XCTestCase {
    private static let read: Handler = { request in
        .text("\(try await request.session.read { $0[Visits.self] })")
    }
    private static let write: Handler = { request in
        try await request.session.update { $0[Visits.self] += 1 }
        return .text("written")
    }

    /// What four requests of a new visitor come to: visit, change, visit, change.
    private func outcomes(_ policy: SessionPolicy) throws -> [String] {
        let backing = FaultyBacking()
        let bench = SessionBench(backing: backing)
        let session = Middleware.session(bench.store, secret: "changeit", policy: policy)
        var browser = FakeBrowser()
        return try [Self.read, Self.write, Self.read, Self.write].map { handler in
            let before = backing.count(.save)
            let chain = Middleware.chain([session], handler)
            let request = browser.request()
            let response = try bench.run { try await chain(request) }
            browser.take(response)
            let saves = backing.count(.save) - before
            let cookies = response.headers.values("set-cookie").count
            return "\(saves) saved" + (cookies == 1 ? ", cookie" : "")
        }
    }

    func testByDefaultTheFirstChangeSetsTheCookieAndNothingRepeatsIt() throws {
        XCTAssertEqual(
            try outcomes(SessionPolicy()),
            ["0 saved", "1 saved, cookie", "0 saved", "1 saved"]
        )
    }

    func testSaveUninitializedKeepsEveryVisitor() throws {
        var policy = SessionPolicy()
        policy.saveUninitialized = true
        XCTAssertEqual(
            try outcomes(policy),
            ["1 saved, cookie", "1 saved", "0 saved", "1 saved"]
        )
    }

    func testRollingSetsTheCookieWithEveryResponseOfASessionThatWasFound() throws {
        var policy = SessionPolicy()
        policy.rolling = true
        policy.lifetime = .seconds(60)
        XCTAssertEqual(
            try outcomes(policy),
            ["0 saved", "1 saved, cookie", "0 saved, cookie", "1 saved, cookie"]
        )
        policy.saveUninitialized = true
        XCTAssertEqual(try outcomes(policy).first, "1 saved, cookie")
    }

    func testALastingCookieIsSetAgainByAChange() throws {
        var policy = SessionPolicy()
        policy.lifetime = .seconds(60)
        XCTAssertEqual(
            try outcomes(policy),
            ["0 saved", "1 saved, cookie", "0 saved", "1 saved, cookie"]
        )
    }

    func testAVisitorWhoCanNotBeKeptIsAnsweredAllTheSame() throws {
        var policy = SessionPolicy()
        policy.saveUninitialized = true
        let backing = FaultyBacking()
        backing.fail(.save)
        let bench = SessionBench(backing: backing)
        let session = Middleware.session(bench.store, secret: "changeit", policy: policy)
        let chain = Middleware.chain([session], Self.read)
        let response = try bench.run { try await chain(FakeBrowser().request()) }
        XCTAssertEqual(response.body, Array("0".utf8))
        XCTAssertEqual(response.headers.values("set-cookie"), [])
    }

    /// Robots without cookies: nobody pays for them.
    func testVisitsWithoutACookieKeepNothingHoweverManyTheyAre() throws {
        let bench = SessionBench()
        let chain = Middleware.chain([.session(bench.store, secret: "x")], Self.read)
        try bench.run {
            for _ in 0..<10_000 { _ = try await chain(FakeBrowser().request()) }
        }
        XCTAssertEqual(try bench.run { await bench.store.count }, 0)
        XCTAssertNil(bench.loop.nextDeadline)
    }

    func testVisitorsWhoAreKeptMakeRoomForOneAnother() throws {
        var policy = SessionPolicy()
        policy.saveUninitialized = true
        let bench = SessionBench { $0.maxSessions = 100 }
        let session = Middleware.session(bench.store, secret: "x", policy: policy)
        let chain = Middleware.chain([session], Self.read)
        try bench.run {
            for _ in 0..<1_000 { _ = try await chain(FakeBrowser().request()) }
        }
        XCTAssertEqual(try bench.run { await bench.store.count }, 100)
    }
}
