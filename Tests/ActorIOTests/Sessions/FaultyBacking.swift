@testable import ActorIO

/// A backing that can be slow before and after it does something, failing, or torn.
final class FaultyBacking: SessionBacking {
    enum Operation: Hashable, CaseIterable {
        case load, save, delete, touch, list
    }

    enum Moment: Hashable {
        case before, after
    }

    struct Down: Error {}

    private struct Hold: Hashable {
        let operation: Operation
        let moment: Moment
    }

    private struct State {
        var records: [SessionID: SessionRecord] = [:]
        var failing: Set<Operation> = []
        /// Does what it is asked, and then says that it could not.
        var torn: Set<Operation> = []
        var holds: Set<Hold> = []
        var waiting: [(hold: Hold, continuation: CheckedContinuation<Void, Never>)] = []
        var counts: [Operation: Int] = [:]
    }

    private let state = Locked(State())

    var records: [SessionID: SessionRecord] { state.withLock { $0.records } }

    func count(_ operation: Operation) -> Int { state.withLock { $0.counts[operation] ?? 0 } }

    func fail(_ operations: Operation...) {
        state.withLock { $0.failing.formUnion(operations) }
    }

    func tear(_ operations: Operation...) {
        state.withLock { $0.torn.formUnion(operations) }
    }

    func heal() {
        state.withLock { state in
            state.failing = []
            state.torn = []
        }
    }

    func hold(_ operation: Operation, _ moment: Moment = .before) {
        let hold = Hold(operation: operation, moment: moment)
        _ = state.withLock { $0.holds.insert(hold) }
    }

    func letGo(_ operation: Operation, _ moment: Moment = .before) {
        let hold = Hold(operation: operation, moment: moment)
        let released = state.withLock { state in
            state.holds.remove(hold)
            let released = state.waiting.filter { $0.hold == hold }
            state.waiting.removeAll { $0.hold == hold }
            return released
        }
        for wait in released { wait.continuation.resume() }
    }

    func load(_ id: SessionID) async throws -> SessionRecord? {
        try await perform(.load) { $0.records[id] }
    }

    func save(_ record: SessionRecord, for id: SessionID) async throws {
        try await perform(.save) { $0.records[id] = record }
    }

    func delete(_ id: SessionID) async throws {
        try await perform(.delete) { $0.records[id] = nil }
    }

    func touch(_ id: SessionID, lastSeenAt: Int64, expiresAt: Int64) async throws {
        try await perform(.touch) { state in
            state.records[id]?.lastSeenAt = lastSeenAt
            state.records[id]?.expiresAt = expiresAt
        }
    }

    func sessions(of userID: String) async throws -> [SessionID] {
        try await perform(.list) { state in
            state.records.filter { $0.value.userID == userID }.map(\.key)
        }
    }

    private func perform<Value: Sendable>(
        _ operation: Operation,
        _ body: @Sendable (inout State) -> Value
    ) async throws -> Value {
        await pause(Hold(operation: operation, moment: .before))
        let value = try state.withLock { state in
            state.counts[operation, default: 0] += 1
            if state.failing.contains(operation) { throw Down() }
            return body(&state)
        }
        await pause(Hold(operation: operation, moment: .after))
        if state.withLock({ $0.torn.contains(operation) }) { throw Down() }
        return value
    }

    private func pause(_ hold: Hold) async {
        guard state.withLock({ $0.holds.contains(hold) }) else { return }
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiting.append((hold, continuation)) }
        }
    }
}
