import XCTest

@testable import ActorIO

/// A change that the backing refuses has not been made.
final class SessionUpdateFaultTests: XCTestCase {
    private let backing = FaultyBacking()
    private static let origin = SessionOrigin(address: "192.0.2.1", userAgent: "Browser/1")

    private func start() throws -> (bench: SessionBench, id: SessionID) {
        let bench = SessionBench(backing: backing)
        let id = try bench.run {
            try await bench.store.renew(nil, keepingData: false, userID: "7", Self.origin) {
                $0[Visits.self] = 1
            }
        }
        return (bench, id)
    }

    private func count(_ bench: SessionBench, _ id: SessionID) -> Start<Int> {
        bench.start {
            try await bench.store.update(id) { data in
                data[Visits.self] += 1
                return data[Visits.self]
            }
        }
    }

    private func visits(_ bench: SessionBench, _ id: SessionID) throws -> Int {
        try bench.run { try await bench.store.read(id) { $0[Visits.self] } }
    }

    /// What somebody finds who has nothing but the backing.
    private func stored(_ id: SessionID) throws -> Int {
        try visits(SessionBench(backing: backing), id)
    }

    func testAChangeThatTheBackingRefusesHasNotBeenMade() throws {
        let (bench, id) = try start()
        backing.fail(.save)
        for _ in 0..<2 { XCTAssertThrowsError(try count(bench, id).value()) }
        XCTAssertEqual(try visits(bench, id), 1)
        backing.heal()
        XCTAssertEqual(try count(bench, id).value(), 2)
        XCTAssertEqual(try stored(id), 2)
    }

    func testAChangeIsSeenWhenTheBackingHasIt() throws {
        let (bench, id) = try start()
        backing.hold(.save)
        let change = count(bench, id)
        XCTAssertEqual(try visits(bench, id), 1)
        backing.letGo(.save)
        bench.settle()
        XCTAssertEqual(try change.value(), 2)
        XCTAssertEqual(try visits(bench, id), 2)
    }

    func testChangesThatComeWhileOneIsWrittenAreWrittenTogetherAndInTheirOrder() throws {
        let (bench, id) = try start()
        let before = backing.count(.save)
        backing.hold(.save)
        let changes = (0..<5).map { _ in count(bench, id) }
        backing.letGo(.save)
        bench.settle()
        XCTAssertEqual(try changes.map { try $0.value() }, [2, 3, 4, 5, 6])
        XCTAssertEqual(backing.count(.save) - before, 2)
        XCTAssertEqual(try visits(bench, id), 6)
        XCTAssertEqual(try stored(id), 6)
    }

    func testWhatWasMadeOnTopOfARefusedChangeIsRefusedWithIt() throws {
        let (bench, id) = try start()
        backing.hold(.save)
        let changes = (0..<3).map { _ in count(bench, id) }
        backing.fail(.save)
        backing.letGo(.save)
        bench.settle()
        for change in changes { XCTAssertThrowsError(try change.value()) }
        XCTAssertEqual(try visits(bench, id), 1)
        backing.heal()
        XCTAssertEqual(try count(bench, id).value(), 2)
    }

    func testAWriteThatFailsBehindOneThatDidNotTakesNothingBack() throws {
        let (bench, id) = try start()
        backing.hold(.save)
        backing.hold(.save, .after)
        let first = count(bench, id)
        let second = count(bench, id)
        backing.letGo(.save)
        bench.settle()
        backing.hold(.save)
        backing.letGo(.save, .after)
        bench.settle()
        XCTAssertEqual(try first.value(), 2)
        backing.fail(.save)
        backing.letGo(.save)
        bench.settle()
        XCTAssertThrowsError(try second.value())
        XCTAssertEqual(try visits(bench, id), 2)
        XCTAssertEqual(try stored(id), 2)
    }

    func testChangesThatWaitWhenTheirSessionEndsAreRefusedAndLeaveNothing() throws {
        let (bench, id) = try start()
        backing.hold(.save)
        let changes = (0..<3).map { _ in count(bench, id) }
        let end = bench.start { try await bench.store.endSession(id) }
        backing.letGo(.save)
        bench.settle()
        XCTAssertEqual(try end.value().sessions, 1)
        for change in changes {
            XCTAssertThrowsError(try change.value()) {
                XCTAssertEqual(($0 as? HTTPError)?.status, .unauthorized)
            }
        }
        XCTAssertNil(backing.records[id])
    }

    func testASessionGoesOnBehindAChangeThatCanNotBeWritten() throws {
        let (bench, id) = try start()
        backing.fail(.save)
        XCTAssertThrowsError(try count(bench, id).value())
        backing.heal()
        let new = try bench.run {
            try await bench.store.renew(id, keepingData: true, userID: "7", Self.origin) { _ in }
        }
        XCTAssertEqual(try visits(bench, new), 1)
        XCTAssertEqual(try stored(new), 1)
    }

    func testWhatAFailedWriteHasLeftInTheBackingGoesWithTheNextVisit() throws {
        let (bench, id) = try start()
        backing.tear(.save)
        XCTAssertThrowsError(try count(bench, id).value())
        XCTAssertEqual(try stored(id), 2, "it has what it says that it has not")
        backing.heal()
        bench.advance(by: .seconds(20_000))
        try bench.run { _ = try await bench.store.open(id, address: "", members: nil) }
        XCTAssertEqual(try visits(bench, id), 1)
        XCTAssertEqual(try stored(id), 1)
    }
}
