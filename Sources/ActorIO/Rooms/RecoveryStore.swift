/// What makes connection state recovery possible: saved sockets, and the events they may miss.
///
/// One order for all: events are numbered, logged and handed out on the registry's lane, where
/// sockets enter and leave their rooms too. The lock is for those who ask from other loops.
final class RecoveryStore: Sendable {
    struct Limits: Sendable {
        /// How long a socket can come back.
        var disconnection = Duration.seconds(120)
        /// How long a client may lack an event before its heartbeat gives it up.
        var silence = Duration.seconds(90)
        /// Bytes of events in all namespaces.
        var logBytes = 10_000_000
        /// Namespaces whose events are kept.
        var logs = 10_000
        var sockets = 10_000
        /// What may wait for one client, and so the most that one can be given back.
        var replayBytes = 1_000_000
        var replayPackets = 1_000

        var packetAge: Duration { disconnection + silence }
        var allowance: PacketLog.Allowance {
            PacketLog.Allowance(packets: replayPackets, bytes: replayBytes)
        }
    }

    fileprivate struct State {
        var last: UInt64 = 0
        /// All events up to it are in their logs; the next may have its number already.
        var logged: UInt64 = 0
        var logs: PacketLogs
        var saved: SavedSockets
        /// Sockets whose last handlers still run; saved when these have returned.
        var leaving: [SocketID: SavedSocket] = [:]
        /// Sockets that were taken, on their way back; what happens to their rooms is noted here.
        var taken: [SocketID: SavedSocket] = [:]
    }

    let limits: Limits
    private let offsets = RecoveryOffsets()
    private let state: Locked<State>

    init(_ limits: Limits) {
        self.limits = limits
        let logs = PacketLogs(
            maxAge: limits.packetAge,
            maxBytes: limits.logBytes,
            maxLogs: limits.logs
        )
        state = Locked(State(logs: logs, saved: SavedSockets(limit: limits.sockets)))
    }

    /// How much is kept: sockets, those that are leaving, and bytes of packets.
    var extent: (saved: Int, leaving: Int, bytes: Int) {
        state.withLock { ($0.saved.count, $0.leaving.count, $0.logs.byteCount) }
    }

    // Events

    /// The next number, and how clients are told of it.
    func number() -> (position: UInt64, offset: String) {
        let position = state.withLock { state in
            state.last += 1
            return state.last
        }
        return (position, offsets.text(position))
    }

    /// Keeps an event for those who are away; a namespace that nobody has ever joined has no log.
    func log(_ packet: PacketLog.Packet, in space: ByteString) {
        state.withLock { state in
            state.logged = packet.position
            state.logs.append(packet, in: space)
        }
    }

    // Sockets that stay

    /// A socket connects: from here on what it does not get is missed.
    func begin(in space: ByteString) -> RoomTrail {
        state.withLock { state in
            state.logs.open(space, after: state.logged)
            return RoomTrail(start: state.last)
        }
    }

    func change(of room: Room, isJoin: Bool, now: LoopTime) -> RoomTrail.Change {
        let last = state.withLock { $0.last }
        return RoomTrail.Change(position: last, time: now, room: room, isJoin: isJoin)
    }

    // Sockets that go

    /// A socket goes, and its last handlers still run.
    func hold(_ socket: SavedSocket) {
        state.withLock { $0.leaving[socket.id] = socket }
    }

    /// What was held of a socket, unless its login has ended meanwhile.
    func release(_ id: SocketID) -> SavedSocket? {
        state.withLock { $0.leaving.removeValue(forKey: id) }
    }

    func save(_ socket: SavedSocket, now: LoopTime) {
        state.withLock { state in
            state.taken[socket.id] = nil
            guard socket.until > now, state.logs.open(socket.space, after: state.logged)
            else { return }
            state.saved.insert(socket)
        }
    }

    /// Forgets the sockets of a login session: in the same step that ends it.
    func forget(_ session: SessionID) {
        remove { $0.login.session == session }
    }

    /// Forgets sockets that are away or on their way back; see ``SavedSockets/found(named:_:)``.
    func remove(named id: SocketID? = nil, where isMeant: (SavedSocket) -> Bool) {
        state.withLock { state in
            for pid in state.saved.found(named: id, isMeant) { state.saved.remove(pid) }
            for (id, socket) in state.leaving where isMeant(socket) { state.leaving[id] = nil }
            for (id, socket) in state.taken where isMeant(socket) { state.taken[id] = nil }
        }
    }

    /// Changes sockets that are away, and returns those who may be in the registry all the same:
    /// their last handlers still run, or they are on their way back.
    func update(
        named id: SocketID? = nil,
        where isMeant: (SavedSocket) -> Bool,
        _ body: (inout SavedSocket) -> Void
    ) -> [SocketID] {
        state.withLock { state in
            for pid in state.saved.found(named: id, isMeant) { state.saved.update(pid, body) }
            let leaving = state.leaving.values.filter(isMeant).map(\.id)
            let taken = state.taken.values.filter(isMeant).map(\.id)
            for id in leaving { state.leaving.update(id, body) }
            for id in taken { state.taken.update(id, body) }
            return leaving + taken
        }
    }

    /// Changes one socket that is away.
    func update(_ id: SocketID, in space: ByteString, _ body: (inout SavedSocket) -> Void) {
        state.withLock { state in
            let body = { (socket: inout SavedSocket) in
                if socket.space == space { body(&socket) }
            }
            if let pid = state.saved.pid(of: id) { state.saved.update(pid, body) }
            state.leaving.update(id, body)
            state.taken.update(id, body)
        }
    }

    /// Whether events for that socket are still of use while it is in no namespace.
    func expects(_ id: SocketID) -> Bool {
        state.withLock { state in
            state.saved.contains(id) || state.leaving[id] != nil || state.taken[id] != nil
        }
    }

    // Sockets that come back

    /// Takes a saved socket, once, for whoever knows its secret and came as the same login.
    ///
    /// Without an offset the client has got nothing so far. Nil, and the socket stays where it is,
    /// when anything does not fit; nil, and nobody gets it any more, when it missed too much.
    func take(
        _ pid: RecoveryID,
        after offset: String?,
        in space: ByteString,
        as login: SavedLogin,
        now: LoopTime
    ) -> Resumption? {
        state.withLock { state in
            state.saved.expire(now)
            guard let socket = state.saved[pid], socket.until > now, socket.space == space,
                socket.login == login,
                let position = offset.map({ offsets.position($0, upTo: state.last) }) ?? 0
            else { return nil }
            state.saved.remove(pid)
            let reader = PacketLog.Reader(id: socket.id, rooms: socket.places, trail: socket.trail)
            let log = state.logs[space]
            guard let missed = log?.missed(by: reader, after: position, limits.allowance)
            else { return nil }
            state.taken[socket.id] = socket
            return Resumption(
                Resumption.Content(
                    socket: socket,
                    missed: missed,
                    position: state.logged,
                    time: now
                )
            )
        }
    }

    /// A socket on its way back, as it is by now; nil when it was sent away meanwhile.
    func expected(_ id: SocketID) -> SavedSocket? {
        state.withLock { $0.taken[id] }
    }

    /// What the socket missed until now; nil when some of it is gone already, or it is too much.
    func missed(
        by reader: PacketLog.Reader,
        in space: ByteString,
        _ resumption: Resumption,
        now: LoopTime
    ) -> [MessageGroup]? {
        guard let content = resumption.content, now - content.time < limits.packetAge else {
            return nil
        }
        return state.withLock { state in
            guard state.taken.removeValue(forKey: reader.id) != nil else { return nil }
            var allowance = limits.allowance
            for group in content.missed where !allowance.spend(group) { return nil }
            let log = state.logs[space]
            return log?.missed(by: reader, after: content.position, allowance)
                .map { content.missed + $0 }
        }
    }

    // Time

    /// Forgets what is over; false when nothing is left that time will end.
    func sweep(_ now: LoopTime, isUsed: (ByteString) -> Bool) -> Bool {
        state.withLock { state in
            state.saved.expire(now)
            state.taken = state.taken.filter { now - $0.value.until < limits.packetAge }
            var spaces = state.saved.spaces
            spaces.formUnion(state.leaving.values.map(\.space))
            spaces.formUnion(state.taken.values.map(\.space))
            state.logs.sweep(now) { isUsed($0) || spaces.contains($0) }
            return !(state.logs.count == 0 && state.saved.count == 0 && state.taken.isEmpty)
        }
    }
}

extension [SocketID: SavedSocket] {
    fileprivate mutating func update(_ id: SocketID, _ body: (inout SavedSocket) -> Void) {
        guard var socket = self[id] else { return }
        body(&socket)
        self[id] = socket
    }
}

/// A socket on its way back.
final class Resumption: Sendable {
    struct Content: Sendable {
        let socket: SavedSocket
        /// What it had missed when it was taken.
        let missed: [MessageGroup]
        /// The last event that was logged by then.
        let position: UInt64
        let time: LoopTime
    }

    private let state: Locked<Content?>

    init(_ content: Content) {
        state = Locked(content)
    }

    /// What it was; nil when it has arrived.
    var content: Content? { state.withLock { $0 } }

    /// It has arrived: nobody needs to remember how it came.
    func finish() {
        state.withLock { $0 = nil }
    }
}

/// What recovery knows of one socket: its secret, and what it was before.
final class SocketRecovery: Sendable {
    let pid: RecoveryID
    /// As it was when the socket came: a request forgets its session when that ends.
    let login: SavedLogin
    let resumption: Resumption?

    init(_ login: SavedLogin, _ resumption: Resumption? = nil) {
        pid = resumption?.content?.socket.pid ?? RecoveryID()
        self.login = login
        self.resumption = resumption
    }
}

/// Numbers of events as clients see them: short, and of this server alone.
///
/// ```
/// k3xa1f
/// └──┘└┘
///  │  └─ the number, in base 36
///  └─ the server's mark: an offset of another process is not mistaken for one of ours
/// ```
struct RecoveryOffsets: Sendable {
    private let mark: String

    init(seed: UInt64 = Token.words().0) {
        let first: UInt64 = 36 * 36 * 36
        mark = String(first + seed % (35 * first), radix: 36)
    }

    func text(_ position: UInt64) -> String { mark + String(position, radix: 36) }

    /// Nil for what this server can not have written yet.
    func position(_ text: String, upTo last: UInt64) -> UInt64? {
        guard text.utf8.starts(with: mark.utf8) else { return nil }
        let digits = String(decoding: text.utf8.dropFirst(mark.utf8.count), as: UTF8.self)
        guard let position = UInt64(digits, radix: 36), position > 0, position <= last,
            String(position, radix: 36).utf8.elementsEqual(digits.utf8)
        else { return nil }
        return position
    }
}
