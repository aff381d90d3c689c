import XCTest

@testable import ActorIO

/// A loop that is cranked by hand, on time that passes when it is told to.
final class ManualLoopTests: XCTestCase {
    private func makeLoop() -> EventLoop {
        let loop = EventLoop(manualAt: LoopTime(nanoseconds: 1_000))
        loop.claim()
        return loop
    }

    func testNothingRunsUntilItIsCranked() {
        let loop = makeLoop()
        let log = Recorder<Int>()
        loop.execute { log.add(1) }
        XCTAssertEqual(log.all, [])
        XCTAssertTrue(loop.crank())
        XCTAssertEqual(log.all, [1])
        XCTAssertFalse(loop.crank())
    }

    func testTimeStandsStillUntilItIsSet() {
        let loop = makeLoop()
        let log = Recorder<Int>()
        _ = loop.schedule(at: loop.now + .seconds(1), ClosureTimer { log.add(1) })
        XCTAssertFalse(loop.crank())
        loop.setVirtualTime(loop.now + .milliseconds(999))
        XCTAssertFalse(loop.crank())
        loop.setVirtualTime(loop.now + .milliseconds(1))
        XCTAssertTrue(loop.crank())
        XCTAssertEqual(log.all, [1])
    }

    func testTimeNeverGoesBack() {
        let loop = makeLoop()
        loop.setVirtualTime(LoopTime(nanoseconds: 5_000))
        loop.setVirtualTime(LoopTime(nanoseconds: 2_000))
        XCTAssertEqual(loop.now.nanoseconds, 5_000)
        loop.setVirtualTime(LoopTime(nanoseconds: 3_600_000_005_000))
        XCTAssertEqual(loop.unixTime, 1_800_003_600)
    }

    func testForeignWorkIsNoticed() async {
        let loop = EventLoop(manualAt: LoopTime(nanoseconds: 0))
        let log = Recorder<String>()
        loop.noticeForeignWork { log.add("noticed") }
        loop.execute { log.add("run") }
        XCTAssertEqual(log.all, ["noticed"])
        loop.claim()
        while loop.crank() {}
        loop.release()
        XCTAssertEqual(log.all, ["noticed", "run"])
    }

    func testTasksThatPreferTheLoopRunInTheCrank() {
        let loop = makeLoop()
        let actor = Pinned(loop)
        let log = Recorder<Bool>()
        Task(executorPreference: loop.taskExecutor) {
            log.add(loop.isCurrent)
            await actor.mark("a")
            log.add(loop.isCurrent)
        }
        XCTAssertEqual(log.all, [])
        while loop.crank() {}
        XCTAssertEqual(log.all, [true, true])
    }

    func testTwoThousandRunsOfA45SecondTimeoutAreIdentical() {
        let first = Self.story()
        XCTAssertEqual(first.last, "45000 ms: timeout")
        XCTAssertEqual(first.count, 6)
        for _ in 1..<2_000 { XCTAssertEqual(Self.story(), first) }
    }

    /// A silent peer: asked every ten seconds, given up after 45.
    private static func story() -> [String] {
        let loop = EventLoop(manualAt: LoopTime(nanoseconds: 0))
        loop.claim()
        let actor = Pinned(loop)
        let log = Recorder<String>()
        @Sendable func note(_ text: String) {
            log.add("\(loop.now.nanoseconds / 1_000_000) ms: \(text)")
        }
        @Sendable func ask() {
            Task.immediate(executorPreference: loop.preference) {
                await actor.mark("asked")
                note("asked")
            }
            _ = loop.schedule(at: loop.now + .seconds(10), ClosureTimer { ask() })
        }
        let timeout = ClosureTimer { note("timeout") }
        _ = loop.schedule(at: loop.now + .seconds(45), timeout)
        ask()
        let end = LoopTime(nanoseconds: 0) + .seconds(45)
        repeat {
            while loop.crank() {}
            loop.setVirtualTime(loop.nextDeadline ?? end)
        } while loop.now <= end
        return log.all
    }
}

final class LoopActorTests: XCTestCase {
    func testOnLoopEntersTheActorAtOnce() {
        let loop = EventLoop(manualAt: LoopTime(nanoseconds: 0))
        loop.claim()
        let actor = Pinned(loop)
        let marks = actor.onLoop { actor in
            actor.mark("a")
            actor.mark("b")
            return actor.marks
        }
        XCTAssertEqual(marks, ["a", "b"])
    }

    func testOnLoopPassesErrorsOn() {
        let loop = EventLoop(manualAt: LoopTime(nanoseconds: 0))
        loop.claim()
        let actor = Pinned(loop)
        XCTAssertThrowsError(try actor.onLoop { _ in throw HTTPError(.badRequest) })
    }

    func testSoonIsNowOnTheLoopAndLaterFromElsewhere() {
        let loop = EventLoop(manualAt: LoopTime(nanoseconds: 0))
        let actor = Pinned(loop)
        actor.soon { $0.mark("later") }
        loop.claim()
        actor.soon { $0.mark("now") }
        XCTAssertEqual(actor.onLoop { $0.marks }, ["now"])
        while loop.crank() {}
        XCTAssertEqual(actor.onLoop { $0.marks }, ["now", "later"])
    }

    func testABoundValueIsHandedOverOnItsLoop() async {
        let loop = EventLoop()
        let bound = LoopBound(41, on: loop)
        let value = await on(loop) { bound.take() + 1 }
        XCTAssertEqual(value, 42)
        await loop.stop()
    }
}
