/// What clients say that they are when they join a namespace of a connection that is open.
///
/// A claim is entered in the room of its session before anybody is asked about that, as a handshake
/// is. Until it is admitted an end finds it there, and no event does; from then on its connection
/// is in its rooms.
struct Claims {
    struct Claim {
        let connection: HandshakeMember
        var rooms: [Room] = []
        /// Those in which its connection would not be without it.
        var added: [Room] = []
        var user: Room?
        var isAdmitted = false
        /// A session it was entered for has ended meanwhile.
        var isRevoked = false
    }

    private var claims: [HandshakeMember: Claim] = [:]
    private var byConnection: [HandshakeMember: [HandshakeMember]] = [:]
    private var waiting: [Room: Set<HandshakeMember>] = [:]

    var isEmpty: Bool { claims.isEmpty }

    subscript(_ claim: HandshakeMember) -> Claim? { claims[claim] }

    mutating func insert(_ claim: HandshakeMember, of connection: HandshakeMember) {
        claims[claim] = Claim(connection: connection)
        byConnection[connection, default: []].append(claim)
    }

    /// As whom a connection is known by now.
    func users(of connection: HandshakeMember) -> [Room] {
        (byConnection[connection] ?? []).compactMap { claims[$0]?.user }
    }

    /// Where an end finds it.
    mutating func wait(_ claim: HandshakeMember, in room: Room) {
        claims[claim]?.rooms.append(room)
        waiting[room, default: []].insert(claim)
    }

    mutating func admit(_ claim: HandshakeMember, _ user: Room?) {
        stopWaiting(claim)
        claims[claim]?.isAdmitted = true
        claims[claim]?.user = user
    }

    mutating func note(_ room: Room, of claim: HandshakeMember, isAdded: Bool) {
        if claims[claim]?.rooms.contains(room) == false { claims[claim]?.rooms.append(room) }
        if isAdded { claims[claim]?.added.append(room) }
    }

    /// Takes a claim away, and returns the rooms that its connection has to leave: those in which
    /// it would be for no other claim.
    mutating func remove(_ claim: HandshakeMember) -> [Room] {
        stopWaiting(claim)
        guard let gone = claims.removeValue(forKey: claim) else { return [] }
        byConnection[gone.connection]?.removeAll { $0 == claim }
        let others = byConnection[gone.connection] ?? []
        if others.isEmpty { byConnection[gone.connection] = nil }
        return gone.added.filter { room in
            let heir = others.first { other in
                claims[other].map { $0.isAdmitted && $0.rooms.contains(room) } ?? false
            }
            if let heir { claims[heir]?.added.append(room) }
            return heir == nil
        }
    }

    /// The connection has gone.
    mutating func forget(_ connection: HandshakeMember) {
        guard !byConnection.isEmpty else { return }
        for claim in byConnection[connection] ?? [] { _ = remove(claim) }
    }

    /// A session has ended.
    mutating func revoke(_ room: Room) {
        for claim in waiting[room] ?? [] { claims[claim]?.isRevoked = true }
    }

    private mutating func stopWaiting(_ claim: HandshakeMember) {
        guard let held = claims[claim], !held.isAdmitted else { return }
        for room in held.rooms {
            waiting[room]?.remove(claim)
            if waiting[room]?.isEmpty == true { waiting[room] = nil }
        }
    }
}

extension Connections {
    /// A client is about to say who it is; false when its login has ended already.
    mutating func begin(_ claim: HandshakeMember, _ session: EngineSession) -> Bool {
        guard let member = session.member, records[member]?.isRevoked != true else { return false }
        records[member, default: Record()].session = session
        claims.insert(claim, of: member)
        return true
    }

    /// False when it is no claim.
    mutating func enter(claim: HandshakeMember, _ room: Room) -> Bool {
        guard let held = claims[claim] else { return false }
        guard held.isAdmitted else {
            claims.wait(claim, in: room)
            return true
        }
        let isIn = records[held.connection]?.rooms.contains(room) == true
        claims.note(room, of: claim, isAdded: !isIn)
        if !isIn { enter(held.connection, room) }
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
        guard let held = claims[claim], let record = records[held.connection],
            !held.isRevoked, !record.isRevoked
        else { return .ended }
        if let user {
            let first = record.session?.request.userID.map { Room.user($0) }
            let users = claims.users(of: held.connection) + (first.map { [$0] } ?? [])
            guard users.allSatisfy({ $0 == user }) else { return .otherUser }
        }
        claims.admit(claim, user)
        for room in held.rooms + (user.map { [$0] } ?? []) { enter(claim, room) }
        return .admitted
    }

    /// A claim came to nothing, or its socket has gone.
    mutating func release(_ claim: HandshakeMember) {
        // Its connection may have gone before, and then it was entered as one.
        guard let held = claims[claim] else { return forget(claim) }
        leave(held.connection, claims.remove(claim))
    }
}
