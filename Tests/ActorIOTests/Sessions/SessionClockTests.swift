import XCTest

@testable import ActorIO

/// A wall clock that jumps makes no session immortal and logs nobody out.
final class SessionClockTests: XCTestCase {
    private let backing = FaultyBacking()
    private let wall = Wall()

    private final class Wall: Sendable {
        let jump = Locked<Int64>(0)
    }

    private static let origin = SessionOrigin(address: "192.0.2.1", userAgent: "Browser/1")
    private static let year: Int64 = 365 * 86_400

    private func bench() -> SessionBench {
        let clock = SessionClock { [wall] loop in loop.unixTime + wall.jump.withLock { $0 } }
        return SessionBench(backing: backing, clock: clock) { options in
            options.idleLifetime = .seconds(1_000)
            options.absoluteLifetime = .seconds(3_000)
        }
    }

    private func login(_ bench: SessionBench) throws -> SessionID {
        try bench.run {
            try await bench.store.renew(nil, keepingData: false, userID: "7", Self.origin) { _ in }
        }
    }

    private func isFound(_ bench: SessionBench, _ id: SessionID) throws -> Bool {
        try bench.run { try await bench.store.open(id, address: "", members: nil) != nil }
    }

    private func set(_ jump: Int64) {
        wall.jump.withLock { $0 = jump }
    }

    func testAJumpOfTheWallClockChangesNothingForSessionsInMemory() throws {
        for jump in [Self.year, -Self.year] {
            set(0)
            let bench = bench()
            let id = try login(bench)
            set(jump)
            bench.advance(by: .seconds(999))
            XCTAssertTrue(try isFound(bench, id))
            bench.advance(by: .seconds(1_000))
            XCTAssertFalse(try isFound(bench, id))
        }
    }

    func testAJumpForwardsLogsNobodyOutWhoIsOnlyInTheBacking() throws {
        let id = try login(bench())
        let bench = bench()
        _ = try login(bench)
        set(Self.year)
        XCTAssertTrue(try isFound(bench, id))
    }

    func testAJumpBackwardsLetsNoEndedSessionIn() throws {
        let id = try login(bench())
        let bench = bench()
        _ = try login(bench)
        bench.advance(by: .seconds(1_001))
        set(-Self.year)
        XCTAssertNotNil(backing.records[id])
        XCTAssertFalse(try isFound(bench, id))
    }

    func testAProcessWhoseClockIsBehindGivesNoSessionMoreThanItsLifetimes() throws {
        let first = bench()
        let id = try login(first)
        set(-Self.year)
        let second = bench()
        XCTAssertTrue(try isFound(second, id), "nobody is logged out by it")
        for _ in 0..<3 {
            second.advance(by: .seconds(900))
            XCTAssertTrue(try isFound(second, id))
        }
        try second.run { try await second.store.update(id) { $0[Visits.self] = 1 } }
        // And it does not begin anew with every start.
        let third = bench()
        third.advance(by: .seconds(2_700))
        XCTAssertTrue(try isFound(third, id))
        third.advance(by: .seconds(300))
        XCTAssertFalse(try isFound(third, id))
    }

    func testAnEndOfAllReachesASessionThatAClockThatWasAheadBegan() throws {
        set(Self.year)
        let ahead = try login(bench())
        set(0)
        let bench = bench()
        backing.fail(.list)
        XCTAssertThrowsError(try bench.run { try await bench.store.endAllSessions(of: 7) })
        XCTAssertNotNil(backing.records[ahead])
        XCTAssertFalse(try isFound(bench, ahead))
        backing.heal()
        bench.advance(by: .seconds(60))
        XCTAssertNil(backing.records[ahead])
        XCTAssertFalse(try isFound(bench, ahead))
    }

    func testTheHorizonReachesASessionThatAClockThatWasAheadBegan() throws {
        set(500)
        let first = bench()
        let (ahead, other) = (try login(first), try login(first))
        set(0)
        let bench = SessionBench(backing: backing) { $0.maxUnstoredEnds = 1 }
        backing.fail(.delete)
        for id in [try login(bench), ahead] {
            XCTAssertThrowsError(try bench.run { try await bench.store.endSession(id) })
        }
        XCTAssertFalse(try isFound(bench, other), "it began no later, as far as anybody can tell")
        bench.advance(by: .seconds(700))
        for id in [ahead, other] { XCTAssertFalse(try isFound(bench, id)) }
    }

    func testRecordsWithImpossibleMomentsAreNoTrap() throws {
        for moment in [Int64.min, .max, 0, -1] {
            let bench = bench()
            let id = try login(bench)
            var record = try XCTUnwrap(backing.records[id])
            record.createdAt = moment
            record.lastSeenAt = moment
            let now = bench.loop.now
            var entry = SessionEntry(record, now: now, unixTime: bench.loop.unixTime)
            XCTAssertLessThanOrEqual(entry.created, now)
            XCTAssertLessThanOrEqual(entry.lastSeen, now)
            XCTAssertLessThanOrEqual(entry.createdAt, bench.loop.unixTime)
            entry.deadline = .distantFuture
            XCTAssertGreaterThan(try entry.record(now: now, unixTime: 0).expiresAt, 0)
        }
    }

    func testASessionThatExpiresBetweenTheCheckAndTheRegistrationIsFound() throws {
        let id = try login(bench())
        let bench = bench()
        bench.advance(by: .nanoseconds(999_999_999_999))
        backing.hold(.load, .after)
        let member = HandshakeMember(id: 1)
        let open = bench.start {
            await bench.members.enter(id, as: member)
            return try await bench.store.open(id, address: "", members: bench.members) != nil
        }
        bench.advance(by: .nanoseconds(1))
        backing.letGo(.load, .after)
        bench.settle()
        XCTAssertFalse(try open.value(), "its deadline came while it was loaded")
    }
}
