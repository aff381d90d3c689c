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
        for item in take(limit) {
            switch item {
            case .packet(let packet): PayloadWriter.append(packet, to: &body)
            case .group(let group): PayloadWriter.append(group, to: &body)
            }
        }
        return body
    }

    /// The same for a client of protocol 3; as text when it can not take bytes.
    mutating func takeOldPayload(limit: Int = .max, isText: Bool) -> OldPayloadWriter {
        let taken = take(limit)
        let hasBinary = taken.contains(where: Self.hasBinary)
        var writer = OldPayloadWriter(hasBinary && !isText ? .binary : .text)
        for item in taken {
            switch item {
            case .packet(let packet): writer.append(packet)
            case .group(let group): writer.append(group)
            }
        }
        return writer
    }

    private mutating func take(_ limit: Int) -> [Item] {
        var left = limit
        var count = 0
        for item in items {
            left -= Self.packetCount(item)
            guard left >= 0 || count == 0 else { break }
            bytes -= Self.size(of: item)
            count += 1
        }
        guard count < items.count else {
            defer { removeAll() }
            return items
        }
        defer { items.removeFirst(count) }
        return Array(items[..<count])
    }

    private static func size(of item: Item) -> Int {
        guard case .group(let group) = item else { return packetSize }
        return group.byteCount
    }

    private static func hasBinary(_ item: Item) -> Bool {
        guard case .group(let group) = item else { return false }
        return !group.binary.isEmpty
    }

    private static func packetCount(_ item: Item) -> Int {
        guard case .group(let group) = item else { return 1 }
        return group.messageCount
    }

    /// Hands every item over as WebSocket frames; the box is empty afterwards.
    mutating func takeFrames(for version: EngineVersion, _ send: (ReadyFrames) -> Void) {
        for item in items {
            switch item {
            case .packet(let packet):
                send(ReadyFrames(storage: FrameWriter.frame(.text, packet.text), start: 0))
            case .group(let group): send(group.ready(for: version))
            }
        }
        removeAll()
    }

    mutating func removeAll() {
        items = []
        bytes = 0
    }
}
