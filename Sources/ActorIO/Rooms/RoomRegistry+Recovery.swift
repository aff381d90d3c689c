/// Recovery on the registry's lane, where it is one order with rooms and broadcasts.
extension RoomRegistry {
    /// What becomes of a socket that goes.
    enum Departure: Sendable {
        /// It may come back with these values.
        case saving(any Sendable)
        /// Its last handlers have returned, and these are its values now.
        case saved(any Sendable)
        /// It was on its way back and did not arrive: it may try again.
        case returning(SavedSocket)
    }

    // Events

    /// Numbers an event, keeps it, and hands it to everybody who is meant.
    func broadcast(_ event: KeptEvent, _ audience: Audience) {
        let address = PacketLog.Address(
            rooms: audience.rooms,
            excepted: audience.excepted,
            sender: audience.sender
        )
        guard let encoded = keep(event, address, audience.territory) else { return }
        broadcast(encoded, audience)
    }

    /// Numbers and keeps an event for one socket; nil when it is not to be sent from there.
    ///
    /// A socket that has gone may be back as another object, and one that is coming back gets it
    /// together with all the others it has missed.
    func keep(_ event: KeptEvent, for outlet: any Outlet) -> EncodedEvent? {
        let (id, space) = (outlet.id, outlet.territory.name)
        let entry = spaces[space]?.sockets[id]
        guard entry != nil || recovery?.expects(id) == true else { return nil }
        let address = PacketLog.Address(rooms: [.socket(id)])
        guard let encoded = keep(event, address, outlet.territory) else { return nil }
        guard let entry, entry.outlet !== outlet else {
            let isComingBack = outlet.recovery?.resumption != nil && entry?.isConnected != true
            return isComingBack ? nil : encoded
        }
        if entry.isConnected { Fanout.deliver(encoded, to: entry.outlet) }
        return nil
    }

    private func keep(
        _ event: KeptEvent,
        _ address: PacketLog.Address,
        _ territory: Territory
    ) -> EncodedEvent? {
        guard let recovery else { return nil }
        let (position, offset) = recovery.number()
        guard let encoded = try? event.encoded(with: offset, for: territory) else { return nil }
        let packet = PacketLog.Packet(
            position: position,
            time: lane.now,
            group: encoded.group,
            address: address
        )
        recovery.log(packet, in: territory.name)
        return encoded
    }

    // Sockets

    /// The same as without recovery, and what the socket has missed if it was away; nil when it
    /// can not have its place back any more.
    func connect(
        _ outlet: any Outlet,
        _ space: ByteString,
        _ socket: SocketRecovery
    ) -> [MessageGroup]? {
        guard let recovery else { return nil }
        watchTime()
        guard let resumption = socket.resumption else {
            connect(outlet, space)
            trails[outlet.id] = recovery.begin(in: space)
            return []
        }
        guard !connections.isRevoked(outlet) else { return nil }
        if spaces[space]?.sockets[outlet.id] == nil { enter(outlet, space) }
        guard own(outlet) != nil, let trail = trails[outlet.id] else { return nil }
        let reader = PacketLog.Reader(
            id: outlet.id,
            rooms: rooms(of: outlet.id, space),
            trail: trail
        )
        guard let missed = recovery.missed(by: reader, in: space, resumption, now: lane.now)
        else { return nil }
        connect(outlet, space)
        return missed
    }

    func noteChange(of id: SocketID, _ room: Room, isJoin: Bool) {
        guard let recovery, trails[id] != nil else { return }
        let now = lane.now
        let change = recovery.change(of: room, isJoin: isJoin, now: now)
        trails[id]?.note(change, horizon: now + (.zero - recovery.limits.packetAge))
    }

    /// A socket goes: what it was is kept, at once or when its last handlers have returned.
    ///
    /// Not if its login has ended: that must not wait for a heartbeat to be true.
    func keep(_ departure: Departure, of outlet: any Outlet, isFinal: Bool) {
        guard let recovery, !connections.isRevoked(outlet) else { return }
        watchTime()
        switch departure {
        case .returning(let socket):
            guard let socket = returning(socket, outlet) else { return }
            recovery.save(socket, now: lane.now)
        case .saving(let values):
            guard let socket = saved(outlet, values) else { return }
            isFinal ? recovery.save(socket, now: lane.now) : recovery.hold(socket)
        case .saved(let values):
            guard var socket = recovery.release(outlet.id) else { return }
            socket.rooms = spaces[socket.space]?.sockets[outlet.id]?.rooms ?? socket.rooms
            socket.trail = trails[outlet.id] ?? socket.trail
            socket.values = values
            recovery.save(socket, now: lane.now)
        }
    }

    /// A socket that goes again as it is by now; nil when it was sent away on its way.
    private func returning(_ socket: SavedSocket, _ outlet: any Outlet) -> SavedSocket? {
        guard let entry = own(outlet), entry.isConnected else {
            return recovery?.expected(outlet.id)
        }
        var socket = socket
        socket.rooms = entry.rooms
        socket.trail = trails[outlet.id] ?? socket.trail
        return socket
    }

    /// Its entry, unless another has its id by now.
    func own(_ outlet: any Outlet) -> Entry? {
        let entry = spaces[outlet.territory.name]?.sockets[outlet.id]
        return entry?.outlet === outlet ? entry : nil
    }

    private func saved(_ outlet: any Outlet, _ values: any Sendable) -> SavedSocket? {
        let space = outlet.territory.name
        guard let recovery, let own = outlet.recovery, let trail = trails[outlet.id],
            let entry = self.own(outlet)
        else { return nil }
        return SavedSocket(
            id: outlet.id,
            pid: own.pid,
            space: space,
            login: outlet.login ?? own.login,
            rooms: entry.rooms,
            connectionRooms: connections.rooms(of: outlet),
            trail: trail,
            values: values,
            until: lane.now + recovery.limits.disconnection
        )
    }

    // Audiences

    func joinSaved(_ audience: Audience, _ rooms: [Room]) {
        changeSaved(audience, rooms, isJoin: true)
    }

    func leaveSaved(_ audience: Audience, _ rooms: [Room]) {
        changeSaved(audience, rooms, isJoin: false)
    }

    /// Who is disconnected while away does not come back as what it was.
    func forgetSaved(_ audience: Audience) {
        recovery?.remove(named: audience.onlySocket) { isMeant($0, audience) }
    }

    private func changeSaved(_ audience: Audience, _ rooms: [Room], isJoin: Bool) {
        guard let recovery else { return }
        let change = change(rooms, isJoin: isJoin)
        let present = recovery.update(
            named: audience.onlySocket,
            where: { isMeant($0, audience) },
            change
        )
        for id in present where spaces[audience.space]?.sockets[id] != nil {
            isJoin ? join(id, rooms, audience.space) : leave(id, rooms, audience.space)
        }
    }

    /// The same for a socket that is away, by the object it was before.
    func changeSaved(_ id: SocketID, _ rooms: [Room], _ space: ByteString, isJoin: Bool) {
        guard let recovery, recovery.expects(id) else { return }
        recovery.update(id, in: space, change(rooms, isJoin: isJoin))
    }

    private func change(_ rooms: [Room], isJoin: Bool) -> (inout SavedSocket) -> Void {
        guard let recovery else { return { _ in } }
        let now = lane.now
        let horizon = now + (.zero - recovery.limits.packetAge)
        let changes = rooms.map { recovery.change(of: $0, isJoin: isJoin, now: now) }
        let limit = roomLimit
        return { socket in
            for change in changes { socket.note(change, limit: limit, horizon: horizon) }
        }
    }

    /// Whoever is away is still in its rooms: what is done to these is done to it.
    ///
    /// One that is in the registry at the same time is where that says.
    private func isMeant(_ socket: SavedSocket, _ audience: Audience) -> Bool {
        guard socket.space == audience.space else { return false }
        let address = PacketLog.Address(
            rooms: audience.rooms,
            excepted: audience.excepted,
            sender: audience.sender
        )
        let entry = spaces[socket.space]?.sockets[socket.id]
        return address.reaches(socket.id) { room in
            socket.isIn(room, of: entry?.rooms ?? socket.rooms)
        }
    }

    // Time

    /// Looks after what is kept as long as there is anything.
    private func watchTime() {
        let loop = lane.loop
        guard let recovery, recoveryWatch !== loop else { return }
        recoveryWatch = loop
        let pause = min(max(recovery.limits.disconnection / 2, .seconds(1)), .seconds(60))
        _ = lane.schedule(at: lane.now + pause) { [weak self] in
            guard let self else { return }
            lane.run { self.assumeIsolated { $0.sweepRecovery() } }
        }
    }

    private func sweepRecovery() {
        recoveryWatch = nil
        let isBusy = recovery?.sweep(lane.now) { spaces[$0] != nil } ?? false
        if isBusy { watchTime() }
    }
}
