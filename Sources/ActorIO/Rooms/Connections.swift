/// Connections that belong to a login session or a user, and their rooms in all namespaces.
///
/// A handshake is entered before its session is looked up, so a session that ends meanwhile finds
/// it here: it is marked, and refused when it asks to be admitted.
struct Connections {
    struct Record {
        var session: EngineSession?
        var rooms: [Room] = []
        var sockets: [(space: ByteString, id: SocketID)] = []
        var isRevoked = false
    }

    var records: [HandshakeMember: Record] = [:]
    var rooms: [Room: Set<HandshakeMember>] = [:]
    /// What clients say that they are when they join a namespace.
    var claims = Claims()

    var isEmpty: Bool { records.isEmpty && rooms.isEmpty && claims.isEmpty }

    // Handshakes

    mutating func enter(_ member: HandshakeMember, _ room: Room) {
        guard claims.isEmpty || !enter(claim: member, room) else { return }
        records[member, default: Record()].rooms.append(room)
        rooms[room, default: []].insert(member)
    }

    /// False when the member's session has ended since it was entered.
    mutating func admit(_ member: HandshakeMember, _ session: EngineSession, _ user: Room?) -> Bool
    {
        guard records[member]?.isRevoked != true else {
            forget(member)
            return false
        }
        if let user { enter(member, user) }
        records[member]?.session = session
        return true
    }

    mutating func forget(_ member: HandshakeMember) {
        claims.forget(member)
        guard let record = records.removeValue(forKey: member) else { return }
        for room in record.rooms {
            rooms[room]?.remove(member)
            if rooms[room]?.isEmpty == true { rooms[room] = nil }
        }
    }

    /// Whether the login of a socket's connection has ended.
    func isRevoked(_ outlet: any Outlet) -> Bool {
        outlet.member.flatMap { records[$0]?.isRevoked } ?? false
    }

    /// Marks every handshake of the room, and returns the connections to be ended.
    mutating func revoke(_ room: Room) -> [EngineSession] {
        claims.revoke(room)
        var live: [EngineSession] = []
        for member in rooms[room] ?? [] {
            records[member]?.isRevoked = true
            if let session = records[member]?.session { live.append(session) }
        }
        return live
    }

    // Sockets

    mutating func attach(_ outlet: any Outlet, _ space: ByteString) {
        guard let member = outlet.member, records[member] != nil else { return }
        records[member]?.sockets.append((space, outlet.id))
    }

    mutating func detach(_ outlet: any Outlet) {
        guard let member = outlet.member else { return }
        records[member]?.sockets.removeAll { $0.id == outlet.id }
    }

    func hasMembers(_ room: Room) -> Bool { rooms[room] != nil }

    func contains(_ outlet: any Outlet, _ room: Room) -> Bool {
        guard let member = outlet.member else { return false }
        return rooms[room]?.contains(member) ?? false
    }

    func rooms(of outlet: any Outlet) -> [Room] {
        outlet.member.flatMap { records[$0]?.rooms } ?? []
    }

    func sockets(in room: Room, _ space: ByteString) -> [SocketID] {
        (rooms[room] ?? []).flatMap { member in
            (records[member]?.sockets ?? []).filter { $0.space == space }.map(\.id)
        }
    }
}
