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
            trails[outlet.id] = recovery.begin(in: space, now: lane.now)
            return []
        }
        guard !connections.isRevoked(outlet) else { return nil }
        if spaces[space]?.sockets[outlet.id] == nil { enter(outlet, space) }
        guard let trail = trails[outlet.id] else { return nil }
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
        case .returning(let socket): recovery.save(socket, now: lane.now)
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

    private func saved(_ outlet: any Outlet, _ values: any Sendable) -> SavedSocket? {
        let space = outlet.territory.name
        guard let recovery, let own = outlet.recovery, let trail = trails[outlet.id],
            let entry = spaces[space]?.sockets[outlet.id], entry.outlet === outlet
        else { return nil }
        return SavedSocket(
            id: outlet.id,
            pid: own.pid,
            space: space,
            login: own.login,
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
        recovery?.remove(where: Self.isMeant(audience))
    }

    private func changeSaved(_ audience: Audience, _ rooms: [Room], isJoin: Bool) {
        guard let recovery else { return }
        let now = lane.now
        let horizon = now + (.zero - recovery.limits.packetAge)
        let changes = rooms.map { recovery.change(of: $0, isJoin: isJoin, now: now) }
        let isMeant = Self.isMeant(audience)
        let limit = roomLimit
        recovery.update(where: isMeant) { socket in
            for change in changes { socket.note(change, limit: limit, horizon: horizon) }
        }
        for id in recovery.leaving(where: isMeant) {
            isJoin ? join(id, rooms, audience.space) : leave(id, rooms, audience.space)
        }
    }

    /// Whoever is away is still in its rooms: what is done to these is done to it.
    private static func isMeant(_ audience: Audience) -> (SavedSocket) -> Bool {
        let address = PacketLog.Address(
            rooms: audience.rooms,
            excepted: audience.excepted,
            sender: audience.sender
        )
        let space = audience.space
        return { socket in
            socket.space == space && address.reaches(socket.id, isIn: socket.isIn)
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
