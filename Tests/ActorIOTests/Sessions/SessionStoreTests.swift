import XCTest

@testable import ActorIO

final class SessionStoreTests: XCTestCase {
    private let origin = SessionOrigin(address: "192.0.2.1", userAgent: "Browser/1")

    private func login(
        _ bench: SessionBench,
        _ user: String,
        in place: SessionID? = nil,
        keepingData: Bool = false
    ) throws -> SessionID {
        try bench.run { [origin] in
            try await bench.store.renew(
                place,
                keepingData: keepingData,
                userID: user,
                origin
            ) { $0[Visits.self] += 1 }
        }
    }

    private func isAlive(_ bench: SessionBench, _ id: SessionID) throws -> Bool {
        try bench.run { try await bench.store.isAlive(id) }
    }

    func testConcurrentUpdatesAllSurvive() throws {
        let bench = SessionBench()
        let id = try login(bench, "7")
        let updates = (0..<50).map { number in
            Start(bench) {
                try await bench.store.update(id) { $0[Cart.self].items.append("\(number)") }
            }
        }
        bench.settle()
        for update in updates { try update.value() }
        let cart = try bench.run { try await bench.store.read(id) { $0[Cart.self] } }
        XCTAssertEqual(cart.items.count, 50)
    }

    func testAnUpdateThatThrowsChangesNothing() throws {
        struct Refused: Error {}
        let bench = SessionBench()
        let id = try login(bench, "7")
        XCTAssertThrowsError(
            try bench.run {
                try await bench.store.update(id) { data in
                    data[Visits.self] = 100
                    throw Refused()
                }
            }
        )
        XCTAssertEqual(try bench.run { try await bench.store.read(id) { $0[Visits.self] } }, 1)
    }

    func testADeadSessionCanNotBeChangedNorBroughtBack() throws {
        let bench = SessionBench()
        let id = try login(bench, "7")
        try bench.run { try await bench.store.endSession(id) }
        for attempt in 0..<2 {
            XCTAssertThrowsError(
                try bench.run { [origin] in
                    if attempt == 0 {
                        try await bench.store.update(id) { $0[Visits.self] = 1 }
                    } else {
                        _ = try await bench.store.create(id, origin, nil) { $0[Visits.self] = 1 }
                    }
                }
            ) { XCTAssertEqual(($0 as? HTTPError)?.status, .unauthorized) }
        }
        XCTAssertFalse(try isAlive(bench, id))
        XCTAssertEqual(try bench.run { await bench.store.count }, 0)
    }

    func testDestroyReturnsWhenTheSocketsAreClosedAndNotBefore() throws {
        let bench = SessionBench()
        let id = try login(bench, "7")
        try bench.run {
            await bench.members.enter(id, as: HandshakeMember(id: 1))
            await bench.members.enter(id, as: HandshakeMember(id: 2))
            _ = try await bench.store.open(id, address: "", members: bench.members)
        }
        bench.members.hold()
        let ending = bench.start { try await bench.store.endSession(id) }
        XCTAssertFalse(ending.isDone)
        XCTAssertFalse(try isAlive(bench, id), "dead before the sockets are closed")
        bench.members.letGo()
        bench.settle()
        XCTAssertEqual(try ending.value(), EndedSessions(sessions: 1, sockets: 2))
        let again = try bench.run { try await bench.store.endSession(id) }
        XCTAssertEqual(again, EndedSessions(sessions: 0, sockets: 0))
    }

    func testRenewingKillsTheOldIdAndItsSocketsAndDropsItsData() throws {
        let bench = SessionBench()
        let old = SessionID()
        try bench.run { [origin] in
            _ = try await bench.store.create(old, origin, bench.members) {
                $0[Cart.self].items = ["tea"]
            }
            await bench.members.enter(old, as: HandshakeMember(id: 1))
        }
        let new = try login(bench, "7", in: old)
        XCTAssertNotEqual(new, old)
        XCTAssertFalse(try isAlive(bench, old))
        XCTAssertEqual(bench.members.count(old), 0)
        XCTAssertEqual(bench.members.log, ["enter 1", "close 1, again"])
        XCTAssertEqual(try bench.run { try await bench.store.read(new) { $0[Cart.self] } }, Cart())
        let kept = try login(bench, "7", in: new, keepingData: true)
        XCTAssertEqual(try bench.run { try await bench.store.read(kept) { $0[Visits.self] } }, 2)
    }

    func testEachEndSaysWhetherClientsMayComeBack() throws {
        typealias Ending = @Sendable (SessionBench, SessionID) async throws -> Void
        let origin = origin
        let endings: [(Ending, Bool)] = [
            ({ try await $0.store.endSession($1) }, false),
            ({ try await $0.store.endSession($1, mayReconnect: true) }, true),
            ({ bench, _ in try await bench.store.endAllSessions(of: 7) }, false),
            ({ bench, _ in try await bench.store.endAllSessions(of: 7, mayReconnect: true) }, true),
            (
                { bench, _ in
                    try await bench.store.endOtherSessions(of: 7, keeping: SessionID())
                }, false
            ),
            (
                { bench, id in
                    let birth = SessionBirth(origin: origin)
                    try await bench.store.renew(id, by: birth, .sameLogin) { _ in }
                }, true
            ),
            ({ bench, id in await bench.store.endLater([id], isHarmless: true) }, false),
        ]
        for (ending, mayReconnect) in endings {
            let bench = SessionBench()
            let id = try login(bench, "7")
            try bench.run {
                _ = try await bench.store.open(id, address: "", members: bench.members)
                await bench.members.enter(id, as: HandshakeMember(id: 1))
                try await ending(bench, id)
            }
            XCTAssertEqual(bench.members.log.last, "close 1" + (mayReconnect ? ", again" : ""))
        }
    }

    func testAnIdleSessionEndsAtTheVeryMomentAndTakesItsSocketsAlong() throws {
        let bench = SessionBench { $0.idleLifetime = .seconds(60) }
        let id = try login(bench, "7")
        try bench.run {
            _ = try await bench.store.open(id, address: "", members: bench.members)
            await bench.members.enter(id, as: HandshakeMember(id: 1))
        }
        bench.advance(by: .nanoseconds(59_999_999_999))
        XCTAssertTrue(try isAlive(bench, id))
        XCTAssertEqual(bench.members.count(id), 1)
        bench.advance(by: .nanoseconds(1))
        XCTAssertFalse(try isAlive(bench, id))
        XCTAssertEqual(bench.members.count(id), 0)
        XCTAssertNil(bench.loop.nextDeadline, "no alarm stays armed")
    }

    func testRequestsKeepASessionAliveUntilItsAbsoluteEnd() throws {
        let bench = SessionBench {
            $0.idleLifetime = .seconds(60)
            $0.absoluteLifetime = .seconds(150)
        }
        let id = try login(bench, "7")
        for _ in 0..<3 {
            bench.advance(by: .seconds(45))
            let opened = try bench.run {
                try await bench.store.open(id, address: "", members: nil)
            }
            XCTAssertNotNil(opened)
        }
        bench.advance(by: .seconds(14))
        XCTAssertTrue(try isAlive(bench, id))
        bench.advance(by: .seconds(1))
        XCTAssertFalse(try isAlive(bench, id))
    }

    func testDevicesAreListedAndEndedOneByOneOrTogether() throws {
        let bench = SessionBench()
        let phone = try login(bench, "7")
        bench.advance(by: .seconds(10))
        let laptop = try login(bench, "7")
        bench.advance(by: .seconds(10))
        let tablet = try login(bench, "7")
        let other = try login(bench, "8")
        let list = try bench.run { await bench.store.sessions(of: 7) }
        XCTAssertEqual(list.map(\.id), [tablet, laptop, phone])
        XCTAssertEqual(list.map(\.userAgent), ["Browser/1", "Browser/1", "Browser/1"])
        XCTAssertEqual(list[1].createdAt, list[0].createdAt - 10)

        let others = try bench.run {
            try await bench.store.endOtherSessions(of: 7, keeping: laptop)
        }
        XCTAssertEqual(others.sessions, 2)
        XCTAssertTrue(try isAlive(bench, laptop))
        XCTAssertEqual(try bench.run { try await bench.store.endAllSessions(of: 7) }.sessions, 1)
        XCTAssertEqual(try bench.run { try await bench.store.endAllSessions(of: 7) }.sessions, 0)
        XCTAssertEqual(try bench.run { await bench.store.sessions(of: 7) }, [])
        XCTAssertTrue(try isAlive(bench, other))
    }

    func testAFullStoreLetsTheIdlestAnonymousSessionGoButNoUser() throws {
        let bench = SessionBench { $0.maxSessions = 3 }
        let user = try login(bench, "7")
        let visitors = try (0..<2).map { _ in
            let id = SessionID()
            bench.advance(by: .seconds(1))
            _ = try bench.run { [origin] in
                try await bench.store.create(id, origin, nil) { $0[Visits.self] = 1 }
            }
            return id
        }
        // The first one comes back, so the second is the idlest.
        bench.advance(by: .seconds(1))
        _ = try bench.run { try await bench.store.open(visitors[0], address: "", members: nil) }
        let second = try login(bench, "8")
        XCTAssertEqual(try isAlive(bench, visitors[0]), true)
        XCTAssertEqual(try isAlive(bench, visitors[1]), false)
        let third = try login(bench, "9")
        XCTAssertThrowsError(try login(bench, "10")) {
            XCTAssertEqual(($0 as? HTTPError)?.status, .serviceUnavailable)
        }
        for id in [user, second, third] { XCTAssertTrue(try isAlive(bench, id)) }
    }

    func testOneUserCanNotFillTheStore() throws {
        let bench = SessionBench { $0.maxSessionsPerUser = 2 }
        var ids: [SessionID] = []
        for _ in 0..<4 {
            ids.append(try login(bench, "7"))
            bench.advance(by: .seconds(1))
        }
        XCTAssertEqual(try ids.map { try isAlive(bench, $0) }, [false, false, true, true])
    }

    func testTombstonesAreForgottenInTheEndAndNeverTooMany() {
        var tombstones = Tombstones(limit: 3)
        let ids = (0..<5).map { _ in SessionID() }
        for (index, id) in ids.enumerated() {
            let now = LoopTime(nanoseconds: Int64(index))
            tombstones.insert(id, now: now, until: now + .nanoseconds(100))
        }
        XCTAssertEqual(ids.map { tombstones.contains($0) }, [false, false, true, true, true])
        tombstones.sweep(LoopTime(nanoseconds: 103))
        XCTAssertEqual(tombstones.count, 1)
    }

    func testAStoreWorksBeforeAnyServerRunsAndFromManyThreads() async throws {
        let store = SessionStore()
        let id = try await store.renew(nil, keepingData: false, userID: "7", origin) { _ in }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    for _ in 0..<20 {
                        try await store.update(id) { $0[Visits.self] += 1 }
                    }
                }
            }
            try await group.waitForAll()
        }
        let visits = try await store.read(id) { $0[Visits.self] }
        XCTAssertEqual(visits, 400)
        let ended = try await store.endAllSessions(of: 7)
        XCTAssertEqual(ended.sessions, 1)
    }
}
