import ActorIO
import ActorIOTesting
import Synchronization

/// What the workload knows to be true of one run, beside what the server believes.
final class Model: Sendable {
    private struct State {
        var names: [SessionID: Int] = [:]
        /// Open connections, and the session that each was admitted under.
        var open: [ObjectIdentifier: SessionID] = [:]
        /// Sockets that handlers know of, by user.
        var sockets: [Int: Int] = [:]
        /// Sessions of which an end has returned, by the clock of the model.
        var ended: [SessionID: Int] = [:]
        var ending: Set<SessionID> = []
        var counts: [SessionID: Set<Int>] = [:]
        var clock = 0
    }

    private let state = Mutex(State())
    private let world: World

    init(_ world: World) {
        self.world = world
    }

    func name(_ id: SessionID) -> String {
        state.withLock { state in
            let number = state.names[id] ?? state.names.count + 1
            state.names[id] = number
            return "S\(number)"
        }
    }

    // Connections

    func opened(_ connection: ObjectIdentifier, under id: SessionID) {
        let isTooLate = state.withLock { state in
            state.open[connection] = id
            return state.ended[id] != nil
        }
        world.note("server: a connection is admitted under \(name(id))")
        if isTooLate { world.fail("a connection opens under \(name(id)), which has ended") }
    }

    func closed(_ connection: ObjectIdentifier) {
        guard let id = state.withLock({ $0.open.removeValue(forKey: connection) }) else { return }
        world.note("server: a connection of \(name(id)) is closed")
    }

    /// An event has reached a handler.
    func heard(_ event: String, under id: SessionID) {
        world.note("server: \(event) of \(name(id)) is handled")
        if isEnded(id) { world.fail("\(event) reaches a handler of \(name(id)), which has ended") }
    }

    /// Says whether, at every step, no connection is open whose session has ended.
    var isSound: Bool {
        state.withLock { state in
            state.open.allSatisfy { state.ended[$0.value] == nil }
        }
    }

    // Sessions

    var clock: Int {
        state.withLock { state in
            state.clock += 1
            return state.clock
        }
    }

    /// Somebody begins to end a session.
    func ending(_ id: SessionID) {
        world.note("server: \(name(id)) is being ended")
        state.withLock { _ = $0.ending.insert(id) }
    }

    func isEnding(_ id: SessionID) -> Bool { state.withLock { $0.ending.contains(id) } }

    /// An end of a session has returned.
    func ended(_ id: SessionID) {
        world.note("server: \(name(id)) has ended")
        let left = state.withLock { state in
            state.clock += 1
            state.ended[id] = state.ended[id] ?? state.clock
            return state.open.values.count { $0 == id }
        }
        if left > 0 {
            world.fail("\(left) connections are open under \(name(id)), whose end has returned")
        }
    }

    private func isEnded(_ id: SessionID) -> Bool { state.withLock { $0.ended[id] != nil } }

    /// A request that came at a moment shows a session, and the store says that it lives.
    func shown(_ id: SessionID, since moment: Int) {
        let isBack = state.withLock { state in state.ended[id].map { $0 < moment } ?? false }
        if isBack { world.fail("\(name(id)) has ended, and is alive again") }
    }

    /// A session's counter has been counted up to a number: nobody else may have seen the same.
    func counted(_ id: SessionID, to number: Int) {
        let isNew = state.withLock { $0.counts[id, default: []].insert(number).inserted }
        if !isNew { world.fail("an update of \(name(id)) is lost: it is \(number) again") }
    }

    var endedIDs: Set<SessionID> { state.withLock { Set($0.ended.keys) } }
    /// A socket of a user is there, or there no more.
    func counts(_ change: Int, of user: Int?) {
        guard let user else { return }
        state.withLock { $0.sockets[user, default: 0] += change }
    }

    func socketCount(of user: Int) -> Int { state.withLock { $0.sockets[user] ?? 0 } }

    var openCount: Int { state.withLock { $0.open.count } }
}
