import Foundation
import XCTest

@testable import ActorIO

final class PasswordHashTests: XCTestCase {
    func testAPasswordFitsItsHashAndNoOther() async throws {
        let hasher = PasswordHash(rounds: 10)
        let hash = try await hasher.hash("changeit")
        XCTAssertTrue(hash.hasPrefix("$pbkdf2-sha256$i=10,l=32$"), hash)
        let fits = try await hasher.verify("changeit", against: hash)
        let other = try await hasher.verify("Changeit", against: hash)
        XCTAssertTrue(fits)
        XCTAssertFalse(other)
        let again = try await hasher.hash("changeit")
        XCTAssertNotEqual(hash, again, "every hash has a salt of its own")
    }

    /// Made with Python's hashlib.
    func testReadsAHashSomebodyElseMade() async throws {
        let hash =
            "$pbkdf2-sha256$i=29,l=32$yMnKy8zNzs/Q0dLT1NXW1w$"
            + "MhqkQQqaFfwAFL0GIX9wxSuqF3gv+ufPuCBegRPCoUU"
        let fits = try await PasswordHash.verify("pässword", against: hash, rounds: 1)
        XCTAssertTrue(fits)
        XCTAssertNil(PHCText(String(hash.dropLast())))
        XCTAssertNil(PHCText(hash.replacingOccurrences(of: "l=32", with: "l=31")))
    }

    func testNobodyHasAPasswordThatFits() async throws {
        for bad in [
            nil, "", "changeit", "$pbkdf2-sha256$i=10,l=0$c2FsdHNhbHQ$",
            "$pbkdf2-sha256$i=0,l=32$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$pbkdf2-sha256$i=99999999999,l=32$c2FsdHNhbHQ$"
                + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=65536,t=2,p=1$c2FsdHNhbHQ$AAAA",
        ] {
            let fits = try await PasswordHash(rounds: 2).verify("", against: bad)
            XCTAssertFalse(fits, bad ?? "nil")
        }
    }

    func testAnUnknownUserCostsAsMuchAsAKnownOne() async throws {
        let hasher = PasswordHash(rounds: 30)
        let known = hasher.target(try await hasher.hash("changeit")).0
        for hash in [nil, "nonsense"] {
            let (unknown, exists) = hasher.target(hash)
            XCTAssertFalse(exists)
            XCTAssertEqual(unknown.rounds, known.rounds)
            XCTAssertEqual(unknown.salt.count, known.salt.count)
            XCTAssertEqual(unknown.key.count, known.key.count)
        }
    }

    func testTheGateLetsSoManyInSoManyWaitAndTurnsTheRestAway() throws {
        let bench = SessionBench()
        let gate = WorkGate(width: 2, waiting: 3)
        let work = HeldWork()
        let starts = (0..<6).map { _ in
            bench.start { try await gate.run { await work.wait() } }
        }
        XCTAssertEqual(gate.load.running, 2)
        XCTAssertEqual(gate.load.waiting, 3)
        XCTAssertThrowsError(try starts[5].value()) {
            XCTAssertEqual(($0 as? HTTPError)?.status, .serviceUnavailable)
        }
        XCTAssertEqual(work.count, 2)
        work.letGo()
        bench.settle()
        XCTAssertEqual(work.count, 2, "as many again")
        work.letGo()
        bench.settle()
        work.letGo()
        bench.settle()
        for start in starts.dropLast() { try start.value() }
        XCTAssertEqual(gate.load.running, 0)
    }

    func testAWaiterThatIsCancelledGivesItsPlaceUp() throws {
        let bench = SessionBench()
        let gate = WorkGate(width: 1, waiting: 3)
        let work = HeldWork()
        let first = bench.start { try await gate.run { await work.wait() } }
        let task = Task(executorPreference: bench.loop.preference) {
            try await gate.run { XCTFail("ran") }
        }
        bench.settle()
        XCTAssertEqual(gate.load.waiting, 1)
        task.cancel()
        XCTAssertEqual(gate.load.waiting, 0)
        bench.settle()
        work.letGo()
        bench.settle()
        try first.value()
        XCTAssertEqual(gate.load.running, 0)
    }
}

/// Work that goes on until it is let go.
private final class HeldWork: Sendable {
    private let held = Locked<[CheckedContinuation<Void, Never>]>([])

    var count: Int { held.withLock { $0.count } }

    func wait() async {
        await withCheckedContinuation { continuation in
            held.withLock { $0.append(continuation) }
        }
    }

    func letGo() {
        for continuation in held.withLock({ exchange(&$0, with: []) }) { continuation.resume() }
    }
}
