import XCTest

@testable import ActorIO

/// A backing that is slow, failing or torn keeps callers waiting, and nobody's session alive.
final class SessionFaultTests: XCTestCase {
    private let backing = FaultyBacking()
    private static let origin = SessionOrigin(address: "192.0.2.1", userAgent: "Browser/1")

    private func bench(
        _ configure: @Sendable (inout SessionStore.Options) -> Void = { _ in }
    ) -> SessionBench {
        SessionBench(backing: backing) { options in
            options.memoryOfEnded = .seconds(10)
            configure(&options)
        }
    }

    private func login(_ bench: SessionBench, _ user: String = "7") throws -> SessionID {
        try bench.run {
            try await bench.store.renew(nil, keepingData: false, userID: user, Self.origin) {
                $0[Visits.self] = 1
            }
        }
    }

    private func connect(_ bench: SessionBench, _ id: SessionID) throws {
        try bench.run {
            await bench.members.enter(id, as: HandshakeMember(id: 1))
            _ = try await bench.store.open(id, address: "", members: bench.members)
        }
    }

    private func isFound(_ bench: SessionBench, _ id: SessionID) throws -> Bool {
        try bench.run { try await bench.store.open(id, address: "", members: nil) != nil }
    }

    /// Lets an hour pass, and has the store forget whose memory it does not need.
    private func forget(_ bench: SessionBench) throws {
        bench.advance(by: .seconds(3_600))
        try bench.run { try await bench.store.endSession(SessionID()) }
        XCTAssertEqual(try bench.run { await bench.store.tombstones.count }, 1)
    }

    func testSocketsDoNotWaitForASlowBackingAndTheCallerDoes() throws {
        let bench = bench()
        let id = try login(bench)
        try connect(bench, id)
        backing.hold(.delete)
        let ending = bench.start { try await bench.store.endSession(id) }
        XCTAssertEqual(bench.members.count(id), 0)
        XCTAssertFalse(try isFound(bench, id))
        XCTAssertFalse(ending.isDone)
        backing.letGo(.delete)
        bench.settle()
        XCTAssertEqual(try ending.value(), EndedSessions(sessions: 1, sockets: 1))
        XCTAssertNil(backing.records[id])
    }

    func testASlowBackingDoesNotDelayTheSocketsOfASessionThatIsReplaced() throws {
        let bench = bench()
        let id = try login(bench)
        try connect(bench, id)
        backing.hold(.save)
        backing.hold(.delete)
        let login = bench.start {
            try await bench.store.renew(id, keepingData: true, userID: "8", Self.origin) { _ in }
        }
        XCTAssertEqual(bench.members.count(id), 0)
        XCTAssertFalse(login.isDone)
        backing.letGo(.save)
        bench.settle()
        XCTAssertFalse(login.isDone)
        backing.letGo(.delete)
        bench.settle()
        XCTAssertTrue(try isFound(bench, login.value()))
    }

    func testAServerAtTheAddressOfAnEarlierOneHasItsSocketsClosedToo() throws {
        let bench = bench()
        let id = try login(bench)
        // As left by a registry that is gone.
        try bench.run { await bench.store.forgetMembers(at: ObjectIdentifier(bench.members)) }
        try connect(bench, id)
        XCTAssertEqual(bench.members.count(id), 1)
        let ended = try bench.run { try await bench.store.endSession(id) }
        XCTAssertEqual(ended, EndedSessions(sessions: 1, sockets: 1))
        XCTAssertEqual(bench.members.count(id), 0)
    }

    func testFirstWritesThatABackingRefusesTakeNobodysSession() throws {
        let bench = bench { $0.maxUnstoredEnds = 1 }
        let id = try login(bench)
        backing.fail(.save)
        backing.fail(.delete)
        for _ in 0..<3 {
            XCTAssertThrowsError(
                try bench.run {
                    try await bench.store.create(SessionID(), Self.origin, nil) {
                        $0[Visits.self] = 1
                    }.exists
                }
            )
        }
        backing.heal()
        // What is loaded is measured against it.
        XCTAssertNil(try bench.run { await bench.store.unstored.horizon })
        XCTAssertTrue(try isFound(bench, id))
    }

    func testAnEndThatCanNotBeStoredIsThrownWithItsCounts() throws {
        let bench = bench()
        let id = try login(bench)
        try connect(bench, id)
        backing.fail(.delete)
        XCTAssertThrowsError(try bench.run { try await bench.store.endSession(id) }) { error in
            let failure = error as? SessionEndNotStored
            XCTAssertEqual(failure?.ended, EndedSessions(sessions: 1, sockets: 1))
            XCTAssertTrue(failure?.underlying is FaultyBacking.Down)
        }
        XCTAssertEqual(bench.members.count(id), 0)
    }

    func testItIsRefusedFromMemoryForAsLongAsTheBackingFailsAndDeletedAfterThat() throws {
        let bench = bench()
        let id = try login(bench)
        backing.fail(.delete)
        XCTAssertThrowsError(try bench.run { try await bench.store.endSession(id) })
        for _ in 0..<10 {
            bench.advance(by: .seconds(600))
            _ = try? bench.run { try await bench.store.endSession(SessionID()) }
            XCTAssertNotNil(backing.records[id])
            XCTAssertFalse(try isFound(bench, id))
        }
        XCTAssertEqual(try bench.run { await bench.store.unstoredEnds }, 11)
        backing.heal()
        bench.advance(by: .seconds(60))
        XCTAssertNil(backing.records[id])
        XCTAssertEqual(try bench.run { await bench.store.unstoredEnds }, 0)
        XCTAssertFalse(try isFound(bench, id))
    }

    func testABackingThatIsDownIsAskedOnceARoundAndAMinuteApart() throws {
        let bench = bench()
        let ids = try (0..<50).map { try login(bench, "\($0)") }
        backing.fail(.delete)
        for id in ids {
            XCTAssertThrowsError(try bench.run { try await bench.store.endSession(id) })
        }
        let before = backing.count(.delete)
        bench.advance(by: .seconds(600))
        let rounds = backing.count(.delete) - before
        XCTAssertGreaterThan(rounds, 8)
        XCTAssertLessThan(rounds, 20)
        backing.heal()
        bench.advance(by: .seconds(60))
        XCTAssertEqual(backing.records.count, 0)
    }

    func testAnExpiryThatNobodyAskedForIsTriedAgainToo() throws {
        let bench = bench { $0.idleLifetime = .seconds(100) }
        let id = try login(bench)
        backing.fail(.delete)
        bench.advance(by: .seconds(100))
        XCTAssertNotNil(backing.records[id])
        backing.heal()
        bench.advance(by: .seconds(60))
        XCTAssertNil(backing.records[id])
    }

    func testALoadThatAnswersLongAfterTheEndBringsNothingBack() throws {
        let id = try login(bench())
        let bench = bench()
        backing.hold(.load, .after)
        let open = bench.start { try await bench.store.open(id, address: "", members: nil) != nil }
        try bench.run { try await bench.store.endSession(id) }
        try forget(bench)
        backing.letGo(.load, .after)
        bench.settle()
        XCTAssertFalse(try open.value())
        XCTAssertEqual(try bench.run { await bench.store.count }, 0)
    }

    func testASaveThatLandsLongAfterTheEndIsDeletedAndRefusedUntilThen() throws {
        let bench = bench()
        let id = try login(bench)
        backing.hold(.save)
        let update = bench.start { try await bench.store.update(id) { $0[Visits.self] += 1 } }
        try bench.run { try await bench.store.endSession(id) }
        XCTAssertNil(backing.records[id])
        try forget(bench)
        backing.hold(.save, .after)
        backing.letGo(.save)
        bench.settle()
        XCTAssertNotNil(backing.records[id], "it is there, and nobody has heard of it")
        XCTAssertFalse(try isFound(bench, id))
        backing.letGo(.save, .after)
        bench.settle()
        XCTAssertThrowsError(try update.value())
        XCTAssertNil(backing.records[id])
        XCTAssertEqual(try bench.run { await bench.store.unstoredEnds }, 0)
    }

    func testATornWriteLeavesNothingBehind() throws {
        let bench = bench()
        backing.tear(.save)
        XCTAssertThrowsError(try login(bench))
        XCTAssertThrowsError(
            try bench.run {
                _ = try await bench.store.create(SessionID(), Self.origin, nil) {
                    $0[Visits.self] = 1
                }
            }
        )
        XCTAssertEqual(backing.records.count, 0)
        XCTAssertEqual(try bench.run { await bench.store.count }, 0)
    }

    func testALoginSucceedsThoughTheOldSessionCanNotBeDeletedYet() throws {
        let bench = bench()
        let id = try login(bench)
        backing.fail(.delete)
        let new = try bench.run {
            try await bench.store.renew(id, keepingData: true, userID: "7", Self.origin) { _ in }
        }
        XCTAssertFalse(try isFound(bench, id))
        XCTAssertTrue(try isFound(bench, new))
        backing.heal()
        bench.advance(by: .seconds(60))
        XCTAssertEqual(Set(backing.records.keys), [new])
    }

    func testALoadThatFailsAdmitsNobody() throws {
        let id = try login(bench())
        let bench = bench()
        backing.fail(.load)
        XCTAssertThrowsError(try isFound(bench, id))
        backing.heal()
        XCTAssertTrue(try isFound(bench, id))
    }

    // All of a user

    func testEndAllReachesWhatOnlyTheBackingHolds() throws {
        let old = try login(bench())
        let bench = bench()
        let new = try login(bench)
        let other = try login(bench, "8")
        let ended = try bench.run { try await bench.store.endAllSessions(of: 7) }
        XCTAssertEqual(ended.sessions, 2)
        XCTAssertEqual(Set(backing.records.keys), [other])
        for id in [old, new] { XCTAssertFalse(try isFound(bench, id)) }
    }

    func testEndOthersKeepsTheOneThatOnlyTheBackingHolds() throws {
        let first = bench()
        let (kept, other) = (try login(first), try login(first))
        let bench = bench()
        let ended = try bench.run { try await bench.store.endOtherSessions(of: 7, keeping: kept) }
        XCTAssertEqual(ended.sessions, 1)
        XCTAssertTrue(try isFound(bench, kept))
        XCTAssertFalse(try isFound(bench, other))
    }

    func testWhatIsInMemoryEndsWhileTheBackingStillLooksForTheOthers() throws {
        let old = try login(bench())
        let bench = bench()
        let new = try login(bench)
        try connect(bench, new)
        backing.hold(.list)
        let ending = bench.start { try await bench.store.endAllSessions(of: 7) }
        XCTAssertEqual(bench.members.count(new), 0)
        XCTAssertFalse(try isFound(bench, old), "refused before anybody knows that it is there")
        let later = try login(bench)
        backing.letGo(.list)
        bench.settle()
        XCTAssertEqual(try ending.value().sessions, 2)
        XCTAssertTrue(try isFound(bench, later), "it began behind the call")
    }

    func testAListThatCanNotBeHadRefusesAllOfThemUntilItCan() throws {
        let first = bench()
        let (old, other) = (try login(first), try login(first, "8"))
        let bench = bench()
        backing.fail(.list)
        XCTAssertThrowsError(try bench.run { try await bench.store.endAllSessions(of: 7) }) {
            XCTAssertTrue($0 is SessionEndNotStored)
        }
        bench.advance(by: .seconds(3_600))
        XCTAssertFalse(try isFound(bench, old))
        XCTAssertTrue(try isFound(bench, other))
        let new = try login(bench)
        XCTAssertNotNil(backing.records[old])
        backing.heal()
        bench.advance(by: .seconds(60))
        XCTAssertNil(backing.records[old])
        XCTAssertTrue(try isFound(bench, new))
    }

    func testALoadUnderWayWhenAllSessionsOfItsUserEndBringsNothingBack() throws {
        let id = try login(bench())
        let bench = bench()
        backing.hold(.load, .after)
        let open = bench.start { try await bench.store.open(id, address: "", members: nil) != nil }
        backing.fail(.list)
        XCTAssertThrowsError(try bench.run { try await bench.store.endAllSessions(of: 7) })
        backing.letGo(.load, .after)
        bench.settle()
        XCTAssertFalse(try open.value())
    }

    // Bounds

    func testWhenTooManyEndsAreNotStoredOlderSessionsAreRefused() throws {
        let first = bench()
        let untouched = try login(first, "9")
        let bench = bench { $0.maxUnstoredEnds = 2 }
        bench.advance(by: .seconds(100))
        let ids = try (0..<3).map { try login(bench, "\($0)") }
        let known = try login(bench, "4")
        backing.fail(.delete)
        for id in ids {
            XCTAssertThrowsError(try bench.run { try await bench.store.endSession(id) })
        }
        bench.advance(by: .seconds(100))
        for id in ids { XCTAssertFalse(try isFound(bench, id)) }
        XCTAssertFalse(try isFound(bench, untouched), "it had to be loaded, and is older")
        XCTAssertTrue(try isFound(bench, known), "it is in memory")
        first.advance(by: .seconds(500))
        let later = try login(first, "5")
        bench.advance(by: .seconds(400))
        XCTAssertTrue(try isFound(bench, later))
        XCTAssertEqual(try bench.run { await bench.store.unstoredEnds }, 2)
    }

    func testManyEndsAreAskedForAFewAtATime() throws {
        let bench = bench()
        for _ in 0..<50 { _ = try login(bench) }
        backing.hold(.delete, .after)
        let ending = bench.start { try await bench.store.endAllSessions(of: 7) }
        XCTAssertEqual(backing.count(.delete), 16)
        backing.letGo(.delete, .after)
        bench.settle()
        XCTAssertEqual(try ending.value().sessions, 50)
        XCTAssertEqual(backing.records.count, 0)
    }
}

extension SessionStore {
    fileprivate func forgetMembers(at address: ObjectIdentifier) {
        attached = [address: AttachedMembers(members: nil)]
    }
}
