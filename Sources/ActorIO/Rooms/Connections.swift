/// Connections that belong to a login session or a user, and their rooms in all namespaces.
///
/// A handshake is entered before its session is looked up, so a session that ends meanwhile finds
/// it here: it is marked, and refused when it asks to be admitted.
struct Connections {
    private struct Record {
        var session: EngineSession?
        var rooms: [Room] = []
        var sockets: [(space: ByteString, id: SocketID)] = []
        var isRevoked = false
    }

    /// Whom a client said that it is when it joined a namespace.
    private struct Claim {
        let connection: HandshakeMember
        var rooms: [Room] = []
        var user: Room?
        var isAdmitted = false
        /// A session it was entered for has ended meanwhile.
        var isRevoked = false
    }

    private var records: [HandshakeMember: Record] = [:]
    private var rooms: [Room: Set<HandshakeMember>] = [:]
    private var claims: [HandshakeMember: Claim] = [:]
    /// Those of each connection.
    private var claimed: [HandshakeMember: [HandshakeMember]] = [:]
    /// Claims that nobody has admitted yet: an end finds them in a room, and no event does.
    private var waiting: [Room: Set<HandshakeMember>] = [:]

    var isEmpty: Bool { records.isEmpty && rooms.isEmpty && claims.isEmpty && waiting.isEmpty }

    // Handshakes

    /// Enters a connection, or a claim that stands for one.
    mutating func enter(_ member: HandshakeMember, _ room: Room) {
        guard !claims.isEmpty, let claim = claims[member] else { return join(member, room) }
        claims[member]?.rooms.append(room)
        guard !claim.isAdmitted else { return join(claim.connection, room) }
        waiting[room, default: []].insert(member)
    }

    /// A room that was joined twice has to be left twice.
    private mutating func join(_ member: HandshakeMember, _ room: Room) {
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
        guard let record = records.removeValue(forKey: member) else { return }
        if !claimed.isEmpty { for claim in claimed[member] ?? [] { release(claim) } }
        for room in record.rooms { vacate(room, member) }
    }

    private mutating func vacate(_ room: Room, _ member: HandshakeMember) {
        rooms[room]?.remove(member)
        if rooms[room]?.isEmpty == true { rooms[room] = nil }
    }

    // Claims

    /// A client is about to say who it is; false when its login has ended already.
    mutating func begin(_ claim: HandshakeMember, _ session: EngineSession) -> Bool {
        guard let member = session.member, records[member]?.isRevoked != true else { return false }
        records[member, default: Record()].session = session
        claimed[member, default: []].append(claim)
        claims[claim] = Claim(connection: member)
        return true
    }

    /// What becomes of a claim when its chain has let it through.
    enum ClaimOutcome {
        case admitted
        /// Its session has ended since it was entered.
        case ended
        /// The connection is another user's: it can be only one's.
        case otherUser
    }

    mutating func admit(_ claim: HandshakeMember, _ user: Room?) -> ClaimOutcome {
        guard let own = claims[claim], let record = records[own.connection],
            !own.isRevoked, !record.isRevoked
        else { return .ended }
        let connection = own.connection
        let handshake = record.session?.request.userID.map { Room.user($0) }
        let users = (claimed[connection] ?? []).map { claims[$0]?.user } + [handshake]
        guard user == nil || users.allSatisfy({ $0 == nil || $0 == user }) else {
            return .otherUser
        }
        for room in own.rooms {
            stopWaiting(claim, room)
            join(connection, room)
        }
        claims[claim]?.isAdmitted = true
        claims[claim]?.user = user
        if let user { enter(claim, user) }
        return .admitted
    }

    /// A claim came to nothing, or its socket has gone: its rooms are left, unless others of the
    /// connection are in them.
    mutating func release(_ claim: HandshakeMember) {
        // Its connection may have gone before.
        guard let held = claims.removeValue(forKey: claim) else { return forget(claim) }
        let member = held.connection
        claimed[member]?.removeAll { $0 == claim }
        if claimed[member]?.isEmpty == true { claimed[member] = nil }
        for room in held.rooms {
            held.isAdmitted ? leave(member, room) : stopWaiting(claim, room)
        }
    }

    private mutating func leave(_ member: HandshakeMember, _ room: Room) {
        guard let index = records[member]?.rooms.firstIndex(of: room) else { return }
        records[member]?.rooms.remove(at: index)
        if records[member]?.rooms.contains(room) != true { vacate(room, member) }
    }

    private mutating func stopWaiting(_ claim: HandshakeMember, _ room: Room) {
        waiting[room]?.remove(claim)
        if waiting[room]?.isEmpty == true { waiting[room] = nil }
    }

    /// Whether the login of a socket's connection has ended.
    func isRevoked(_ outlet: any Outlet) -> Bool {
        outlet.member.flatMap { records[$0]?.isRevoked } ?? false
    }

    /// Marks every handshake and claim of the room, and returns the connections to be ended.
    mutating func revoke(_ room: Room) -> [EngineSession] {
        var live: [EngineSession] = []
        for claim in waiting[room] ?? [] { claims[claim]?.isRevoked = true }
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

    /// How many rooms there are.
    var roomCount: Int { rooms.count }

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
