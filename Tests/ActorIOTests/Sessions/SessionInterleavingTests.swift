import XCTest

@testable import ActorIO

/// An end at every step of whatever else a store does: when it is known, the session is dead in
/// memory and in the backing, and stays so.
final class SessionInterleavingTests: XCTestCase {
    private static let origin = SessionOrigin(address: "192.0.2.1", userAgent: "Browser/1")

    private struct Scene: Sendable {
        let bench: SessionBench
        let backing: FaultyBacking
        let id: SessionID

        var store: SessionStore { bench.store }
    }

    private static func login(_ bench: SessionBench) throws -> SessionID {
        try bench.run {
            try await bench.store.renew(nil, keepingData: false, userID: "7", origin) {
                $0[Visits.self] = 1
            }
        }
    }

    /// A session that is in memory, or that has to be loaded first.
    private static func scene(isLoaded: Bool) throws -> Scene {
        let backing = FaultyBacking()
        var bench = SessionBench(backing: backing) { $0.idleLifetime = .seconds(10) }
        let id = try login(bench)
        if !isLoaded { bench = SessionBench(backing: backing) { $0.idleLifetime = .seconds(10) } }
        bench.advance(by: .seconds(2))
        return Scene(bench: bench, backing: backing, id: id)
    }

    private func atEveryStep(
        of operation: @escaping @Sendable (Scene) async throws -> Void,
        ending: @escaping @Sendable (Scene) async throws -> Void,
        _ name: String
    ) throws {
        for isLoaded in [true, false] {
            var steps = 0
            var isLast = false
            while !isLast, steps < 300 {
                let scene = try Self.scene(isLoaded: isLoaded)
                let work = scene.bench.begin { try await operation(scene) }
                for _ in 0..<steps { _ = scene.bench.step() }
                isLast = work.isDone
                let end = scene.bench.begin { try await ending(scene) }
                while !end.isDone, scene.bench.step() {}
                let said = "\(name), loaded: \(isLoaded), step \(steps)"
                XCTAssertNoThrow(try end.value(), said)
                scene.bench.settle()
                XCTAssertEqual(scene.bench.members.count(scene.id), 0, said)
                let isFound = try scene.bench.run {
                    try await scene.store.open(scene.id, address: "", members: nil) != nil
                }
                XCTAssertFalse(isFound, said)
                XCTAssertNil(scene.backing.records[scene.id], said)
                let unstored = try scene.bench.run { await scene.store.unstoredEnds }
                XCTAssertEqual(unstored, 0, said)
                steps += 1
            }
            XCTAssertTrue(isLast, name)
            XCTAssertGreaterThan(steps, 3, name)
        }
    }

    private func withEveryEnding(
        _ name: String,
        _ operation: @escaping @Sendable (Scene) async throws -> Void
    ) throws {
        try atEveryStep(of: operation, ending: { try await $0.store.endSession($0.id) }, name)
        try atEveryStep(
            of: operation,
            ending: { _ = try await $0.store.endAllSessions(of: 7) },
            name + " of all"
        )
    }

    func testAVisit() throws {
        try withEveryEnding("a visit") { scene in
            _ = try await scene.store.open(scene.id, address: "", members: nil)
        }
    }

    func testAHandshake() throws {
        try withEveryEnding("a handshake") { scene in
            let members = scene.bench.members
            await members.enter(scene.id, as: HandshakeMember(id: 1))
            let found = try await scene.store.open(scene.id, address: "", members: members)
            // Refused: it leaves by itself. Admitted: the ending has to find it.
            if found == nil { _ = await members.close(scene.id, mayReconnect: false) }
        }
    }

    func testAChange() throws {
        try withEveryEnding("a change") { scene in
            _ = try await scene.store.update(scene.id) { $0[Visits.self] += 1 }
        }
    }

    func testAnotherEnd() throws {
        try withEveryEnding("another end") { try await $0.store.endSession($0.id) }
    }

    func testANewId() throws {
        try atEveryStep(
            of: { scene in
                let birth = SessionBirth(origin: Self.origin)
                try await scene.store.renew(scene.id, by: birth, .sameLogin) { _ in }
            },
            ending: { try await $0.store.endSession($0.id) },
            "a new id"
        )
    }
}
