/// Packets that wait for the client's next poll.
struct Outbox {
    private enum Item {
        case packet(EnginePacket)
        case group(MessageGroup)
    }

    private var items: [Item] = []
    private(set) var bytes = 0

    var isEmpty: Bool { items.isEmpty }
    var count: Int { items.count }

    mutating func append(_ packet: EnginePacket) {
        items.append(.packet(packet))
        bytes += 8
    }

    mutating func append(_ group: MessageGroup) {
        items.append(.group(group))
        bytes += group.byteCount
    }

    /// Everything as the body of one poll; the box is empty afterwards.
    mutating func takePayload() -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(bytes + items.count)
        for item in items {
            switch item {
            case .packet(let packet): PayloadWriter.append(packet, to: &body)
            case .group(let group): PayloadWriter.append(group, to: &body)
            }
        }
        removeAll()
        return body
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
