/// Devices of users that were lost and may still come back: page reloads, tunnels, lifts.
///
/// There are never more than connections were lost within the grace, and twice as many notes.
struct Absences {
    private struct Note {
        let until: LoopTime
        let user: Room
        let device: Crowd.Device
    }

    private var users: [Room: Set<Crowd.Device>] = [:]
    private var ends: [Crowd.Device: [Room: LoopTime]] = [:]
    /// The first to end stands first, since all are given the same time.
    private var order = Deque<Note>()
    private var count = 0

    /// Users of whom something may come back.
    var all: Dictionary<Room, Set<Crowd.Device>>.Keys { users.keys }
    var nextEnd: LoopTime? { order.first?.until }
    var noteCount: Int { order.count }

    func has(_ user: Room) -> Bool { users[user] != nil }

    mutating func insert(_ user: Room, _ device: Crowd.Device, until: LoopTime) {
        remove(user, device)
        users[user, default: []].insert(device)
        ends[device, default: [:]][user] = until
        count += 1
        order.append(Note(until: until, user: user, device: device))
        compact()
    }

    mutating func remove(_ user: Room, _ device: Crowd.Device) {
        guard ends[device]?.removeValue(forKey: user) != nil else { return }
        if ends[device]?.isEmpty == true { ends[device] = nil }
        users[user]?.remove(device)
        if users[user]?.isEmpty == true { users[user] = nil }
        count -= 1
    }

    /// The device will not come back; returns whose it was.
    mutating func remove(_ device: Crowd.Device) -> [Room] {
        let owners = ends[device].map { Array($0.keys) } ?? []
        for user in owners { remove(user, device) }
        return owners
    }

    /// Ends those whose time is over; returns the users who were waited for, some repeatedly.
    mutating func expire(_ now: LoopTime) -> [Room] {
        var ended: [Room] = []
        while let note = order.first, note.until <= now {
            order.popFirst()
            guard ends[note.device]?[note.user] == note.until else { continue }
            remove(note.user, note.device)
            ended.append(note.user)
        }
        return ended
    }

    /// Notes of those who came back may not outnumber the others.
    private mutating func compact() {
        guard order.count > 2 * count + 100 else { return }
        var living = Deque<Note>()
        for note in order where ends[note.device]?[note.user] == note.until { living.append(note) }
        order = living
    }
}
