import XCTest

@testable import ActorIO

/// What is kept for a reader of presence, and for devices that may come back.
final class PresenceQueueTests: XCTestCase {
    private static func change(_ user: Int, _ isOnline: Bool) -> PresenceChange {
        PresenceChange(room: .user(user), isOnline: isOnline)
    }

    private static func read(_ queue: inout PresenceQueue) -> [String] {
        var read: [String] = []
        while let change = queue.popFirst() {
            read.append((change.isOnline ? "+" : "-") + change.userID)
        }
        return read
    }

    func testAReaderIsToldOfThoseWhoAreOnlineFirst() {
        var queue = PresenceQueue(limit: 10, online: [.user(1), .user(2)])
        XCTAssertEqual(Self.read(&queue).sorted(), ["+1", "+2"])
        XCTAssertTrue(queue.isEmpty)
    }

    func testWhoLeavesBeforeTheReaderHeardOfThemIsNeverTold() {
        var queue = PresenceQueue(limit: 10, online: [.user(1), .user(2)])
        queue.append(Self.change(1, false))
        XCTAssertEqual(Self.read(&queue), ["+2"])
    }

    func testChangesAreKeptOneByOneUpToTheLimit() {
        var queue = PresenceQueue(limit: 4)
        for isOnline in [true, false, true, false] { queue.append(Self.change(1, isOnline)) }
        XCTAssertEqual(Self.read(&queue), ["+1", "-1", "+1", "-1"])
    }

    func testBeyondTheLimitTheNewestStateTakesTheirPlace() {
        var queue = PresenceQueue(limit: 2)
        queue.append(Self.change(1, true))
        queue.append(Self.change(2, true))
        queue.append(Self.change(1, false))
        queue.append(Self.change(3, true))
        XCTAssertEqual(Self.read(&queue), ["+2", "+3"])
        queue.append(Self.change(2, false))
        queue.append(Self.change(2, true))
        XCTAssertEqual(Self.read(&queue), ["-2", "+2"], "again one by one")
    }

    func testWhateverTheRhythmAReaderHearsNothingTwiceAndEndsWithTheTruth() {
        var random = SplitMix64(22)
        for limit in [1, 2, 5, 40] {
            var truth = Set((0..<10).filter { _ in Bool.random(using: &random) })
            var told: Set<Int> = []
            var queue = PresenceQueue(limit: limit, online: Set(truth.map { .user($0) }))
            func take() {
                guard let change = queue.popFirst(), let user = Int(change.userID) else { return }
                if change.isOnline {
                    XCTAssertTrue(told.insert(user).inserted)
                } else {
                    XCTAssertNotNil(told.remove(user))
                }
            }
            for _ in 0..<20_000 {
                if Int.random(in: 0..<100, using: &random) < 40 {
                    take()
                } else {
                    let user = Int.random(in: 0..<20, using: &random)
                    let isOnline = truth.insert(user).inserted
                    if !isOnline { truth.remove(user) }
                    queue.append(Self.change(user, isOnline))
                }
                XCTAssertLessThanOrEqual(queue.noteCount, max(limit, 2 * 20 + 101))
            }
            while !queue.isEmpty { take() }
            XCTAssertEqual(told, truth)
        }
    }

    func testDevicesThatComeAndGoForEverLeaveNoNotesBehind() {
        var absences = Absences()
        for step in 0..<10_000 {
            let until = LoopTime(nanoseconds: Int64(step))
            absences.insert(.user(step % 3), .session("session:a"), until: until)
            if step % 2 == 0 { absences.remove(.user(step % 3), .session("session:a")) }
            XCTAssertLessThanOrEqual(absences.noteCount, 2 * 3 + 101)
        }
        let all = Set(absences.all)
        XCTAssertFalse(all.isEmpty)
        XCTAssertEqual(Set(absences.remove(.session("session:a"))), all)
        XCTAssertTrue(absences.all.isEmpty)
    }
}
