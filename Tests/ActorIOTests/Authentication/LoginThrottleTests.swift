import XCTest

@testable import ActorIO

/// Guessing is slowed down, and nobody is locked out by it.
final class LoginThrottleTests: XCTestCase {
    private let asked = Notebook()

    private func makeBench(_ options: LocalStrategy<Person>.Options = .init()) -> LoginBench {
        LoginBench { [asked] app, _ in
            let passport = Passport<Person>.local(options) { name, password in
                asked.note(name)
                return password == "changeit" && name == "john" ? .john : nil
            }
            app.use(passport.session)
            app.post("/login", passport.authenticate(success: "/", failure: "/login"))
        }
    }

    /// The place a login leads to, or its status with how long to wait.
    private func login(
        _ bench: LoginBench,
        _ name: String,
        _ password: String,
        from address: String = "192.0.2.1"
    ) throws -> String {
        var browser = FakeBrowser()
        browser.address = address
        let form = "username=\(name)&password=\(password)"
        let response = try bench.send(&browser, .post, "/login", form: form)
        if let place = response.headers["location"] { return place }
        return "\(response.status.code) \(response.headers["retry-after"] ?? "-")"
    }

    // B56
    func testAThousandWrongLoginsASecondAreStoppedBeforeAnythingIsHashed() throws {
        let bench = makeBench()
        var answers: [String: Int] = [:]
        for number in 0..<1_000 {
            answers[try login(bench, "user\(number % 50)", "wrong"), default: 0] += 1
        }
        XCTAssertEqual(asked.all.count, 30)
        XCTAssertEqual(answers, ["/login": 30, "429 10": 970])
        // Somebody else, at that moment.
        XCTAssertEqual(try login(bench, "john", "changeit", from: "198.51.100.1"), "/")
    }

    func testOneNameFromOneAddressIsStoppedEarlierAndOthersAreNot() throws {
        let bench = makeBench()
        for _ in 0..<10 { XCTAssertEqual(try login(bench, "john", "wrong"), "/login") }
        XCTAssertEqual(try login(bench, "john", "wrong"), "429 60")
        XCTAssertEqual(try login(bench, "john", "changeit"), "429 60", "not even the right one")
        XCTAssertEqual(try login(bench, "jane", "wrong"), "/login")
        XCTAssertEqual(try login(bench, "john", "changeit", from: "192.0.2.2"), "/")
        bench.bench.advance(by: .seconds(60))
        XCTAssertEqual(try login(bench, "john", "wrong"), "/login")
        XCTAssertEqual(try login(bench, "john", "wrong"), "429 60")
    }

    func testUnknownNamesAreStoppedAsKnownOnesAre() throws {
        let known = makeBench()
        let unknown = makeBench()
        for _ in 0..<15 {
            XCTAssertEqual(
                try login(known, "john", "wrong"),
                try login(unknown, "nobody", "wrong")
            )
        }
        XCTAssertEqual(asked.all.filter { $0 == "john" }.count, 10)
        XCTAssertEqual(asked.all.filter { $0 == "nobody" }.count, 10)
    }

    func testANameThatIsGuessedFromEverywhereIsNotLockedForWhoKnowsThePassword() throws {
        let bench = makeBench()
        // A hundred wrong passwords from twenty addresses, and it counts as under attack.
        for number in 0..<100 {
            let address = "198.51.100.\(number % 20)"
            XCTAssertEqual(try login(bench, "john", "wrong", from: address), "/login")
        }
        for number in 0..<20 {
            let address = "198.51.100.\(number)"
            XCTAssertTrue(try login(bench, "john", "wrong", from: address).hasPrefix("429"))
        }
        // From a new address there is one try, and the right password needs no more.
        XCTAssertEqual(try login(bench, "john", "wrong", from: "203.0.113.1"), "/login")
        XCTAssertEqual(try login(bench, "john", "wrong", from: "203.0.113.1"), "429 60")
        XCTAssertEqual(try login(bench, "john", "changeit", from: "203.0.113.2"), "/")
        // Whoever mistyped waits a minute, while the attack goes on.
        bench.bench.advance(by: .seconds(60))
        for number in 0..<200 {
            _ = try login(bench, "john", "wrong", from: "198.51.\(number).7")
        }
        XCTAssertEqual(try login(bench, "john", "changeit", from: "203.0.113.1"), "/")
        // When it is over, all is as before.
        bench.bench.advance(by: .seconds(3_600))
        for _ in 0..<10 {
            XCTAssertEqual(try login(bench, "john", "wrong", from: "203.0.113.9"), "/login")
        }
    }

    func testRightPasswordsAreNeverCounted() throws {
        let bench = makeBench()
        for _ in 0..<200 { XCTAssertEqual(try login(bench, "john", "changeit"), "/") }
        for _ in 0..<5 {
            for _ in 0..<5 { XCTAssertEqual(try login(bench, "john", "wrong"), "/login") }
            XCTAssertEqual(try login(bench, "john", "changeit"), "/", "a mistyped one is forgiven")
        }
    }

    func testARightPasswordDoesNotForgiveWhatTheAddressDidWithOtherNames() throws {
        let bench = makeBench()
        for number in 0..<30 {
            XCTAssertEqual(try login(bench, "user\(number)", "wrong"), "/login")
        }
        XCTAssertEqual(try login(bench, "john", "changeit"), "429 10")
        bench.bench.advance(by: .seconds(10))
        XCTAssertEqual(try login(bench, "john", "changeit"), "/")
        XCTAssertEqual(try login(bench, "user99", "wrong"), "/login")
        XCTAssertEqual(try login(bench, "user98", "wrong"), "429 10")
    }

    func testManyAtOnceGainNothing() throws {
        let gate = Locked<[CheckedContinuation<Void, Never>]>([])
        let bench = LoginBench { [asked] app, _ in
            let passport = Passport<Person>.local { name, _ in
                asked.note(name)
                await withCheckedContinuation { waiter in gate.withLock { $0.append(waiter) } }
                return nil
            }
            app.post("/login", passport.authenticate(success: "/", failure: "/login"))
        }
        let form = "username=john&password=wrong"
        let requests = (0..<50).map { _ in
            bench.request(FakeBrowser(), .post, "/login", form: form)
        }
        XCTAssertThrowsError(try bench.sendTogether(requests), "ten wait to be hashed")
        XCTAssertEqual(asked.all.count, 10)
        for waiter in gate.withLock({ $0 }) { waiter.resume() }
        bench.bench.settle()
    }

    func testWhatFailsForAnotherReasonIsNoGuess() throws {
        struct Down: Error {}
        let bench = LoginBench { app, _ in
            let passport = Passport<Person>.local { _, _ in throw Down() }
            app.post("/login", passport.authenticate(success: "/", failure: "/login"))
        }
        for _ in 0..<100 { XCTAssertEqual(try login(bench, "john", "wrong"), "500 -") }
    }

    func testNamesCountByTheirBytes() throws {
        let bench = makeBench()
        let composed = "caf%C3%A9"
        let decomposed = "cafe%CC%81"
        for _ in 0..<10 { XCTAssertEqual(try login(bench, composed, "wrong"), "/login") }
        XCTAssertEqual(try login(bench, composed, "wrong"), "429 60")
        XCTAssertEqual(try login(bench, decomposed, "wrong"), "/login")
    }

    func testAFormWithoutANameCountsForNothing() throws {
        let bench = makeBench()
        for _ in 0..<100 { XCTAssertEqual(try login(bench, "", "wrong"), "/login") }
        XCTAssertEqual(try login(bench, "john", "changeit"), "/")
    }

    func testItCanBeSwitchedOff() throws {
        var options = LocalStrategy<Person>.Options()
        options.throttle = nil
        let bench = makeBench(options)
        for _ in 0..<100 { XCTAssertEqual(try login(bench, "john", "wrong"), "/login") }
    }
}
