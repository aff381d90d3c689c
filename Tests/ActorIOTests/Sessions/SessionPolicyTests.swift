import XCTest

@testable import ActorIO

final class SessionPolicyTests: XCTestCase {
    private let bench = SessionBench()

    private static let write: Handler = { request in
        try await request.session.update { $0[Visits.self] += 1 }
        return .text("\(try request.session.id)")
    }

    private func send(
        _ policy: SessionPolicy,
        _ browser: FakeBrowser = FakeBrowser(),
        _ target: String = "/",
        isSecure: Bool = false,
        more: [(String, String)] = [],
        _ handler: @escaping Handler = write
    ) throws -> Response {
        let session = Middleware.session(bench.store, secret: "changeit", policy: policy)
        let chain = Middleware.chain([session], handler)
        var request = browser.request(.get, target, more)
        request.isSecure = isSecure
        return try bench.run { [request] in try await chain(request) }
    }

    private func attributes(_ policy: SessionPolicy, isSecure: Bool = false) throws -> String {
        let response = try send(policy, isSecure: isSecure)
        let text = response.headers["set-cookie"] ?? ""
        return String(text.drop { $0 != ";" }.dropFirst(2))
    }

    func testTheAttributesStandInTheOrderOfExpressSession() throws {
        var policy = SessionPolicy()
        policy.domain = "example.org"
        policy.lifetime = .seconds(60)
        policy.secure = .always
        policy.partitioned = true
        policy.priority = .high
        policy.sameSite = .none
        let text = try attributes(policy)
        let names = text.split(separator: ";").map { part in
            String(part.drop { $0 == " " }.prefix { $0 != "=" })
        }
        XCTAssertEqual(
            names,
            [
                "Domain", "Path", "Expires", "HttpOnly", "Secure", "Partitioned", "Priority",
                "SameSite",
            ]
        )
        XCTAssertTrue(text.contains("Priority=High; SameSite=None"))
        XCTAssertFalse(text.contains("Max-Age"))
    }

    func testSameSiteAutoFollowsTheConnection() throws {
        var policy = SessionPolicy()
        policy.sameSite = .auto
        XCTAssertEqual(try attributes(policy), "Path=/; HttpOnly; SameSite=Lax")
        XCTAssertEqual(
            try attributes(policy, isSecure: true),
            "Path=/; HttpOnly; Secure; SameSite=None"
        )
        policy.sameSite = .unsaid
        XCTAssertEqual(try attributes(policy), "Path=/; HttpOnly")
    }

    func testARequestOutsideTheCookiesPathHasNoSession() throws {
        var policy = SessionPolicy()
        policy.path = "/app"
        for (target, isIn) in [
            ("/app", true), ("/app/", true), ("/app/x?y", true), ("/apple", false), ("/", false),
            ("/socket.io/?EIO=4", false),
        ] {
            let response = try send(policy, FakeBrowser(), target) { request in
                .text((try? request.session) == nil ? "out" : "in")
            }
            XCTAssertEqual(response.body, Array((isIn ? "in" : "out").utf8), target)
        }
        policy.path = "/app/"
        XCTAssertTrue(policy.covers("/app/x"))
        XCTAssertFalse(policy.covers("/app"))
    }

    func testTheCookieOfARequestHasTheAttributesThatItsHookGivesIt() throws {
        var policy = SessionPolicy()
        policy.adjustCookie = { cookie, request in
            cookie.domain = request.headers["host"]
            cookie.name = "stolen"
            cookie.value = "unsigned"
        }
        var browser = FakeBrowser()
        let response = try send(policy, browser)
        let text = response.headers["set-cookie"] ?? ""
        XCTAssertTrue(text.hasPrefix("connect.sid=s%3A"))
        XCTAssertTrue(text.hasSuffix("; Domain=example.org; Path=/; HttpOnly; SameSite=Lax"))
        browser.take(response)
        let removal = try send(policy, browser) { request in
            try await request.session.destroy()
            return .text("")
        }
        XCTAssertTrue((removal.headers["set-cookie"] ?? "").contains("Domain=example.org"))
    }

    func testAnAppNamesItsSessionsAndCanNotTakeOneOver() throws {
        let named = try XCTUnwrap(SessionID(bytes: Array(repeating: 7, count: 24)))
        XCTAssertNil(SessionID(bytes: [1, 2, 3]))
        var policy = SessionPolicy()
        policy.makeID = { _ in named }
        let first = try send(policy)
        XCTAssertEqual(first.body, Array("\(named)".utf8))
        XCTAssertThrowsError(try send(policy)) {
            XCTAssertEqual(($0 as? HTTPError)?.status, .internalServerError)
        }
        try bench.run { [bench] in try await bench.store.endSession(named) }
        XCTAssertThrowsError(try send(policy), "nor bring it back") {
            XCTAssertEqual(($0 as? HTTPError)?.status, .unauthorized)
        }
    }

    func testAnAppsNameThatOnlyTheBackingKnowsIsInUse() throws {
        let backing = FaultyBacking()
        let named = SessionID()
        var policy = SessionPolicy()
        policy.makeID = { _ in named }
        for attempt in 0..<2 {
            let bench = SessionBench(backing: backing)
            let session = Middleware.session(bench.store, secret: "x", policy: policy)
            let chain = Middleware.chain([session], Self.write)
            let response = try? bench.run { try await chain(FakeBrowser().request()) }
            XCTAssertEqual(response == nil, attempt == 1)
        }
        XCTAssertEqual(backing.records[named]?.values["visits"], Array("1".utf8))
    }

    func testACookieThatLosesItsSecureBehindAnUnknownProxyIsReportedOnce() throws {
        let heard = Locked<[String]>([])
        let store = SessionStore { options in
            options.log = Log(level: .warning) { entry in heard.withLock { $0.append(entry.line) } }
        }
        store.lane.bind(to: bench.loop)
        let chain = Middleware.chain([.session(store, secret: "x")], Self.write)
        // Only a word that would have made the cookie secure is worth one.
        let schemes = [
            ("http", 0), ("httpsx", 0), ("http, https", 0), ("HTTPS, http", 1), ("https", 1),
        ]
        for (scheme, count) in schemes {
            let request = FakeBrowser().request(.get, "/", [("X-Forwarded-Proto", scheme)])
            _ = try bench.run { try await chain(request) }
            XCTAssertEqual(heard.withLock { $0.count }, count)
        }
        XCTAssertTrue(heard.withLock { $0[0].contains("X-Forwarded-Proto") })
    }

    func testRenewalAnswersWithTheCookieOrSaysThatThereIsNoSession() throws {
        var browser = FakeBrowser()
        browser.take(try send(SessionPolicy(), browser))
        let response = try send(SessionPolicy(), browser) { try await Session.renewal($0) }
        XCTAssertEqual(response.status, .noContent)
        XCTAssertEqual(response.headers.values("set-cookie").count, 1)
        XCTAssertThrowsError(try send(SessionPolicy()) { try await Session.renewal($0) }) {
            XCTAssertEqual(($0 as? HTTPError)?.status, .unauthorized)
        }
    }

    // A new id

    func testRegeneratingGivesTheLoginAnotherIdAndKillsTheOldOne() throws {
        let origin = SessionOrigin(address: "", userAgent: nil)
        let id = try bench.run { [bench] in
            try await bench.store.renew(nil, keepingData: false, userID: "7", origin) {
                $0[Visits.self] = 5
            }
        }
        bench.advance(by: .seconds(100))
        var browser = FakeBrowser()
        let cookie = SessionCookie(secrets: ["changeit"], policy: SessionPolicy())
        browser.cookies["connect.sid"] = cookie.cookie(for: id, isSecure: false, now: 0).value
        let response = try send(SessionPolicy(), browser) { request in
            let session = try await request.session.regenerate()
            let visits = try await session.read { $0[Visits.self] }
            return .text("\(session.id) \(visits)")
        }
        let info = try XCTUnwrap(
            try bench.run { [bench] in await bench.store.sessions(of: 7) }.first
        )
        XCTAssertEqual(response.body, Array("\(info.id) 5".utf8))
        XCTAssertNotEqual(info.id, id)
        XCTAssertEqual(info.createdAt, info.lastSeenAt - 100, "the absolute lifetime goes on")
        XCTAssertEqual(response.headers.values("set-cookie").count, 1)
        XCTAssertFalse(try bench.run { [bench] in try await bench.store.isAlive(id) })
        browser.take(response)
        let empty = try send(SessionPolicy(), browser) { request in
            let session = try await request.session.regenerate(keepingData: false)
            return .text("\(try await session.read { $0[Visits.self] })")
        }
        XCTAssertEqual(empty.body, Array("0".utf8))
        XCTAssertEqual(try bench.run { [bench] in await bench.store.sessions(of: 7) }, [])
    }

    func testRegeneratingWhatHasEndedOrNeverBeganBringsNothingIntoBeing() throws {
        _ = try send(SessionPolicy()) { request in
            let before = try request.session.id
            let after = try await request.session.regenerate().id
            XCTAssertNotEqual(before, after)
            return .text("")
        }
        XCTAssertEqual(try bench.run { [bench] in await bench.store.count }, 0)
        var browser = FakeBrowser()
        browser.take(try send(SessionPolicy(), browser))
        XCTAssertThrowsError(
            try send(SessionPolicy(), browser) { [bench] request in
                try await bench.store.endSession(try request.session.id)
                try await request.session.regenerate()
                return .text("")
            }
        ) { XCTAssertEqual(($0 as? HTTPError)?.status, .unauthorized) }
        XCTAssertEqual(try bench.run { [bench] in await bench.store.count }, 0)
    }
}
