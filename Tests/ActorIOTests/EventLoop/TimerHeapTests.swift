import XCTest

@testable import ActorIO

final class TimerHeapTests: XCTestCase {
    private func at(_ nanoseconds: Int64) -> LoopTime { LoopTime(nanoseconds: nanoseconds) }

    private func drain(_ heap: inout TimerHeap<Int>, _ now: Int64 = .max) -> [Int] {
        var all: [Int] = []
        while let value = heap.popDue(at(now)) { all.append(value) }
        return all
    }

    func testDeadlinesLeaveInOrderAndEqualOnesAsTheyCame() {
        var heap = TimerHeap<Int>()
        for (value, time) in [30, 10, 20, 10, 30, 10].enumerated() {
            _ = heap.schedule(at: at(Int64(time)), value)
        }
        XCTAssertEqual(heap.count, 6)
        XCTAssertEqual(heap.nextDeadline, at(10))
        XCTAssertEqual(drain(&heap), [1, 3, 5, 2, 0, 4])
        XCTAssertEqual(heap.count, 0)
        XCTAssertNil(heap.nextDeadline)
    }

    func testADeadlineIsDueAtItsInstantAndNotBefore() {
        var heap = TimerHeap<Int>()
        _ = heap.schedule(at: at(10), 1)
        XCTAssertNil(heap.popDue(at(9)))
        XCTAssertEqual(heap.popDue(at(10)), 1)
        XCTAssertNil(heap.popDue(at(.max)))
    }

    func testACancelledDeadlineNeverComes() {
        var heap = TimerHeap<Int>()
        let ids = (0..<9).map { heap.schedule(at: at(Int64($0 % 3)), $0) }
        XCTAssertTrue(heap.cancel(ids[0]))
        XCTAssertTrue(heap.cancel(ids[4]))
        XCTAssertTrue(heap.cancel(ids[8]))
        XCTAssertFalse(heap.cancel(ids[4]))
        XCTAssertEqual(drain(&heap), [3, 6, 1, 7, 2, 5])
        XCTAssertFalse(heap.cancel(ids[1]))
    }

    func testAnOldIDDoesNotTouchTheNextUserOfItsSlot() {
        var heap = TimerHeap<Int>()
        let first = heap.schedule(at: at(1), 1)
        XCTAssertEqual(drain(&heap), [1])
        let second = heap.schedule(at: at(2), 2)
        XCTAssertEqual(second.slot, first.slot)
        XCTAssertNotEqual(second, first)
        XCTAssertFalse(heap.cancel(first))
        XCTAssertEqual(heap.count, 1)
        XCTAssertTrue(heap.cancel(second))
        XCTAssertFalse(heap.cancel(TimerID(slot: 99, generation: 0)))
    }

    func testOldIDsStayDeadAfterABusyHeapHasGivenItsMemoryBack() {
        var heap = TimerHeap<Int>()
        let ids = (0..<3_000).map { heap.schedule(at: at(Int64($0)), $0) }
        XCTAssertEqual(drain(&heap).count, 3_000)
        let next = (0..<3_000).map { heap.schedule(at: at(Int64($0)), $0) }
        for id in ids { XCTAssertFalse(heap.cancel(id)) }
        XCTAssertEqual(heap.count, 3_000)
        for id in next { XCTAssertTrue(heap.cancel(id)) }
        XCTAssertEqual(heap.count, 0)
    }

    func testAFiredOrCancelledTargetIsLetGo() {
        final class Target {}
        var heap = TimerHeap<Target>()
        weak var fired: Target?
        weak var cancelled: Target?
        do {
            let (one, two) = (Target(), Target())
            (fired, cancelled) = (one, two)
            _ = heap.schedule(at: at(1), one)
            heap.cancel(heap.schedule(at: at(2), two))
            _ = heap.popDue(at(1))
        }
        XCTAssertNil(fired)
        XCTAssertNil(cancelled)
    }

    func testAgreesWithASortedListOverRandomSteps() {
        for seed in 1...40 {
            var dice = SplitMix64(UInt64(seed))
            var model = Model()
            for step in 0..<400 {
                let now = Int64.random(in: 0..<100, using: &dice)
                switch Int.random(in: 0..<10, using: &dice) {
                case 0..<5: model.schedule(at: at(now), step)
                case 5..<8: model.cancel(Int.random(in: 0...step, using: &dice))
                default: model.pop(at(now))
                }
                XCTAssertEqual(model.heap.count, model.list.count)
                XCTAssertEqual(model.heap.nextDeadline, model.list.first?.time)
            }
            XCTAssertEqual(drain(&model.heap), model.list.map(\.value), "seed \(seed)")
        }
    }

    /// A heap beside the obvious way to do the same.
    private struct Model {
        var heap = TimerHeap<Int>()
        var list: [(time: LoopTime, value: Int)] = []
        var ids: [TimerID] = []
        var values: [Int] = []

        mutating func schedule(at time: LoopTime, _ value: Int) {
            ids.append(heap.schedule(at: time, value))
            values.append(value)
            let index = list.firstIndex { $0.time > time } ?? list.count
            list.insert((time, value), at: index)
        }

        mutating func cancel(_ number: Int) {
            guard number < ids.count else { return }
            let index = list.firstIndex { $0.value == values[number] }
            if let index { list.remove(at: index) }
            XCTAssertEqual(heap.cancel(ids[number]), index != nil)
        }

        mutating func pop(_ now: LoopTime) {
            let isDue = list.first.map { $0.time <= now } ?? false
            XCTAssertEqual(heap.popDue(now), isDue ? list.removeFirst().value : nil)
        }
    }
}
