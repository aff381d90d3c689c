/// The logs of all namespaces within one limit: the oldest event of all makes room.
struct PacketLogs: Sendable {
    /// Where a packet is, in the order in which they came; some are gone already.
    private struct Note: Sendable {
        let position: UInt64
        let time: LoopTime
        let space: ByteString
    }

    private let maxAge: Duration
    private let maxBytes: Int
    private let maxLogs: Int
    private var logs: [ByteString: PacketLog] = [:]
    private var order = Deque<Note>()
    /// What all packets take, roughly.
    private(set) var byteCount = 0
    private(set) var packetCount = 0
    /// Rooms that are told apart among what made room, in all namespaces.
    private(set) var markCount = 0

    init(maxAge: Duration, maxBytes: Int, maxLogs: Int) {
        self.maxAge = maxAge
        self.maxBytes = maxBytes
        self.maxLogs = maxLogs
    }

    var count: Int { logs.count }
    var noteCount: Int { order.count }

    subscript(_ space: ByteString) -> PacketLog? { logs[space] }

    /// From here on the events of a namespace are kept; false when too many others have a log.
    ///
    /// A new log knows nothing of what came up to `position`.
    @discardableResult
    mutating func open(_ space: ByteString, after position: UInt64) -> Bool {
        guard logs[space] == nil else { return true }
        guard logs.count < maxLogs else { return false }
        logs[space] = PacketLog(maxAge: maxAge, maxBytes: maxBytes, floor: position)
        return true
    }

    /// Keeps a packet if its namespace has a log; positions only grow.
    mutating func append(_ packet: PacketLog.Packet, in space: ByteString) {
        guard logs[space] != nil else { return }
        trim(packet.time)
        order.append(Note(position: packet.position, time: packet.time, space: space))
        change(space) { $0.append(packet) }
        while byteCount > maxBytes, let note = order.popFirst() {
            guard logs[note.space]?.oldest == note.position else { continue }
            change(note.space) { $0.dropOldest() }
        }
        compact()
    }

    /// Forgets what time has ended, and the logs of namespaces in which nobody is any more.
    mutating func sweep(_ now: LoopTime, isUsed: (ByteString) -> Bool) {
        trim(now)
        for space in Array(logs.keys) {
            change(space) { $0.trimGaps(now) }
            guard !isUsed(space) else { continue }
            change(space) { $0 = PacketLog(maxAge: .zero, maxBytes: 0) }
            logs[space] = nil
        }
        compact()
    }

    private mutating func trim(_ now: LoopTime) {
        while let oldest = order.first, oldest.time + maxAge <= now {
            order.popFirst()
            change(oldest.space) { $0.trim(now) }
        }
    }

    /// Changes a log where it is, and counts what that was.
    private mutating func change(_ space: ByteString, _ body: (inout PacketLog) -> Void) {
        guard let index = logs.index(forKey: space) else { return }
        tally(logs.values[index], -1)
        body(&logs.values[index])
        tally(logs.values[index], 1)
        guard markCount > PacketGaps.limit else { return }
        markCount -= logs.values[index].markCount
        logs.values[index].mergeGaps()
    }

    private mutating func tally(_ log: borrowing PacketLog, _ sign: Int) {
        byteCount += sign * log.byteCount
        packetCount += sign * log.count
        markCount += sign * log.markCount
    }

    /// Notes of packets that are gone may not outnumber the others.
    private mutating func compact() {
        guard order.count > 2 * packetCount + 100 else { return }
        var living = Deque<Note>()
        for note in order {
            guard let oldest = logs[note.space]?.oldest, note.position >= oldest else { continue }
            living.append(note)
        }
        order = living
    }
}
