/// Connections that belong to a login session or a user, and their rooms in all namespaces.
///
/// A handshake is entered before its session is looked up, so a session that ends meanwhile finds
/// it here: it is marked, and refused when it asks to be admitted.
struct Connections {
    struct Record {
        var session: EngineSession?
        var rooms: [Room] = []
        var sockets: [Place] = []
        var isRevoked = false
        /// What it adds to the crowds of its rooms.
        var counted = 0

        /// What it should add: a login that has ended counts no more, while its sockets close.
        var standing: Int { isRevoked ? 0 : sockets.count { $0.isShown } }

        func device(of member: HandshakeMember) -> Crowd.Device {
            rooms.last { $0.isSessions }.map { .session($0) } ?? .connection(member)
        }
    }

    /// A socket, and whether its namespace has accepted it.
    struct Place {
        let space: ByteString
        let id: SocketID
        var isShown = false
    }

    var records: [HandshakeMember: Record] = [:]
    var rooms: [Room: Crowd] = [:]
    /// The rooms of users who are here.
    var online: Set<Room> = []
    /// Told of users and their devices; nil while nobody wants to know.
    var watch: PresenceWatch?
    /// What clients say that they are when they join a namespace.
    var claims = Claims()

    var isEmpty: Bool { records.isEmpty && rooms.isEmpty && claims.isEmpty }

    // Handshakes

    mutating func enter(_ member: HandshakeMember, _ room: Room) {
        guard claims.isEmpty || !enter(claim: member, room) else { return }
        guard records[member]?.rooms.contains(room) != true else { return }
        let old = records[member].flatMap { $0.counted > 0 ? $0.device(of: member) : nil }
        records[member, default: Record()].rooms.append(room)
        rooms[room, default: Crowd(room)].members.insert(member)
        if let old { extend(member, to: room, from: old) }
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
        records[member]?.sockets = []
        recount(member)
        guard let record = records.removeValue(forKey: member) else { return }
        for room in record.rooms {
            rooms[room]?.members.remove(member)
            if rooms[room]?.members.isEmpty == true { rooms[room] = nil }
        }
    }

    /// Whether the login of a socket's connection has ended.
    func isRevoked(_ outlet: any Outlet) -> Bool {
        outlet.member.flatMap { records[$0]?.isRevoked } ?? false
    }

    /// Marks every handshake of the room, and returns the connections to be ended.
    ///
    /// With a farewell nobody waits for the users to come back.
    mutating func revoke(_ room: Room, isFarewell: Bool = true) -> [EngineSession] {
        claims.revoke(room)
        var live: [EngineSession] = []
        for member in rooms[room]?.members ?? [] {
            records[member]?.isRevoked = true
            recount(member, isFarewell: isFarewell)
            if let session = records[member]?.session { live.append(session) }
        }
        if isFarewell { watch?.farewell(.session(room), online: online) }
        return live
    }

    // Sockets

    mutating func attach(_ outlet: any Outlet, _ space: ByteString) {
        guard let member = outlet.member, records[member] != nil else { return }
        records[member]?.sockets.append(Place(space: space, id: outlet.id))
    }

    mutating func detach(_ outlet: any Outlet) {
        guard let member = outlet.member else { return }
        records[member]?.sockets.removeAll { $0.id == outlet.id }
        recount(member)
    }

    func hasMembers(_ room: Room) -> Bool { rooms[room] != nil }

    func contains(_ outlet: any Outlet, _ room: Room) -> Bool {
        guard let member = outlet.member else { return false }
        return rooms[room]?.members.contains(member) ?? false
    }

    func rooms(of outlet: any Outlet) -> [Room] {
        outlet.member.flatMap { records[$0]?.rooms } ?? []
    }

    func sockets(in room: Room, _ space: ByteString) -> [SocketID] {
        (rooms[room]?.members ?? []).flatMap { member in
            (records[member]?.sockets ?? []).filter { $0.space == space }.map(\.id)
        }
    }
}
