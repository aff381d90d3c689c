import XCTest

@testable import ActorIO

/// Logins that are verified at the same time: right ones do not stand in each other's way, wrong
/// ones gain nothing.
final class ParallelLoginTests: XCTestCase {
    /// Verifies when it is told to.
    private final class Desk: Sendable {
        private struct State {
            var waiting: [(password: String, continuation: CheckedContinuation<Void, any Error>)] =
                []
            var asked = 0
            var mostAtOnce = 0
        }

        private let state = Locked(State())

        var asked: Int { state.withLock { $0.asked } }
        var waiting: Int { state.withLock { $0.waiting.count } }
        var mostAtOnce: Int { state.withLock { $0.mostAtOnce } }

        func verify(_ name: String, _ password: String) async throws -> Person? {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { state in
                    state.asked += 1
                    state.waiting.append((password, continuation))
                    state.mostAtOnce = max(state.mostAtOnce, state.waiting.count)
                }
            }
            return password == "changeit" ? Person(id: 7, name: name) : nil
        }

        func decide(_ count: Int = .max, failing error: (any Error)? = nil) {
            let ready = state.withLock { state in
                let ready = Array(state.waiting.prefix(count))
                state.waiting.removeFirst(ready.count)
                return ready.map(\.continuation)
            }
            for continuation in ready {
                if let error { continuation.resume(throwing: error) } else { continuation.resume() }
            }
        }
    }

    private final class Site: Sendable {
        let bench: LoginBench
        let throttle: LoginThrottle
        let desk: Desk

        init(_ configure: (inout LoginThrottle.Options) -> Void = { _ in }) {
            let (desk, throttle) = (Desk(), LoginThrottle(configure))
            (self.desk, self.throttle) = (desk, throttle)
            bench = LoginBench { app, _ in
                var options = BasicStrategy<Person>.Options()
                options.throttle = throttle
                let passport = Passport<Person>.basic(options) { name, password in
                    try await desk.verify(name, password)
                }
                app.use(passport.token)
                app.get("/me") { request in .text(try request.require(Person.self).name) }
            }
        }

        func begin(
            _ name: String,
            _ password: String,
            from address: String = "192.0.2.1"
        ) -> Start<Response> {
            var browser = FakeBrowser()
            browser.address = address
            let pair = Base64.encode(Array("\(name):\(password)".utf8))
            let login = "Basic " + String(decoding: pair, as: UTF8.self)
            let request = bench.request(browser, .get, "/me", form: nil, [("Authorization", login)])
            return bench.start(request)
        }

        /// Answers whoever asks until nobody does.
        func decideAll() {
            bench.bench.settle()
            while desk.waiting > 0 {
                desk.decide(1)
                bench.bench.settle()
            }
        }

        /// Nothing of them is left behind.
        func checkIsAtRest(line: UInt = #line) {
            let load = throttle.load
            XCTAssertEqual([load.keys, load.waiting, load.queues], [0, 0, 0], line: line)
        }
    }

    private func codes(_ starts: [Start<Response>]) throws -> [Int: Int] {
        try starts.reduce(into: [:]) { counts, start in
            counts[Int(try start.value().status.code), default: 0] += 1
        }
    }

    func testRightLoginsAtOnceAreAllLetIn() throws {
        for names in [["john"], ["john", "jane", "jim", "joan", "jo", "jack"]] {
            let site = Site()
            let starts = (0..<200).map { site.begin(names[$0 % names.count], "changeit") }
            site.decideAll()
            XCTAssertEqual(try codes(starts), [200: 200])
            XCTAssertEqual(site.desk.mostAtOnce, names.count == 1 ? 10 : 30)
            site.checkIsAtRest()
        }
    }

    func testANameThatIsUsedEverywhereAtOnceIsNotUnderAttack() throws {
        let site = Site { $0.nameBurst = 5 }
        let starts = (0..<40).flatMap { number in
            (0..<3).map { _ in site.begin("john", "changeit", from: "198.51.100.\(number)") }
        }
        site.decideAll()
        XCTAssertEqual(try codes(starts), [200: 120])
        site.checkIsAtRest()
    }

    func testARightLoginBehindATypingErrorWaitsForTheOthersOfItsName() throws {
        let site = Site { $0.nameBurst = 5 }
        let wrong = site.begin("john", "wrong")
        site.decideAll()
        XCTAssertEqual(try wrong.value().status.code, 401)
        let others = (0..<6).map { site.begin("john", "changeit", from: "198.51.100.\($0)") }
        let right = site.begin("john", "changeit")
        XCTAssertEqual(site.desk.waiting, 6, "it may be an attack, so this one waits")
        site.decideAll()
        XCTAssertEqual(try codes(others + [right]), [200: 7])
        site.checkIsAtRest()
    }

    func testWrongLoginsAtOnceAreBoundedAsOneBehindTheOtherAre() throws {
        let site = Site()
        let starts = (0..<500).map { site.begin("john", "wrong \($0)") }
        site.decideAll()
        XCTAssertEqual(site.desk.asked, 10)
        XCTAssertEqual(try codes(starts), [401: 10, 429: 490])
        site.checkIsAtRest()
        // Whatever the names, an address has thirty.
        let others = (0..<500).map { site.begin("user \($0)", "wrong") }
        site.decideAll()
        XCTAssertEqual(site.desk.asked, 30)
        XCTAssertEqual(try codes(others), [401: 20, 429: 480])
        site.checkIsAtRest()
    }

    func testWrongLoginsAtOnceFromEverywhereAreBounded() throws {
        let site = Site()
        let starts = (0..<300).flatMap { number in
            (0..<5).map {
                site.begin("john", "wrong \($0)", from: "198.51.\(number / 200).\(number % 200)")
            }
        }
        // A hundred from anywhere, and one from each address behind that.
        XCTAssertEqual(site.desk.waiting, 100 + 280)
        site.decideAll()
        XCTAssertEqual(site.desk.asked, 380)
        XCTAssertEqual(try codes(starts), [401: 380, 429: 1_120])
        site.checkIsAtRest()
    }

    func testRightOnesAmongWrongOnesGiveNoFurtherGuess() throws {
        let site = Site()
        // Jane's address is John's: what she knows does not let others guess on.
        let wrong = (0..<100).map { site.begin("user \($0)", "wrong") }
        let right = (0..<5).map { _ in site.begin("jane", "changeit") }
        site.decideAll()
        XCTAssertEqual(try codes(wrong), [401: 30, 429: 70])
        XCTAssertEqual(try codes(right), [429: 5])
        site.checkIsAtRest()
    }

    func testOnesThatCanNotBeVerifiedLetOthersInAndCountForNothing() throws {
        struct Down: Error {}
        let site = Site()
        let failing = (0..<10).map { _ in site.begin("john", "changeit") }
        let behind = (0..<30).map { _ in site.begin("john", "changeit") }
        XCTAssertEqual(site.desk.asked, 10)
        site.desk.decide(failing: Down())
        site.decideAll()
        XCTAssertEqual(try codes(failing), [500: 10])
        XCTAssertEqual(try codes(behind), [200: 30])
        site.checkIsAtRest()
    }

    func testSoManyWaitAndNoMore() throws {
        let site = Site { $0.maxWaiting = 20 }
        let starts = (0..<40).map { _ in site.begin("john", "changeit") }
        let elsewhere = site.begin("john", "changeit", from: "192.0.2.2")
        site.decideAll()
        XCTAssertEqual(try codes(starts), [200: 30, 503: 10])
        XCTAssertEqual(try elsewhere.value().status.code, 200)
        let late = try XCTUnwrap(starts.last).value()
        XCTAssertEqual(late.headers["retry-after"], "5")
        site.checkIsAtRest()
    }

    func testWhoGivesUpWaitsNoMoreAndTakesNobodysTurn() throws {
        let site = Site()
        let first = (0..<10).map { _ in site.begin("john", "changeit") }
        let gone = site.begin("john", "changeit")
        let next = site.begin("john", "changeit")
        gone.cancel()
        site.bench.bench.settle()
        XCTAssertTrue(gone.isDone)
        XCTAssertEqual(site.throttle.load.waiting, 1)
        site.decideAll()
        XCTAssertEqual(try codes(first + [next]), [200: 11])
        XCTAssertEqual(site.desk.asked, 11)
        site.checkIsAtRest()
    }
}
