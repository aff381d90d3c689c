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
    ///
    /// By that of a session it becomes a part of that device; nobody leaves when it does.
    mutating func extend(_ member: HandshakeMember, to room: Room, from old: Crowd.Device) {
        guard let record = records[member] else { return }
        let (count, new) = (record.counted, record.device(of: member))
        replace(0, by: count, in: room, on: new)
        guard old != new else { return }
        for other in record.rooms where other != room {
            replace(0, by: count, in: other, on: new)
            replace(count, by: 0, in: other, on: old, true)
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
