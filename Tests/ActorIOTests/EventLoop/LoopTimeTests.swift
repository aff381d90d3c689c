import XCTest

@testable import ActorIO

final class LoopTimeTests: XCTestCase {
    func testDurationsBecomeWholeNanoseconds() {
        XCTAssertEqual(Duration.seconds(1).nanoseconds, 1_000_000_000)
        XCTAssertEqual(Duration.milliseconds(-1).nanoseconds, -1_000_000)
        XCTAssertEqual(Duration.nanoseconds(7).nanoseconds, 7)
        XCTAssertEqual(
            Duration(secondsComponent: 0, attosecondsComponent: 999_999_999).nanoseconds,
            0
        )
        XCTAssertEqual(Duration.zero.nanoseconds, 0)
    }

    func testHugeDurationsSaturateInsteadOfTrapping() {
        XCTAssertEqual(Duration.seconds(Int64.max).nanoseconds, .max)
        XCTAssertEqual(Duration.seconds(Int64.min).nanoseconds, .min)
        XCTAssertEqual(Duration.seconds(9_223_372_036).nanoseconds, 9_223_372_036_000_000_000)
        XCTAssertEqual(Duration.seconds(9_223_372_037).nanoseconds, .max)
        let edge = Duration(
            secondsComponent: 9_223_372_036,
            attosecondsComponent: 900_000_000_000_000_000
        )
        XCTAssertEqual(edge.nanoseconds, .max)
        let below = Duration(
            secondsComponent: -9_223_372_036,
            attosecondsComponent: -900_000_000_000_000_000
        )
        XCTAssertEqual(below.nanoseconds, .min)
    }

    func testALateDeadlineIsTheDistantFuture() {
        let time = LoopTime(nanoseconds: 5)
        XCTAssertEqual(time + .seconds(Int64.max), .distantFuture)
        XCTAssertEqual((time + .seconds(1)).nanoseconds, 1_000_000_005)
        XCTAssertEqual(time + .seconds(1) - time, .seconds(1))
    }

    func testADeadlineFarInThePastStaysInThePast() {
        let time = LoopTime(nanoseconds: -10)
        XCTAssertLessThan(time + .seconds(Int64.min), time)
    }

    func testTimesAreOrdered() {
        XCTAssertLessThan(LoopTime(nanoseconds: 1), LoopTime(nanoseconds: 2))
        XCTAssertEqual(LoopTime(nanoseconds: 2), LoopTime(nanoseconds: 2))
    }
}
