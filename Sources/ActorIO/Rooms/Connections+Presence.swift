/// Who is here: what a change of a connection means for its rooms.
extension Connections {
    /// A namespace has accepted a socket, or lost sight of it.
    mutating func show(_ outlet: any Outlet, _ isShown: Bool) {
        guard let member = outlet.member,
            let index = records[member]?.sockets.firstIndex(where: { $0.id == outlet.id })
        else { return }
        records[member]?.sockets[index].isShown = isShown
        recount(member)
    }

    /// Replaces what a connection counts for by what it is.
    mutating func recount(_ member: HandshakeMember, isFarewell: Bool = false) {
        guard let record = records[member] else { return }
        let (old, new) = (record.counted, record.standing)
        guard old != new else { return }
        records[member]?.counted = new
        let device = record.device(of: member)
        for room in record.rooms { replace(old, by: new, in: room, on: device, isFarewell) }
    }

    /// A connection that counts already has entered one more room.
    mutating func extend(_ member: HandshakeMember, to room: Room, from old: Crowd.Device) {
        guard let record = records[member] else { return }
        replace(0, by: record.counted, in: room, on: record.device(of: member))
        rename(member, from: old, in: record.rooms.filter { $0 != room })
    }

    /// A connection leaves some of its rooms, all in one step: as the device that it was in them.
    mutating func leave(_ member: HandshakeMember, _ leaving: [Room]) {
        guard let before = records[member] else { return }
        let old = before.device(of: member)
        for room in before.rooms where leaving.contains(room) {
            replace(before.counted, by: 0, in: room, on: old)
            rooms[room]?.members.remove(member)
            if rooms[room]?.members.isEmpty == true { rooms[room] = nil }
        }
        let staying = before.rooms.filter { !leaving.contains($0) }
        records[member]?.rooms = staying
        rename(member, from: old, in: staying)
    }

    /// By the room of a session it becomes part of that device; nobody leaves when it does.
    private mutating func rename(
        _ member: HandshakeMember,
        from old: Crowd.Device,
        in rooms: [Room]
    ) {
        guard let record = records[member], record.device(of: member) != old else { return }
        for room in rooms {
            replace(0, by: record.counted, in: room, on: record.device(of: member))
            replace(record.counted, by: 0, in: room, on: old, true)
        }
    }

    private mutating func replace(
        _ old: Int,
        by new: Int,
        in room: Room,
        on device: Crowd.Device,
        _ isFarewell: Bool = false
    ) {
        switch rooms[room]?.replace(old, by: new, on: device) {
        case .came(let isFirst):
            if isFirst { online.insert(room) }
            watch?.came(room, device, isFirst: isFirst)
        case .left(let isLast):
            if isLast { online.remove(room) }
            watch?.left(room, device, isLast: isLast, isFarewell: isFarewell)
        case .nothing, nil: break
        }
    }

    func presence(of room: Room) -> Presence {
        let crowd = rooms[room]
        return Presence(
            room: room,
            sockets: crowd?.sockets ?? 0,
            connections: crowd?.connections ?? 0,
            devices: crowd?.deviceCount ?? 0
        )
    }
}
