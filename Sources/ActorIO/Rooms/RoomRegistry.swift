/// Which sockets are where, on this node: rooms of a namespace, and rooms of a connection.
///
/// The rooms `user:<id>` and `session:<sid>` belong to a connection, so one step reaches its
/// sockets in all namespaces; all other rooms belong to one namespace.
actor RoomRegistry: LaneActor {
    nonisolated let lane = Lane()
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe lane.asUnownedSerialExecutor()
    }

    var spaces: [ByteString: Space] = [:]
    var connections = Connections()
    private let log: Log
    /// What is kept for sockets that are away; nil when recovery is off.
    nonisolated let recovery: RecoveryStore?
    /// The rooms of each socket over time, for recovery.
    var trails: [SocketID: RoomTrail] = [:]
    /// The loop whose timer looks after what is kept.
    var recoveryWatch: EventLoop?

    /// One namespace; a reference, so that it is looked up once for all that happens in it.
    final class Space {
        var all = Members()
        var rooms: [Room: Members] = [:]
        var sockets: [SocketID: Entry] = [:]
    }

    /// One socket; invisible to everybody until its namespace has accepted it.
    struct Entry {
        let outlet: any Outlet
        var rooms: Set<Room> = []
        var isConnected = false
    }

    /// Rooms one socket can be in; see the options' `maxRooms`.
    let roomLimit: Int
    let presenceLimits: PresenceWatch.Limits
    /// Binary values in one packet to a room; see the options' `maxAttachments`.
    nonisolated let attachmentLimit: Int

    init(
        roomLimit: Int,
        attachmentLimit: Int,
        recovery: RecoveryStore.Limits? = nil,
        presence: PresenceWatch.Limits = PresenceWatch.Limits(),
        log: Log
    ) {
        self.roomLimit = roomLimit
        presenceLimits = presence
        self.attachmentLimit = attachmentLimit
        self.recovery = recovery.map { RecoveryStore($0) }
        self.log = log
    }

    /// True when nothing at all is kept: no socket, no room, no connection.
    var isEmpty: Bool { connections.isEmpty && spaces.values.allSatisfy(\.sockets.isEmpty) }

    // Sockets

    /// A socket whose namespace is still deciding: it can join rooms and is not seen in them.
    ///
    /// False when it may not: another has its id by now, or it was sent away on its way back.
    @discardableResult
    func enter(_ outlet: any Outlet, _ space: ByteString) -> Bool {
        let known = spaces[space]
        guard known?.sockets[outlet.id] == nil else { return false }
        let isComingBack = outlet.recovery?.resumption?.content != nil
        let saved = isComingBack ? recovery?.expected(outlet.id) : nil
        guard saved != nil || !isComingBack else { return false }
        let entry = Entry(outlet: outlet, rooms: saved?.rooms ?? [])
        let place = known ?? Space()
        if known == nil { spaces[space] = place }
        place.sockets[outlet.id] = entry
        if let saved { trails[outlet.id] = saved.trail }
        connections.attach(outlet, space)
        return true
    }

    /// The namespace has accepted it: from here on it is in its rooms.
    func connect(_ outlet: any Outlet, _ space: ByteString) {
        if spaces[space]?.sockets[outlet.id] == nil { enter(outlet, space) }
        guard let place = spaces[space], let entry = place.sockets[outlet.id],
            entry.outlet === outlet
        else { return }
        place.sockets[outlet.id]?.isConnected = true
        place.all.insert(outlet)
        connections.show(outlet, true)
        if let changed = outlet.territory.roomChanged {
            let own = Room.socket(outlet.id)
            changed(.created(own))
            changed(.joined(own, outlet.id))
        }
        for room in entry.rooms { occupy(room, outlet, space) }
    }

    /// The socket is gone: from its rooms, its namespace and its connection.
    func remove(_ outlet: any Outlet, _ space: ByteString) {
        // Its id may be another's by now: that of the socket it came back as.
        guard let place = spaces[space],
            let entry = place.sockets.removeValue(forKey: outlet.id)
        else { return }
        guard entry.outlet === outlet else {
            place.sockets[outlet.id] = entry
            return
        }
        if recovery != nil { trails[outlet.id] = nil }
        connections.detach(outlet)
        if entry.isConnected { depart(entry, space) }
        if place.sockets.isEmpty { spaces[space] = nil }
    }

    /// The end of a socket, from its own loop: from here on no audience has it.
    nonisolated func leave(
        _ outlet: any Outlet,
        _ space: ByteString,
        keepingRooms: Bool,
        _ departure: Departure? = nil
    ) {
        lane.run {
            self.onLane { registry in
                if let departure {
                    registry.keep(departure, of: outlet, isFinal: !keepingRooms)
                }
                if keepingRooms {
                    registry.conceal(outlet, space)
                } else {
                    registry.remove(outlet, space)
                }
            }
        }
    }

    private func conceal(_ outlet: any Outlet, _ space: ByteString) {
        guard let entry = spaces[space]?.sockets[outlet.id], entry.outlet === outlet else { return }
        spaces[space]?.sockets[outlet.id]?.isConnected = false
        connections.show(outlet, false)
        if entry.isConnected { depart(entry, space) }
    }

    private func depart(_ entry: Entry, _ space: ByteString) {
        let outlet = entry.outlet
        spaces[space]?.all.remove(outlet)
        for room in entry.rooms { vacate(room, outlet, space) }
        guard let changed = outlet.territory.roomChanged else { return }
        let own = Room.socket(outlet.id)
        changed(.left(own, outlet.id))
        changed(.deleted(own))
    }

    private func occupy(_ room: Room, _ outlet: any Outlet, _ space: ByteString) {
        let changed = outlet.territory.roomChanged
        if let changed, spaces[space]?.rooms[room] == nil { changed(.created(room)) }
        spaces[space]?.rooms[room, default: Members()].insert(outlet)
        changed?(.joined(room, outlet.id))
    }

    private func vacate(_ room: Room, _ outlet: any Outlet, _ space: ByteString) {
        spaces[space]?.rooms[room]?.remove(outlet)
        let isEmpty = spaces[space]?.rooms[room]?.isEmpty == true
        if isEmpty { spaces[space]?.rooms[room] = nil }
        guard let changed = outlet.territory.roomChanged else { return }
        changed(.left(room, outlet.id))
        if isEmpty { changed(.deleted(room)) }
    }

    // Rooms

    /// Nothing happens to a socket that has left for good, nor for a room that is its connection's
    /// already.
    func join(_ id: SocketID, _ rooms: [Room], _ space: ByteString) {
        guard spaces[space]?.sockets[id] != nil else {
            return changeSaved(id, rooms, space, isJoin: true)
        }
        for room in rooms {
            guard let entry = spaces[space]?.sockets[id], !entry.rooms.contains(room),
                !connections.contains(entry.outlet, room)
            else { continue }
            guard entry.rooms.count < roomLimit else {
                log.warning("a socket is in too many rooms", ["socket": "\(id)"])
                return
            }
            spaces[space]?.sockets[id]?.rooms.insert(room)
            if recovery != nil { noteChange(of: id, room, isJoin: true) }
            if entry.isConnected { occupy(room, entry.outlet, space) }
        }
    }

    func leave(_ id: SocketID, _ rooms: [Room], _ space: ByteString) {
        guard spaces[space]?.sockets[id] != nil else {
            return changeSaved(id, rooms, space, isJoin: false)
        }
        for room in rooms {
            guard let entry = spaces[space]?.sockets[id], entry.rooms.contains(room) else {
                continue
            }
            spaces[space]?.sockets[id]?.rooms.remove(room)
            if recovery != nil { noteChange(of: id, room, isJoin: false) }
            if entry.isConnected { vacate(room, entry.outlet, space) }
        }
    }

    func rooms(of id: SocketID, _ space: ByteString) -> Set<Room> {
        guard let entry = spaces[space]?.sockets[id] else { return [] }
        return entry.rooms.union(connections.rooms(of: entry.outlet)).union([.socket(id)])
    }

    // Audiences

    func join(_ audience: Audience, _ rooms: [Room]) {
        joinSaved(audience, rooms)
        for outlet in outlets(audience) { join(outlet.id, rooms, audience.space) }
    }

    func leave(_ audience: Audience, _ rooms: [Room]) {
        leaveSaved(audience, rooms)
        for outlet in outlets(audience) { leave(outlet.id, rooms, audience.space) }
    }

    func disconnect(_ audience: Audience, close: Bool) async -> Int {
        forgetSaved(audience)
        let leaving = outlets(audience)
        await withDiscardingTaskGroup { group in
            for outlet in leaving { group.addTask { await outlet.disconnect(close: close) } }
        }
        return leaving.count
    }

    /// The sockets that are meant, each with all its rooms.
    func fetch(_ audience: Audience) -> [(outlet: any Outlet, rooms: Set<Room>)] {
        outlets(audience).map { ($0, rooms(of: $0.id, audience.space)) }
    }

    func count(_ audience: Audience) -> Int {
        guard audience.rooms.isEmpty, audience.excepted.isEmpty, audience.sender == nil else {
            return outlets(audience).count
        }
        return spaces[audience.space]?.all.count ?? 0
    }

    /// Hands an event to every loop that has sockets which are meant: one hop a loop.
    func broadcast(_ event: EncodedEvent, _ audience: Audience) {
        for part in parts(audience) {
            Fanout.deliver(event, to: part, except: audience.sender, volatile: audience.isVolatile)
        }
    }

    /// Puts a question to all who are meant; how many they are is known before the first answers.
    func ask(_ question: Question, _ audience: Audience) {
        let chosen = chosen(audience)
        question.collector.expect(chosen.count)
        for part in chosen.parts { Fanout.ask(question, part) }
    }

    /// Whole rooms go as they are; anything else is picked socket by socket.
    private func parts(_ audience: Audience) -> [Members.Part] {
        guard let space = spaces[audience.space] else { return [] }
        if audience.excepted.isEmpty {
            if audience.rooms.isEmpty { return space.all.parts }
            if audience.rooms.count == 1, let room = audience.rooms.first,
                let members = space.rooms[room], !connections.hasMembers(room),
                SocketID(room.description) == nil
            {
                return members.parts
            }
        }
        return chosen(audience).parts
    }

    private func chosen(_ audience: Audience) -> Members {
        var chosen = Members()
        for outlet in outlets(audience) { chosen.insert(outlet) }
        return chosen
    }

    private func outlets(_ audience: Audience) -> [any Outlet] {
        guard let space = spaces[audience.space] else { return [] }
        var ids = Set<SocketID>()
        if audience.rooms.isEmpty {
            ids.formUnion(space.all.ids)
        } else {
            for room in audience.rooms { ids.formUnion(members(of: room, space, audience.space)) }
        }
        for room in audience.excepted { ids.subtract(members(of: room, space, audience.space)) }
        if let sender = audience.sender { ids.remove(sender) }
        return ids.compactMap { id in
            guard let entry = space.sockets[id], entry.isConnected else { return nil }
            return entry.outlet
        }
    }

    /// A room is found in three places: in the namespace, among the connections, and as a socket's
    /// id.
    private func members(
        of room: Room,
        _ space: Space,
        _ name: ByteString
    ) -> Set<SocketID> {
        var ids = Set<SocketID>()
        if let members = space.rooms[room] { ids.formUnion(members.ids) }
        ids.formUnion(connections.sockets(in: room, name))
        if let id = SocketID(room.description), space.sockets[id] != nil { ids.insert(id) }
        return ids
    }
}
