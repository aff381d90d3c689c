/// Packets that wait for the client's next poll.
struct Outbox {
    private enum Item {
        case packet(EnginePacket)
        case group(MessageGroup)
    }

    /// What a bare packet counts for.
    private static let packetSize = 8

    private var items: [Item] = []
    private(set) var bytes = 0

    var isEmpty: Bool { items.isEmpty }
    var count: Int { items.count }

    mutating func append(_ packet: EnginePacket) {
        items.append(.packet(packet))
        bytes += Self.packetSize
    }

    mutating func append(_ group: MessageGroup) {
        items.append(.group(group))
        bytes += group.byteCount
    }

    /// The body of one poll: as many packets as allowed, but a message is never parted from its
    /// attachments, and one goes in any case.
    mutating func takePayload(limit: Int = .max) -> [UInt8] {
        var body: [UInt8] = []
        var left = limit
        var taken = 0
        for item in items {
            left -= Self.packetCount(item)
            guard left >= 0 || taken == 0 else { break }
            append(item, to: &body)
            taken += 1
        }
        items.removeFirst(taken)
        if items.isEmpty { removeAll() }
        return body
    }

    private mutating func append(_ item: Item, to body: inout [UInt8]) {
        switch item {
        case .packet(let packet):
            PayloadWriter.append(packet, to: &body)
            bytes -= Self.packetSize
        case .group(let group):
            PayloadWriter.append(group, to: &body)
            bytes -= group.byteCount
        }
    }

    private static func packetCount(_ item: Item) -> Int {
        guard case .group(let group) = item else { return 1 }
        return 1 + group.binary.count
    }

    /// Hands every item over as WebSocket frames; the box is empty afterwards.
    mutating func takeFrames(_ send: (_ storage: [UInt8], _ start: Int) -> Void) {
        for item in items {
            switch item {
            case .packet(let packet): send(FrameWriter.frame(.text, packet.text), 0)
            case .group(let group): send(group.storage, group.start)
            }
        }
        removeAll()
    }

    mutating func removeAll() {
        items = []
        bytes = 0
    }
}
