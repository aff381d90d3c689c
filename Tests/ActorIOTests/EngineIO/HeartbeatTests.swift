import XCTest

@testable import ActorIO

final class HeartbeatTests: XCTestCase {
    private let start = LoopTime(nanoseconds: 1_000)

    private func at(_ seconds: Double) -> LoopTime {
        start + .milliseconds(Int64(seconds * 1_000))
    }

    private func heartbeat() -> Heartbeat {
        Heartbeat(interval: .seconds(25), timeout: .seconds(20), openedAt: start)
    }

    func testPingsAfterTheIntervalAndGivesUpAfterTheTimeout() {
        var heart = heartbeat()
        XCTAssertEqual(heart.nextDeadline, at(25))
        XCTAssertEqual(heart.fired(at: at(25)), .ping)
        XCTAssertEqual(heart.nextDeadline, at(45))
        XCTAssertEqual(heart.fired(at: at(45)), .timeout)
    }

    func testAPongRestartsTheIntervalFromThatMoment() {
        var heart = heartbeat()
        XCTAssertEqual(heart.fired(at: at(25)), .ping)
        heart.pong(at: at(26))
        XCTAssertEqual(heart.nextDeadline, at(51))
        XCTAssertEqual(heart.fired(at: at(45)), .none, "the old appointment")
        XCTAssertEqual(heart.fired(at: at(51)), .ping)
        XCTAssertEqual(heart.nextDeadline, at(71))
    }

    func testAPongConfirmsWhatWasSentBeforeItsPingUnlessItWasWaitedForLonger() {
        var heart = heartbeat()
        XCTAssertEqual(heart.confirmed, at(0))
        XCTAssertEqual(heart.fired(at: at(25)), .ping)
        heart.pong(at: at(40))
        XCTAssertEqual(heart.confirmed, at(25))
        XCTAssertEqual(heart.fired(at: at(65)), .ping)
        XCTAssertEqual(heart.fired(at: at(85)), .timeout)
        heart.postpone(at: at(85))
        heart.pong(at: at(95))
        XCTAssertEqual(heart.confirmed, at(25))
        XCTAssertEqual(heart.fired(at: at(120)), .ping)
        heart.pong(at: at(121))
        XCTAssertEqual(heart.confirmed, at(120))
    }

    func testAnUnsolicitedPongRestartsTheIntervalToo() {
        var heart = heartbeat()
        heart.pong(at: at(10))
        XCTAssertEqual(heart.fired(at: at(25)), .none)
        XCTAssertEqual(heart.nextDeadline, at(35))
    }

    func testATimerThatFiresEarlyDoesNothing() {
        var heart = heartbeat()
        XCTAssertEqual(heart.fired(at: at(24.999)), .none)
        XCTAssertEqual(heart.fired(at: at(25)), .ping)
        XCTAssertEqual(heart.fired(at: at(44.999)), .none)
        XCTAssertEqual(heart.nextDeadline, at(45))
    }

    func testAPongOneTickBeforeTheEndSavesAndOneAfterIsTooLate() {
        var saved = heartbeat()
        XCTAssertEqual(saved.fired(at: at(25)), .ping)
        saved.pong(at: LoopTime(nanoseconds: at(45).nanoseconds - 1))
        XCTAssertEqual(saved.fired(at: at(45)), .none)

        var late = heartbeat()
        XCTAssertEqual(late.fired(at: at(25)), .ping)
        XCTAssertEqual(late.fired(at: at(45)), .timeout, "before the pong of the next tick")
    }

    func testAStarvedLoopKeepsALivePeerAndClosesADeadOne() {
        var alive = heartbeat()
        XCTAssertEqual(alive.fired(at: at(25)), .ping)
        XCTAssertEqual(alive.fired(at: at(105)), .none, "a minute late: its pong may be unread")
        XCTAssertEqual(alive.nextDeadline, at(106))
        alive.pong(at: at(105))
        XCTAssertEqual(alive.fired(at: at(106)), .none)
        XCTAssertEqual(alive.fired(at: at(130)), .ping)

        var dead = heartbeat()
        XCTAssertEqual(dead.fired(at: at(25)), .ping)
        XCTAssertEqual(dead.fired(at: at(105)), .none)
        XCTAssertEqual(dead.fired(at: at(200)), .timeout, "the grace is given once")
    }

    func testAPingThatIsSentLateStillGivesTheWholeTimeout() {
        var heart = heartbeat()
        XCTAssertEqual(heart.fired(at: at(85)), .ping)
        XCTAssertEqual(heart.nextDeadline, at(105))
    }

    func testEveryPingMayHaveItsGrace() {
        var heart = heartbeat()
        XCTAssertEqual(heart.fired(at: at(25)), .ping)
        XCTAssertEqual(heart.fired(at: at(105)), .none)
        heart.pong(at: at(105))
        XCTAssertEqual(heart.fired(at: at(130)), .ping)
        XCTAssertEqual(heart.fired(at: at(210)), .none)
        XCTAssertEqual(heart.fired(at: at(211)), .timeout)
    }

    func testAnyDurationIsNoTrap() {
        for interval in [Duration.zero, .seconds(-1), .seconds(Int64.max), .nanoseconds(1)] {
            var heart = Heartbeat(interval: interval, timeout: interval, openedAt: start)
            _ = heart.fired(at: LoopTime(nanoseconds: .max))
            heart.pong(at: LoopTime(nanoseconds: .max))
            _ = heart.fired(at: LoopTime(nanoseconds: .max))
            _ = heart.fired(at: LoopTime(nanoseconds: .max))
        }
    }
}
