import ActorIO
import ActorIOTesting
import Synchronization

/// What the workload knows to be true of one run, beside what the server believes.
///
/// It learns from what clients show, from what handlers are told, and from the returns of calls.
/// Whether a session lives it never asks.
final class Model: Sendable {
    struct State {
        /// Counts every moment that matters.
        var clock = 0
        var logins: [SessionID: Login] = [:]
        var connections: [ObjectIdentifier: Place] = [:]
        var seats: [ObjectIdentifier: Seat] = [:]
        /// The numbers a counter has had, by the first session of its line.
        var counts: [Int: Set<Int>] = [:]
        var questions: [Int: Question] = [:]
        /// Users whose account is closed, and since when.
        var closedAccounts: [Int: Int] = [:]
        var secrets = SecretsInUse()
        var isStopped = false
        /// Something has changed by which a connection could be open that must not be.
        var isToBeChecked = false
        var marks: [WeakMark] = []
        var sockets: [WeakSocket] = []
    }

    /// A login session.
    struct Login {
        /// What the trace calls it.
        let number: Int
        /// The number of the first of those of which one took the place of the other.
        var line: Int
        var user: Int?
        /// Not before it began, by the time of the run.
        var born: Duration
        /// Not before it was used last.
        var used: Duration
        /// Requests under way that show it.
        var requests = 0
        /// Whether one of them was let in.
        var wasShown = false
        /// How many are ending it.
        var ends = 0
        /// Whether the passport may have ended it, since its user's account was closed.
        var isDoubted = false
        /// When it must have been dead, if nothing of its end has returned yet.
        var dead: Int?
        /// When an end of it has returned, by the clock of the model.
        var ended: Int?
    }

    /// A connection that is open.
    struct Place {
        /// The session that its handshake has shown.
        let base: SessionID?
        /// The sockets on it, and the sessions these are in.
        var seats: [ObjectIdentifier: SessionID] = [:]
    }

    let state = Mutex(State())
    let world: World
    let lifetimes: Lifetimes

    init(_ world: World, _ lifetimes: Lifetimes) {
        self.world = world
        self.lifetimes = lifetimes
    }

    func change<Result>(_ body: (inout State) -> Result) -> Result {
        state.withLock { state in
            state.clock += 1
            return body(&state)
        }
    }

    func name(_ id: SessionID) -> String {
        let now = world.now
        return state.withLock { "S\($0.login(id, now).number)" }
    }

    // Connections

    func opened(_ connection: ObjectIdentifier, under id: SessionID?) {
        let (isTooLate, isStopped) = change { state in
            state.connections[connection] = Place(base: id)
            state.isToBeChecked = true
            return (id.map { state.hasEnded($0) } ?? false, state.isStopped)
        }
        world.note("server: a connection is admitted under \(id.map(name) ?? "no session")")
        if isStopped { world.fail("a connection opens on a server that has stopped") }
        guard isTooLate, let id else { return }
        world.fail("a connection opens under \(name(id)), which has ended")
    }

    func closed(_ connection: ObjectIdentifier) {
        guard let place = change({ $0.connections.removeValue(forKey: connection) }) else { return }
        world.note("server: a connection of \(place.base.map(name) ?? "no session") is closed")
    }

    /// A packet has come from a client: its sessions are in use.
    func received(on connection: ObjectIdentifier) {
        let now = world.now
        state.withLock { state in
            guard let place = state.connections[connection] else { return }
            if let base = place.base { state.use(base, now) }
            for id in place.seats.values where id != place.base { state.use(id, now) }
        }
    }

    /// Says whether, at every step, no connection is open whose session has ended.
    var isSound: Bool {
        state.withLock { state in
            guard state.isToBeChecked else { return true }
            state.isToBeChecked = state.connections.values.contains { state.isOver($0) }
            return !state.isToBeChecked
        }
    }

    var openCount: Int { state.withLock { $0.connections.count } }

    // Counters

    /// A counter of a session has been counted up to a number: nobody else may have seen the same,
    /// neither there nor in a session of which it took the place.
    func counted(_ id: SessionID, to number: Int) {
        let now = world.now
        let isNew = change { state in
            let line = state.login(id, now).line
            return state.counts[line, default: []].insert(number).inserted
        }
        if !isNew { world.fail("an update of \(name(id)) is lost: it is \(number) again") }
    }

    /// All that a server may keep of its clients has been let go of.
    var isForgotten: Bool {
        state.withLock { state in
            state.marks.allSatisfy { $0.mark == nil }
                && state.sockets.allSatisfy { $0.socket == nil }
        }
    }

    func watch(_ mark: Mark) { state.withLock { $0.marks.append(WeakMark(mark: mark)) } }
    func watch(_ socket: Socket) {
        state.withLock { $0.sockets.append(WeakSocket(socket: socket)) }
    }
}

extension Model.State {
    /// What is known of a session, from now on if nothing was.
    mutating func login(_ id: SessionID, _ now: Duration) -> Model.Login {
        if let login = logins[id] { return login }
        let number = logins.count + 1
        let login = Model.Login(number: number, line: number, born: now, used: now)
        logins[id] = login
        return login
    }

    mutating func use(_ id: SessionID, _ now: Duration) { logins[id]?.used = now }

    func hasEnded(_ id: SessionID) -> Bool { logins[id]?.ended != nil }

    func isOver(_ place: Model.Place) -> Bool {
        place.base.map { hasEnded($0) } ?? false || place.seats.values.contains { hasEnded($0) }
    }
}

/// How long sessions and tokens are good in a run.
struct Lifetimes: Sendable {
    var idle = Duration.seconds(86_400)
    var absolute = Duration.seconds(30 * 86_400)
    /// Of what a CONNECT has shown; nil where that has no end.
    var token: Duration?

    /// Whether sessions come to their end by themselves.
    var endInRun: Bool { idle < .seconds(3_600) || absolute < .seconds(3_600) }
}

/// Something of the app's own on a handshake: a server that lets go of the connection lets go of
/// this.
final class Mark: Sendable {}

struct WeakMark {
    weak var mark: Mark?
}

struct WeakSocket {
    weak var socket: Socket?
}
