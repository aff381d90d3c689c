import XCTest

@testable import ActorIO

/// A loop on a thread of its own, over every poller there is.
final class EventLoopTests: XCTestCase {
    func testWorkRunsOnTheLoopInTheOrderItWasGiven() async {
        await withEveryPoller { loop in
            let log = Recorder<Int>()
            for number in 0..<1_000 { loop.execute { log.add(number) } }
            let isCurrent = await on(loop) { loop.isCurrent }
            XCTAssertTrue(isCurrent)
            XCTAssertFalse(loop.isCurrent)
            XCTAssertEqual(log.all, Array(0..<1_000))
        }
    }

    func testWorkFromAnotherThreadWakesASleepingLoop() async {
        await withEveryPoller { loop in
            for _ in 0..<200 {
                // The loop has nothing to do, so that each of these finds it asleep, or about to
                // be.
                let isCurrent = await on(loop) { loop.isCurrent }
                XCTAssertTrue(isCurrent)
            }
        }
    }

    func testWorkGivenByTheLoopItselfRunsAfterWhatWasThere() async {
        await withEveryPoller { loop in
            let log = Recorder<String>()
            await on(loop) {
                loop.execute { log.add("first") }
                loop.execute {
                    log.add("second")
                    loop.execute { log.add("fourth") }
                }
                loop.execute { log.add("third") }
                log.add("now")
            }
            await eventually("the last") { log.count == 5 }
            XCTAssertEqual(log.all, ["now", "first", "second", "third", "fourth"])
        }
    }

    func testAnActorPinnedToALoopRunsThere() async {
        await withEveryPoller { loop in
            let actor = Pinned(loop)
            let isThere = await actor.mark("a")
            XCTAssertTrue(isThere)
            let marks = await actor.marks
            XCTAssertEqual(marks, ["a"])
        }
    }

    func testAHopBetweenTwoActorsOfALoopOvertakesTheQueue() async {
        await withEveryPoller { loop in
            let (one, two) = (Pinned(loop), Pinned(loop))
            let log = Recorder<String>()
            await one.callAcross(two, log)
            await eventually("the queued") { log.count == 2 }
            // It queued nothing: see D2.
            XCTAssertEqual(log.all, ["back", "queued"])
        }
    }

    func testAHopToAnotherLoopComesBack() async {
        await withEveryPoller { loop in
            let other = EventLoop()
            let (one, two) = (Pinned(loop), Pinned(other))
            let log = Recorder<String>()
            await one.callAcross(two, log)
            let marks = await two.marks
            XCTAssertEqual(marks, ["called"])
            XCTAssertTrue(log.contains("back"))
            await other.stop()
        }
    }

    func testTimersFireInTheOrderOfTheirDeadlines() async {
        await withEveryPoller { loop in
            let log = Recorder<Int>()
            await on(loop) {
                for (number, delay) in [12, 3, 8, 3, 0].enumerated() {
                    let timer = ClosureTimer { log.add(number) }
                    _ = loop.schedule(at: loop.now + .milliseconds(delay), timer)
                }
                let cancelled = ClosureTimer { log.add(99) }
                loop.cancel(loop.schedule(at: loop.now + .milliseconds(1), cancelled))
            }
            await eventually("all timers") { log.count == 5 }
            XCTAssertEqual(log.all, [4, 1, 3, 2, 0])
            let left = await on(loop) { loop.timerCount }
            XCTAssertEqual(left, 0)
        }
    }

    func testATimerNeverFiresEarly() async {
        await withEveryPoller { loop in
            let start = ContinuousClock.now
            await withCheckedContinuation { continuation in
                loop.execute {
                    let timer = ClosureTimer { continuation.resume() }
                    _ = loop.schedule(at: SystemClock.monotonic + .milliseconds(20), timer)
                }
            }
            XCTAssertGreaterThanOrEqual(ContinuousClock.now - start, .milliseconds(20))
        }
    }

    func testStopRunsWhatIsQueued() async {
        await withEveryPoller { loop in
            let log = Recorder<Int>()
            for number in 0..<100 {
                loop.execute {
                    log.add(number)
                    loop.execute { log.add(number + 100) }
                }
            }
            await loop.stop()
            // What two threads give a loop may mingle; what one gives keeps its order.
            XCTAssertEqual(log.all.filter { $0 < 100 }, Array(0..<100))
            XCTAssertEqual(log.all.filter { $0 >= 100 }, Array(100..<200))
        }
    }

    func testWorkForAStoppedLoopRunsOnTheFallback() async {
        await withEveryPoller { loop in
            let actor = Pinned(loop)
            await loop.stop()
            let isFallback = await on(loop) { EventLoop.fallback.isCurrent && loop.isCurrent }
            XCTAssertTrue(isFallback)
            let isThere = await actor.mark("late")
            XCTAssertTrue(isThere)
            let now = await on(loop) { loop.now }
            XCTAssertLessThan(SystemClock.monotonic - now, .seconds(60))
            let log = Recorder<Bool>()
            actor.soon { log.add($0.loop.isCurrent) }
            await eventually("soon") { log.all == [true] }
        }
    }

    func testAStoppedLoopCanBeStoppedAgain() async {
        await withEveryPoller { loop in
            await loop.stop()
            await loop.stop()
        }
    }

    func testATimeOfAStoppedLoopGoesOn() async {
        await withEveryPoller { loop in
            await loop.stop()
            let first = await on(loop) { loop.now }
            await eventually("time to pass") { await on(loop) { loop.now } > first }
        }
    }

    func testJobsThatKeepComingDoNotStarveTimers() async {
        await withEveryPoller { loop in
            let done = Recorder<Bool>()
            await on(loop) {
                keepBusy(loop, until: done)
                let timer = ClosureTimer { done.add(true) }
                _ = loop.schedule(at: loop.now + .milliseconds(5), timer)
            }
            await eventually("the timer") { done.count == 1 }
        }
    }

    func testATurnTargetThatAlwaysWantsMoreDoesNotStarveTheLoop() async {
        await withEveryPoller { loop in
            let target = Insatiable(loop)
            await on(loop) { loop.atTurnEnd(target) }
            let isCurrent = await on(loop) { loop.isCurrent }
            XCTAssertTrue(isCurrent)
            await on(loop) { target.isDone = true }
        }
    }

    /// The runtime keeps no executor alive: whoever hands a loop its last job must be out in time.
    func testALoopMayEndAndBeFreedWhileItsLastCallersAreLeaving() async {
        await withDiscardingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<200 {
                        let loop = EventLoop()
                        let actor = Pinned(loop)
                        let isThere = await actor.mark("a")
                        XCTAssertTrue(isThere)
                        await loop.stop()
                    }
                }
            }
        }
    }

    func testAThousandThreadsOfWorkLoseNothing() async {
        await withEveryPoller { loop in
            let log = Recorder<Int>()
            await withDiscardingTaskGroup { group in
                for number in 0..<1_000 {
                    group.addTask { loop.execute { log.add(number) } }
                }
            }
            await on(loop) {}
            XCTAssertEqual(log.all.sorted(), Array(0..<1_000))
        }
    }
}

private func keepBusy(_ loop: EventLoop, until done: Recorder<Bool>) {
    loop.execute {
        if done.count == 0 { keepBusy(loop, until: done) }
    }
}

/// Asks for the end of the turn at every end of a turn.
private final class Insatiable: TurnTarget, @unchecked Sendable {
    private let loop: EventLoop
    var isDone = false

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    func turnEnded() {
        if !isDone { loop.atTurnEnd(self) }
    }
}
