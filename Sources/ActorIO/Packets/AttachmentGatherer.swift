/// Waits for the binary messages of one packet.
///
/// Header and attachments are contiguous among messages (socket.io-protocol): while it waits,
/// a text message is an error that the caller sees by `isWaiting`.
struct AttachmentGatherer: Sendable {
    private let maxBytes: Int
    private var packet: SocketPacket?
    private var attachments: [[UInt8]] = []
    private var byteCount = 0

    /// Keeps at most `maxBytes` bytes of attachments.
    init(maxBytes: Int = 1_000_000) {
        self.maxBytes = maxBytes
    }

    /// Whether the next message must be binary.
    var isWaiting: Bool { packet != nil }

    /// Begins with a binary packet, before anything is kept of it.
    mutating func begin(_ packet: SocketPacket) throws(PacketError) {
        guard !isWaiting else { throw PacketError("a packet inside another's attachments") }
        guard packet.attachmentCount > 0 else { throw PacketError("no attachments to wait for") }
        let count = packet.attachmentCount
        guard Placeholders.areLegal(packet.bytes, packet.payload, attachments: count) else {
            throw PacketError("illegal attachments")
        }
        self.packet = packet
    }

    /// Takes the next attachment; the last one gives the packet and all of them back.
    mutating func add(
        _ binary: [UInt8]
    ) throws(PacketError) -> (packet: SocketPacket, attachments: [[UInt8]])? {
        guard let packet else { throw PacketError("a binary message that nothing announced") }
        byteCount += binary.count
        guard byteCount <= maxBytes else {
            cancel()
            throw PacketError("attachments too large")
        }
        attachments.append(binary)
        guard attachments.count == packet.attachmentCount else { return nil }
        defer { cancel() }
        return (packet, attachments)
    }

    /// Forgets everything.
    mutating func cancel() {
        self = AttachmentGatherer(maxBytes: maxBytes)
    }
}
