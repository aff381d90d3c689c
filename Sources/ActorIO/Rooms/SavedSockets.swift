/// A socket that has gone, and may come back as it was.
struct SavedSocket: Sendable {
    let id: SocketID
    let pid: RecoveryID
    let space: ByteString
    let login: SavedLogin
    /// Those of its namespace.
    var rooms: Set<Room>
    /// Those of its connection.
    let connectionRooms: [Room]
    var trail: RoomTrail
    /// What the socket keeps for its handlers.
    var values: any Sendable
    /// The moment from which it is gone for good.
    let until: LoopTime

    /// All rooms it is in as long as it may come back.
    var places: Set<Room> { rooms.union(connectionRooms).union([.socket(id)]) }

    func isIn(_ room: Room) -> Bool { isIn(room, of: rooms) }

    /// The same when these are its rooms.
    func isIn(_ room: Room, of rooms: Set<Room>) -> Bool {
        rooms.contains(room) || connectionRooms.contains(room) || room == .socket(id)
    }

    /// Whether it is in a room that may be taken for a socket.
    var isInAnothersRoom: Bool {
        rooms.contains { SocketID($0.description) != nil }
    }

    /// Enters or leaves a room while it is away.
    mutating func note(_ change: RoomTrail.Change, limit: Int, horizon: LoopTime) {
        let room = change.room
        if change.isJoin {
            guard !isIn(room), rooms.count < limit else { return }
            rooms.insert(room)
        } else {
            guard rooms.remove(room) != nil else { return }
        }
        trail.note(change, horizon: horizon)
    }
}

/// As whom a connection came: nobody gets the socket of somebody else, nor of another session.
struct SavedLogin: Sendable, Equatable {
    var session: SessionID?
    var user: ByteString?
    /// What the application knows it by.
    var identity: ByteString?
}

extension SavedLogin {
    init(_ request: Request, identity: String? = nil) {
        session = request[SessionSlot.self]?.liveID
        user = request.userID.map { ByteString($0) }
        self.identity = identity.map { ByteString($0) }
    }
}

/// The saved sockets by their secrets, the oldest first to go.
struct SavedSockets: Sendable {
    private let limit: Int
    private var sockets: [RecoveryID: SavedSocket] = [:]
    private var pids: [SocketID: RecoveryID] = [:]
    /// How many are in rooms that have the names of sockets.
    private var namedAfterSockets = 0
    /// In the order in which they were saved, with those that have been taken since.
    private var order = Deque<(pid: RecoveryID, until: LoopTime)>()

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { sockets.count }
    var noteCount: Int { order.count }

    func contains(_ id: SocketID) -> Bool { pids[id] != nil }

    var spaces: Set<ByteString> { Set(sockets.values.map(\.space)) }

    func pid(of id: SocketID) -> RecoveryID? { pids[id] }

    subscript(_ pid: RecoveryID) -> SavedSocket? { sockets[pid] }

    mutating func insert(_ socket: SavedSocket) {
        remove(socket.pid)
        sockets[socket.pid] = socket
        pids[socket.id] = socket.pid
        if socket.isInAnothersRoom { namedAfterSockets += 1 }
        order.append((socket.pid, socket.until))
        while sockets.count > limit, let oldest = order.popFirst() { forget(oldest) }
        compact()
    }

    @discardableResult
    mutating func remove(_ pid: RecoveryID) -> SavedSocket? {
        guard let socket = sockets.removeValue(forKey: pid) else { return nil }
        pids[socket.id] = nil
        if socket.isInAnothersRoom { namedAfterSockets -= 1 }
        return socket
    }

    /// Forgets those whose time is over.
    mutating func expire(_ now: LoopTime) {
        while let oldest = order.first, oldest.until <= now {
            order.popFirst()
            forget(oldest)
        }
    }

    /// Those of which something is true; of a single room that has the name of a socket, `id`,
    /// only that socket is asked, unless others are in such rooms too.
    func found(named id: SocketID? = nil, _ isMeant: (SavedSocket) -> Bool) -> [RecoveryID] {
        if let id, namedAfterSockets == 0 {
            guard let pid = pids[id], let socket = sockets[pid], isMeant(socket) else { return [] }
            return [pid]
        }
        return sockets.filter { isMeant($0.value) }.map(\.key)
    }

    mutating func update(_ pid: RecoveryID, _ body: (inout SavedSocket) -> Void) {
        guard var socket = sockets[pid] else { return }
        if socket.isInAnothersRoom { namedAfterSockets -= 1 }
        body(&socket)
        if socket.isInAnothersRoom { namedAfterSockets += 1 }
        sockets[pid] = socket
    }

    /// Unless it has come and gone again since: then a later note stands for it.
    private mutating func forget(_ note: (pid: RecoveryID, until: LoopTime)) {
        guard let socket = sockets[note.pid], socket.until <= note.until else { return }
        remove(note.pid)
    }

    /// Notes of sockets that came back may not outnumber the others.
    private mutating func compact() {
        guard order.count > 2 * sockets.count + 100 else { return }
        var living = Deque<(pid: RecoveryID, until: LoopTime)>()
        for note in order where sockets[note.pid]?.until == note.until { living.append(note) }
        order = living
    }
}
