import XCTest

@testable import ActorIO

private struct User: Codable, Identifiable, Sendable, Equatable {
    var id: Int
    var username: String
}

/// The user names a strategy was asked for.
private final class Asked: Sendable {
    let names = Locked<[String]>([])
}

final class PassportTests: XCTestCase {
    private let bench = SessionBench()
    private let asked = Asked()

    private var passport: Passport<User> {
        .local { [asked] username, password in
            asked.names.withLock { $0.append(username) }
            guard username == "john", password == "changeit" else { return nil }
            return User(id: 7, username: username)
        }
    }

    private func send(
        _ browser: inout FakeBrowser,
        _ request: Request,
        by passport: Passport<User>? = nil,
        _ handler: @escaping Handler
    ) throws -> Response {
        let session = Middleware.session(bench.store, secret: "changeit")
        let chain = Middleware.chain([session, (passport ?? self.passport).session], handler)
        let response = try bench.run { try await chain(request) }
        browser.take(response)
        return response
    }

    private func login(
        _ browser: inout FakeBrowser,
        _ form: String = "username=john&password=changeit",
        _ passport: Passport<User>? = nil,
        keepingData: Bool = false
    ) throws -> Response {
        let passport = passport ?? self.passport
        let handler = passport.authenticate(
            success: "/",
            failure: "/login",
            keepingData: keepingData
        )
        return try send(
            &browser,
            browser.request(.post, "/login", form: form),
            by: passport,
            handler
        )
    }

    private func whoami(
        _ browser: inout FakeBrowser,
        _ passport: Passport<User>? = nil
    ) throws -> String {
        let response = try send(&browser, browser.request(), by: passport) { request in
            .text("\(request.user(User.self)?.username ?? "nobody") \(request.userID ?? "-")")
        }
        return String(decoding: response.body, as: UTF8.self)
    }

    func testLoggingInMakesLaterRequestsTheUsers() throws {
        var browser = FakeBrowser()
        XCTAssertEqual(try whoami(&browser), "nobody -")
        let response = try login(&browser)
        XCTAssertEqual(response.status, .found)
        XCTAssertEqual(response.headers["location"], "/")
        XCTAssertEqual(try whoami(&browser), "john 7")
        let devices = try bench.run { [bench] in await bench.store.sessions(of: 7) }
        XCTAssertEqual(devices.map(\.userID), ["7"])
    }

    func testTheSessionIdIsAnotherOneAfterTheLoginAndTheOldOneIsDead() throws {
        var browser = FakeBrowser()
        _ = try send(&browser, browser.request()) { request in
            try await request.session.update { $0[Cart.self].items = ["tea"] }
            return .text("")
        }
        let planted = browser
        _ = try login(&browser)
        XCTAssertNotEqual(planted.cookies, browser.cookies)
        var attacker = planted
        XCTAssertEqual(try whoami(&attacker), "nobody -")
        let cart: Handler = { request in
            .text(try await request.session.read { $0[Cart.self].items.joined() })
        }
        XCTAssertEqual(try send(&browser, browser.request(), cart).body, [], "dropped")
    }

    func testDataOfTheVisitorIsKeptWhenAskedFor() throws {
        var browser = FakeBrowser()
        _ = try send(&browser, browser.request()) { request in
            try await request.session.update { $0[Cart.self].items = ["tea"] }
            return .text("")
        }
        _ = try login(&browser, keepingData: true)
        let cart = try send(&browser, browser.request()) { request in
            .text(try await request.session.read { $0[Cart.self].items.joined() })
        }
        XCTAssertEqual(cart.body, Array("tea".utf8))
    }

    func testAWrongPasswordLeadsBackWithAMessageThatIsToldOnce() throws {
        var browser = FakeBrowser()
        let response = try login(&browser, "username=john&password=wrong")
        XCTAssertEqual(response.headers["location"], "/login")
        XCTAssertEqual(try bench.run { [bench] in await bench.store.count }, 0)
        let page: Handler = { request in .text(request.failureMessage ?? "none") }
        // Another page on the way does not use the message up.
        _ = try send(&browser, browser.request()) { _ in .redirect(to: "/login") }
        XCTAssertEqual(
            try send(&browser, browser.request(), page).body,
            Array("Wrong user name or password.".utf8)
        )
        XCTAssertEqual(try send(&browser, browser.request(), page).body, Array("none".utf8))
    }

    func testWhatIsNoLoginFormFailsBeforeAnybodyIsAsked() throws {
        let long = String(repeating: "x", count: 1_025)
        for form in [
            "", "username=john", "password=changeit", "username=&password=changeit",
            "username=john&password=", "username=john&username=john&password=changeit",
            "username=john&password=changeit&password=changeit",
            "username[]=john&password=changeit", "username=john&password=\(long)",
            "username=\(long)&password=changeit",
        ] {
            var browser = FakeBrowser()
            let response = try login(&browser, form)
            XCTAssertEqual(response.headers["location"], "/login", form)
            XCTAssertEqual(try whoami(&browser), "nobody -")
        }
        XCTAssertEqual(asked.names.withLock { $0 }, [])
        var browser = FakeBrowser()
        XCTAssertThrowsError(
            try send(
                &browser,
                browser.request(.post, "/login?username=john&password=changeit"),
                passport.authenticate(success: "/")
            )
        ) { XCTAssertEqual(($0 as? HTTPError)?.status, .unsupportedMediaType) }
    }

    func testWithoutAFailurePageARefusalIsAStatus() throws {
        var browser = FakeBrowser()
        for (form, status) in [
            ("username=john&password=wrong", Status.unauthorized),
            ("username=john", .badRequest),
        ] {
            XCTAssertThrowsError(
                try send(
                    &browser,
                    browser.request(.post, "/login", form: form),
                    passport.authenticate(success: "/")
                )
            ) { XCTAssertEqual(($0 as? HTTPError)?.status, status) }
        }
    }

    func testLogoutEndsTheSessionAndItsSocketsAndClearsTheCookie() throws {
        var browser = FakeBrowser()
        _ = try login(&browser)
        let stolen = browser
        var handshake = browser.request()
        handshake[HandshakeEntry.self] = HandshakeEntry(
            members: bench.members,
            member: HandshakeMember(id: 1)
        )
        _ = try send(&browser, handshake) { _ in .text("") }
        _ = try send(&browser, browser.request(.post, "/logout")) { [bench] request in
            try await request.logout()
            XCTAssertEqual(bench.members.log, ["enter 1", "close 1"])
            try await request.logout()
            return .status(.noContent)
        }
        XCTAssertEqual(browser.cookies, [:])
        var thief = stolen
        XCTAssertEqual(try whoami(&thief), "nobody -")
    }

    func testADeserializeThatFindsNobodyLogsOut() throws {
        let gone = Asked()
        let passport = self.passport
            .serialize { $0.id }
            .deserialize { id in
                gone.names.withLock { $0.isEmpty } ? User(id: id, username: "john \(id)") : nil
            }
        var browser = FakeBrowser()
        _ = try login(&browser, "username=john&password=changeit", passport)
        XCTAssertEqual(try whoami(&browser, passport), "john 7 7")
        gone.names.withLock { $0.append("john") }
        XCTAssertEqual(try whoami(&browser, passport), "nobody -")
        XCTAssertEqual(browser.cookies, [:])
        XCTAssertEqual(try bench.run { [bench] in await bench.store.count }, 0)
    }

    func testADeserializeThatThrowsIsAnErrorAndNoLogout() throws {
        struct Down: Error {}
        let passport = self.passport.deserialize { (_: User) -> User? in throw Down() }
        var browser = FakeBrowser()
        XCTAssertThrowsError(try login(&browser, "username=john&password=changeit", passport)) {
            XCTAssertTrue($0 is Down)
        }
        XCTAssertEqual(browser.cookies, [:])
        XCTAssertEqual(try bench.run { [bench] in await bench.store.count }, 0)
        _ = try login(&browser)
        XCTAssertThrowsError(try whoami(&browser, passport)) { XCTAssertTrue($0 is Down) }
        XCTAssertEqual(try whoami(&browser), "john 7")
    }

    func testRequireLetsUsersPassAndAnswers401ToOthers() throws {
        var browser = FakeBrowser()
        let gate: Handler = Middleware.chain([.require(User.self)]) { request in
            .text(try request.require(User.self).username)
        }
        XCTAssertThrowsError(try send(&browser, browser.request(), gate)) {
            XCTAssertEqual(($0 as? HTTPError)?.status, .unauthorized)
        }
        _ = try login(&browser)
        XCTAssertEqual(try send(&browser, browser.request(), gate).body, Array("john".utf8))
    }
}
