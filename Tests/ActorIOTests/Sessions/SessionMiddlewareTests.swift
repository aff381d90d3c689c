import XCTest

@testable import ActorIO

final class SessionMiddlewareTests: XCTestCase {
    private let bench = SessionBench()

    private func send(
        _ browser: FakeBrowser,
        policy: SessionPolicy = SessionPolicy(),
        entry: Bool = false,
        _ handler: @escaping Handler
    ) throws -> Response {
        let chain = Middleware.chain(
            [.session(bench.store, secret: "changeit", policy: policy)],
            handler
        )
        var request = browser.request()
        if entry {
            let member = HandshakeMember(id: 1)
            request[HandshakeEntry.self] = HandshakeEntry(members: bench.members, member: member)
        }
        return try bench.run { [request] in try await chain(request) }
    }

    private let write: Handler = { request in
        try await request.session.update { $0[Visits.self] += 1 }
        return .text("\(try await request.session.read { $0[Visits.self] })")
    }

    private var count: Int {
        get throws { try bench.run { [bench] in await bench.store.count } }
    }

    func testAVisitorWhoWritesNothingCostsNothing() throws {
        let response = try send(FakeBrowser()) { request in
            let visits = try await request.session.read { $0[Visits.self] }
            try await request.session.update { _ in }
            return .text("\(visits)")
        }
        XCTAssertEqual(response.headers.values("set-cookie"), [])
        XCTAssertEqual(try count, 0)
        XCTAssertNil(bench.loop.nextDeadline)
    }

    func testTheFirstWriteMakesTheSessionAndTheCookieAndLaterOnesDoNotRepeatIt() throws {
        var browser = FakeBrowser()
        let first = try send(browser, write)
        XCTAssertEqual(first.headers.values("set-cookie").count, 1)
        XCTAssertEqual(first.headers["cache-control"], "private")
        browser.take(first)
        let second = try send(browser, write)
        XCTAssertEqual(second.body, Array("2".utf8))
        XCTAssertEqual(second.headers.values("set-cookie"), [])
        XCTAssertEqual(try count, 1)
    }

    func testTwoFirstWritesOfOneRequestMakeOneSession() throws {
        let response = try send(FakeBrowser()) { request in
            async let one: Void = request.session.update { $0[Visits.self] += 1 }
            async let two: Void = request.session.update { $0[Visits.self] += 1 }
            _ = try await (one, two)
            return .text("\(try await request.session.read { $0[Visits.self] })")
        }
        XCTAssertEqual(response.body, Array("2".utf8))
        XCTAssertEqual(response.headers.values("set-cookie").count, 1)
        XCTAssertEqual(try count, 1)
    }

    func testAnUnknownIdIsNeverAdoptedHoweverWellItIsSigned() throws {
        var browser = FakeBrowser()
        let cookie = SessionCookie(secrets: ["changeit"], policy: SessionPolicy())
        let planted = SessionID()
        browser.cookies["connect.sid"] =
            cookie.cookie(for: planted, isSecure: false, now: 0).value
        let response = try send(browser) { [write] request in
            let id = try request.session.id
            XCTAssertNotEqual(id, planted)
            return try await write(request)
        }
        browser.take(response)
        XCTAssertEqual(try count, 1)
        XCTAssertFalse(try bench.run { [bench] in try await bench.store.isAlive(planted) })
    }

    func testDestroyingClearsTheCookie() throws {
        var browser = FakeBrowser()
        browser.take(try send(browser, write))
        XCTAssertNotNil(browser.cookies["connect.sid"])
        let stale = browser
        let destroy: Handler = { request in
            try await request.session.destroy()
            try await request.session.destroy()
            return .status(.noContent)
        }
        browser.take(try send(browser, destroy))
        XCTAssertEqual(browser.cookies, [:])
        XCTAssertEqual(try send(browser, destroy).headers.values("set-cookie"), [])
        XCTAssertEqual(try send(stale, destroy).headers.values("set-cookie").count, 1)
        XCTAssertEqual(try send(stale, write).body, Array("1".utf8), "a new session")
    }

    func testAHandleThatOutlivesItsSessionFails() throws {
        var browser = FakeBrowser()
        browser.take(try send(browser, write))
        let response = try send(browser) { request in
            let session = try request.session
            let wasAlive = try await session.isAlive
            try await session.destroy()
            let isAlive = try await session.isAlive
            do {
                try await session.update { $0[Visits.self] += 1 }
                return .text("resurrected")
            } catch {
                return .text("\(wasAlive) \(isAlive)")
            }
        }
        XCTAssertEqual(response.body, Array("true false".utf8))
        XCTAssertEqual(try count, 0)
    }

    func testNoSessionBeginsWhenTheResponseHasGone() throws {
        let kept = SessionHolder()
        let handler: Handler = { request in
            kept.hold(try request.session)
            return .text("")
        }
        _ = try send(FakeBrowser(), handler)
        XCTAssertThrowsError(
            try bench.run { try await kept.session?.update { $0[Visits.self] += 1 } }
        )
        XCTAssertEqual(try count, 0)
    }

    func testTheCookieIsSetWithARefusalToo() throws {
        XCTAssertThrowsError(
            try send(FakeBrowser()) { request in
                try await request.session.update { $0[Visits.self] += 1 }
                throw HTTPError(.notFound)
            }
        ) { XCTAssertEqual(($0 as? HTTPError)?.headers.values("set-cookie").count, 1) }
    }

    func testALastingCookieIsRenewedEveryTenthOfItsLife() throws {
        var policy = SessionPolicy()
        policy.lifetime = .seconds(1_000)
        var browser = FakeBrowser()
        browser.take(try send(browser, policy: policy, write))
        var renewals = 0
        for _ in 0..<30 {
            bench.advance(by: .seconds(10))
            let response = try send(browser, policy: policy) { _ in .text("") }
            renewals += response.headers.values("set-cookie").count
        }
        XCTAssertEqual(renewals, 3)
    }

    func testAHandshakeEntersBeforeTheStoreIsAsked() throws {
        var browser = FakeBrowser()
        browser.take(try send(browser, write))
        _ = try send(browser, entry: true) { [bench] request in
            XCTAssertEqual(bench.members.log, ["enter 1"])
            let ended = try await request.session.destroy()
            XCTAssertEqual(ended, EndedSessions(sessions: 1, sockets: 1))
            let isAlive = try await request.isSessionAlive()
            XCTAssertFalse(isAlive)
            return .text("")
        }
        // The session is dead now: entered all the same, and anonymous.
        _ = try send(browser, entry: true) { [bench] request in
            XCTAssertEqual(bench.members.log, ["enter 1", "close 1", "enter 1"])
            let isAlive = try await request.isSessionAlive()
            XCTAssertTrue(isAlive)
            return .text("")
        }
    }

    func testALaterRequestMustShowTheSessionOfItsHandshake() throws {
        var browser = FakeBrowser()
        browser.take(try send(browser, write))
        var other = FakeBrowser()
        other.take(try send(other, write))
        for (shown, expected) in [(browser, true), (other, false), (FakeBrowser(), false)] {
            _ = try send(browser, entry: true) { request in
                XCTAssertEqual(request.kept().sharesSession(with: shown.request()), expected)
                return .text("")
            }
        }
        _ = try send(FakeBrowser(), entry: true) { [other] request in
            XCTAssertTrue(request.sharesSession(with: FakeBrowser().request()))
            XCTAssertFalse(request.sharesSession(with: other.request()))
            return .text("")
        }
    }

    func testWithoutTheMiddlewareTheSessionThrows() {
        XCTAssertThrowsError(try FakeBrowser().request().session)
    }

    func testTheMiddlewareLendsItsLaneAndRunsOnce() throws {
        let session = Middleware.session(bench.store, secret: "changeit")
        XCTAssertTrue(session.lanes.first === bench.store.lane)
        let chain = Middleware.chain([session, session], write)
        let response = try bench.run { try await chain(FakeBrowser().request()) }
        XCTAssertEqual(response.headers.values("set-cookie").count, 1)
    }
}
