import XCTest

@testable import ActorIO

/// A backing that can be slow or out of order.
private final class FakeBacking: SessionBacking {
    struct Down: Error {}

    private struct State {
        var records: [SessionID: SessionRecord] = [:]
        var isDown = false
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var saves = 0
        var touches = 0
    }

    private let state = Locked(State())

    var records: [SessionID: SessionRecord] { state.withLock { $0.records } }
    var touches: Int { state.withLock { $0.touches } }
    var saves: Int { state.withLock { $0.saves } }

    func fail(_ isDown: Bool = true) {
        state.withLock { $0.isDown = isDown }
    }

    func hold() {
        state.withLock { $0.isHeld = true }
    }

    func letGo() {
        let held = state.withLock { state in
            state.isHeld = false
            return exchange(&state.held, with: [])
        }
        for continuation in held { continuation.resume() }
    }

    func load(_ id: SessionID) async throws -> SessionRecord? {
        let found = try answer { $0.records[id] }
        await pause()
        return found
    }

    func save(_ record: SessionRecord, for id: SessionID) async throws {
        await pause()
        try answer {
            $0.records[id] = record
            $0.saves += 1
        }
    }

    func delete(_ id: SessionID) async throws {
        try answer { $0.records[id] = nil }
    }

    func touch(_ id: SessionID, lastSeenAt: Int64, expiresAt: Int64) async throws {
        try answer { state in
            state.records[id]?.lastSeenAt = lastSeenAt
            state.records[id]?.expiresAt = expiresAt
            state.touches += 1
        }
    }

    func sessions(of userID: String) async throws -> [SessionID] {
        try answer { state in state.records.filter { $0.value.userID == userID }.map(\.key) }
    }

    private func answer<Value>(_ body: (inout State) -> Value) throws -> Value {
        try state.withLock { state in
            if state.isDown { throw Down() }
            return body(&state)
        }
    }

    private func pause() async {
        guard state.withLock({ $0.isHeld }) else { return }
        await withCheckedContinuation { continuation in
            state.withLock { $0.held.append(continuation) }
        }
    }
}

final class SessionBackingTests: XCTestCase {
    private let backing = FakeBacking()
    private let origin = SessionOrigin(address: "192.0.2.1", userAgent: "Browser/1")

    private func login(_ bench: SessionBench) throws -> SessionID {
        try bench.run { [origin] in
            try await bench.store.renew(nil, keepingData: false, userID: "7", origin) {
                $0[Cart.self].items = ["tea"]
            }
        }
    }

    func testASessionSurvivesTheStore() throws {
        let id = try login(SessionBench(backing: backing))
        let bench = SessionBench(backing: backing)
        XCTAssertEqual(
            try bench.run { try await bench.store.read(id) { $0[Cart.self].items } },
            ["tea"]
        )
        XCTAssertEqual(try bench.run { await bench.store.sessions(of: 7) }.map(\.id), [id])
        try bench.run { try await bench.store.update(id) { $0[Cart.self].items.append("milk") } }
        let third = SessionBench(backing: backing)
        XCTAssertEqual(
            try third.run { try await third.store.read(id) { $0[Cart.self].items } },
            ["tea", "milk"]
        )
    }

    func testAnUpdateReturnsWhenItIsSaved() throws {
        let bench = SessionBench(backing: backing)
        let id = try login(bench)
        backing.hold()
        let first = bench.start { try await bench.store.update(id) { $0[Visits.self] += 1 } }
        let second = bench.start { try await bench.store.update(id) { $0[Visits.self] += 1 } }
        XCTAssertFalse(first.isDone || second.isDone)
        backing.letGo()
        bench.settle()
        try first.value()
        try second.value()
        XCTAssertEqual(backing.records[id]?.values["visits"], Array("2".utf8))
    }

    func testASaveThatIsOvertakenByTheEndBringsNothingBack() throws {
        let bench = SessionBench(backing: backing)
        let id = try login(bench)
        backing.hold()
        let update = bench.start { try await bench.store.update(id) { $0[Visits.self] += 1 } }
        try bench.run { try await bench.store.endSession(id) }
        XCTAssertNil(backing.records[id])
        backing.letGo()
        bench.settle()
        XCTAssertThrowsError(try update.value())
        XCTAssertNil(backing.records[id], "the late save was undone")
    }

    func testALoadThatIsOvertakenByTheEndBringsNothingBack() throws {
        let id = try login(SessionBench(backing: backing))
        let bench = SessionBench(backing: backing)
        backing.hold()
        let open = bench.start { try await bench.store.open(id, address: "", members: nil) != nil }
        try bench.run { try await bench.store.endSession(id) }
        backing.letGo()
        bench.settle()
        XCTAssertFalse(try open.value())
        XCTAssertEqual(try bench.run { await bench.store.count }, 0)
    }

    func testAnEndThatCanNotBeSavedIsReportedButEndsTheSockets() throws {
        let bench = SessionBench(backing: backing)
        let id = try login(bench)
        try bench.run {
            await bench.members.enter(id, as: HandshakeMember(id: 1))
            _ = try await bench.store.open(id, address: "", members: bench.members)
        }
        backing.fail()
        XCTAssertThrowsError(try bench.run { try await bench.store.endSession(id) })
        XCTAssertEqual(bench.members.count(id), 0)
        XCTAssertFalse(try bench.run { try await bench.store.isAlive(id) })
    }

    func testNothingBeginsThatCanNotBeSaved() throws {
        let bench = SessionBench(backing: backing)
        backing.fail()
        XCTAssertThrowsError(try login(bench))
        XCTAssertThrowsError(
            try bench.run { [origin] in
                _ = try await bench.store.create(SessionID(), origin, nil) { $0[Visits.self] = 1 }
            }
        )
        XCTAssertEqual(try bench.run { await bench.store.count }, 0)
    }

    func testBeingSeenIsSavedNowAndThen() throws {
        let bench = SessionBench(backing: backing) { $0.idleLifetime = .seconds(100) }
        let id = try login(bench)
        XCTAssertEqual(backing.saves, 1)
        for _ in 0..<30 {
            bench.advance(by: .seconds(1))
            _ = try bench.run { try await bench.store.open(id, address: "", members: nil) }
        }
        XCTAssertEqual(backing.saves, 1)
        XCTAssertEqual(backing.touches, 3)
    }

    func testALogoutFindsTheConnectionOfAHandshakeThatStillWaitsForTheBacking() throws {
        let id = try login(SessionBench(backing: backing))
        let bench = SessionBench(backing: backing)
        let chain = Middleware.chain([.session(bench.store, secret: "x")]) { request in
            .text("\(try request.session.id == id)")
        }
        var browser = FakeBrowser()
        let cookie = SessionCookie(secrets: ["x"], policy: SessionPolicy())
        browser.cookies["connect.sid"] = cookie.cookie(for: id, isSecure: false, now: 0).value
        var request = browser.request()
        request[HandshakeEntry.self] = HandshakeEntry(
            members: bench.members,
            member: HandshakeMember(id: 1)
        )
        backing.hold()
        let handshake = bench.start { [request] in try await chain(request) }
        XCTAssertEqual(bench.members.log, ["enter 1"])
        let ended = try bench.run { try await bench.store.endSession(id) }
        XCTAssertEqual(ended.sockets, 1)
        backing.letGo()
        bench.settle()
        XCTAssertEqual(try handshake.value().body, Array("false".utf8))
    }
}
