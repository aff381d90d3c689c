import XCTest

@testable import ActorIO

/// An actor that is made before any server runs.
private actor Homeless {
    nonisolated let lane = Lane()
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe lane.asUnownedSerialExecutor()
    }
    private(set) var count = 0

    func add() { count += 1 }
    func isOn(_ loop: EventLoop) -> Bool { loop.isCurrent }
}

final class LaneTests: XCTestCase {
    func testAnActorWorksBeforeAnyServer() async {
        let actor = Homeless()
        await actor.add()
        let count = await actor.count
        XCTAssertEqual(count, 1)
        let isThere = await actor.isOn(.fallback)
        XCTAssertTrue(isThere)
    }

    func testABoundActorRunsOnTheLoopAndGoesBackWhenItStops() async {
        for isUsedBefore in [false, true] {
            let actor = Homeless()
            let loop = EventLoop()
            if isUsedBefore { await actor.add() }
            actor.lane.bind(to: loop)
            await eventually("the move") { await actor.isOn(loop) && actor.lane.loop === loop }
            await loop.stop()
            let isBack = await actor.isOn(.fallback)
            XCTAssertTrue(isBack)
            XCTAssertTrue(actor.lane.loop === EventLoop.fallback)
        }
    }

    func testALaneThatARunningServerHoldsStaysThere() async {
        let actor = Homeless()
        let (first, second) = (EventLoop(), EventLoop())
        actor.lane.bind(to: first)
        actor.lane.bind(to: second)
        let isThere = await actor.isOn(first)
        XCTAssertTrue(isThere)
        await second.stop()
        let isStill = await actor.isOn(first)
        XCTAssertTrue(isStill)
        await first.stop()
    }

    func testALaneCanServeOneServerAfterTheOther() async {
        let actor = Homeless()
        for _ in 0..<5 {
            let loop = EventLoop()
            actor.lane.bind(to: loop)
            await eventually("the move") { await actor.isOn(loop) }
            await loop.stop()
        }
        let isBack = await actor.isOn(.fallback)
        XCTAssertTrue(isBack)
    }

    func testNoJobIsLostOrDoubledWhileTheLaneMoves() async {
        let actor = Homeless()
        await withDiscardingTaskGroup { group in
            for _ in 0..<2 {
                group.addTask { for _ in 0..<20_000 { await actor.add() } }
            }
            group.addTask {
                for _ in 0..<60 {
                    let loop = EventLoop()
                    actor.lane.bind(to: loop)
                    await actor.add()
                    await loop.stop()
                }
            }
        }
        let count = await actor.count
        XCTAssertEqual(count, 40_060)
    }

    func testWorkGivenToALaneRunsOnItsLoop() async {
        let actor = Homeless()
        let loop = EventLoop()
        actor.lane.bind(to: loop)
        let log = Recorder<Bool>()
        actor.lane.run { log.add(loop.isCurrent) }
        await eventually("the work") { log.all == [true] }
        await on(loop) { actor.lane.run { log.add(loop.isCurrent) } }
        XCTAssertEqual(log.all, [true, true])
        await loop.stop()
    }

    func testALaneTimerFiresUnlessItIsCancelled() async {
        let actor = Homeless()
        let log = Recorder<Int>()
        let now = actor.lane.now
        let cancelled = actor.lane.schedule(at: now + .milliseconds(1)) { log.add(1) }
        actor.lane.cancel(cancelled)
        _ = actor.lane.schedule(at: now + .milliseconds(10)) { log.add(2) }
        await eventually("the timer") { log.count > 0 }
        XCTAssertEqual(log.all, [2])
    }
}
