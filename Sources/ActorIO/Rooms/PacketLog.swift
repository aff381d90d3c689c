/// The events that one namespace has sent lately, for sockets that come back.
///
/// ```
///  gaps │ oldest … kept packets … newest
///  ─────┴──────────────────────────────► position
/// ```
/// Limited by age and by bytes. What is dropped for its age nobody lacks: a client that had not
/// got it would have been given up by its heartbeat long ago, or is not kept at all. What is
/// dropped for want of room may be lacked, so the rooms it was meant for keep a mark.
struct PacketLog: Sendable {
    struct Packet: Sendable {
        let position: UInt64
        let time: LoopTime
        let group: MessageGroup
        let address: Address
    }

    /// Whom a packet was meant for.
    struct Address: Sendable {
        var rooms: [Room] = []
        var excepted: [Room] = []
        var sender: SocketID?

        func reaches(_ reader: SocketID, isIn: (Room) -> Bool) -> Bool {
            guard sender != reader else { return false }
            return (rooms.isEmpty || rooms.contains(where: isIn)) && !excepted.contains(where: isIn)
        }
    }

    /// Who wants to know what it missed.
    struct Reader: Sendable {
        let id: SocketID
        /// All rooms it is in now, its own and those of its connection included.
        let rooms: Set<Room>
        let trail: RoomTrail
    }

    /// How much one reader may be given: less than that.
    struct Allowance: Sendable {
        var packets = Int.max
        var bytes = Int.max

        /// False when it is used up.
        mutating func spend(_ group: MessageGroup) -> Bool {
            packets -= 1
            bytes -= group.byteCount
            return packets > 0 && bytes > 0
        }
    }

    private let maxAge: Duration
    private let maxBytes: Int
    /// What came before that is not in it.
    private let floor: UInt64
    private var packets = Deque<Packet>()
    private var gaps = PacketGaps()
    /// What the packets take, roughly.
    private(set) var byteCount = 0

    init(maxAge: Duration, maxBytes: Int, floor: UInt64 = 0) {
        self.maxAge = maxAge
        self.maxBytes = maxBytes
        self.floor = floor
    }

    var count: Int { packets.count }
    /// The position of the oldest packet.
    var oldest: UInt64? { packets.first?.position }
    /// Rooms that are told apart among what made room.
    var markCount: Int { gaps.count }
    /// When a packet sent at that time or before is forgotten.
    func horizon(_ now: LoopTime) -> LoopTime { now + (.zero - maxAge) }

    /// Keeps a packet; positions only grow.
    mutating func append(_ packet: Packet) {
        packets.append(packet)
        byteCount += Self.cost(packet)
        trim(packet.time)
        while byteCount > maxBytes, dropOldest() {}
    }

    /// The oldest packet makes room; false when there is none.
    @discardableResult
    mutating func dropOldest() -> Bool {
        guard let dropped = removeFirst() else { return false }
        gaps.add(dropped)
        return true
    }

    /// From now on what made room counts as everybody's.
    mutating func mergeGaps() {
        gaps.merge()
    }

    /// Forgets what is too old to be lacked by anybody.
    mutating func trim(_ now: LoopTime) {
        while let first = packets.first, first.time + maxAge <= now { removeFirst() }
    }

    /// The same for the marks; there are never many, but looking at them takes a while.
    mutating func trimGaps(_ now: LoopTime) {
        gaps.forget(upTo: horizon(now))
    }

    @discardableResult
    private mutating func removeFirst() -> Packet? {
        guard let packet = packets.popFirst() else { return nil }
        byteCount -= Self.cost(packet)
        return packet
    }

    /// What the reader was to get after `position`, in order; nil when some of it may be gone, or
    /// it is more than is allowed.
    ///
    /// Read backwards: the rooms of now become the rooms of then, change by change.
    func missed(
        by reader: Reader,
        after position: UInt64,
        _ allowance: Allowance = Allowance()
    ) -> [MessageGroup]? {
        var allowance = allowance
        let trail = reader.trail
        let start = max(position, trail.start)
        guard start >= trail.floor, start >= floor,
            !gaps.hide(after: start, from: reader.rooms),
            !gaps.hide(after: start, from: trail.rooms)
        else { return nil }
        var rooms = reader.rooms
        var changes = trail.changes[...]
        var missed: [MessageGroup] = []
        for packet in packets.reversed() {
            guard packet.position > start else { break }
            while let change = changes.last, change.position >= packet.position {
                changes.removeLast()
                if change.isJoin { rooms.remove(change.room) } else { rooms.insert(change.room) }
            }
            let isMeant = packet.address.reaches(reader.id) { rooms.contains($0) }
            guard isMeant else { continue }
            guard allowance.spend(packet.group) else { return nil }
            missed.append(packet.group)
        }
        return missed.reversed()
    }

    /// Bytes on the wire, and what is around them in memory.
    static func cost(_ packet: Packet) -> Int {
        let names = packet.address.rooms + packet.address.excepted
        return names.reduce(packet.group.storage.count + 200) {
            $0 + $1.name.text.utf8.count + 16
        }
    }
}

/// Which packets were dropped for want of room, by the rooms they were meant for.
struct PacketGaps: Sendable {
    private struct Mark: Sendable {
        var position: UInt64
        var time: LoopTime
    }

    /// Rooms that are told apart; beyond, a gap counts as everybody's.
    static let limit = 10_000
    /// Bytes of a name that are worth remembering.
    static let maxName = 200

    private var everybody: Mark?
    private var rooms: [Room: Mark] = [:]

    var count: Int { rooms.count }

    mutating func add(_ packet: PacketLog.Packet) {
        let mark = Mark(position: packet.position, time: packet.time)
        let names = packet.address.rooms
        let isEverybodys =
            names.isEmpty || names.contains { $0.name.text.utf8.count > Self.maxName }
        if !isEverybodys {
            for room in names { rooms[room] = mark }
        }
        guard isEverybodys || rooms.count > Self.limit else { return }
        everybody = mark
        rooms = [:]
    }

    /// Tells rooms apart no longer.
    mutating func merge() {
        for mark in rooms.values where mark.position > everybody?.position ?? 0 { everybody = mark }
        rooms = [:]
    }

    mutating func forget(upTo horizon: LoopTime) {
        if let mark = everybody, mark.time <= horizon { everybody = nil }
        rooms = rooms.filter { $0.value.time > horizon }
    }

    func hide(after position: UInt64, from places: some Sequence<Room>) -> Bool {
        if let everybody, everybody.position > position { return true }
        guard !rooms.isEmpty else { return false }
        return places.contains { room in rooms[room].map { $0.position > position } ?? false }
    }
}
