/// The reader of a custom parser on one connection, with the checks that no packet is spared.
final class CheckedReader {
    private var reader: any PacketReader
    private let limits: PacketLimits
    private let maxBytes: Int
    private let isOld: Bool
    /// What came since the last packet, behind the first message.
    private var followers = 0
    private var followingBytes = 0

    /// Whether a packet has begun and is not complete.
    private(set) var isWaiting = false

    /// Takes at most `maxBytes` bytes behind the first message of a packet.
    ///
    /// `isOld`: the packets are those of protocol 4, see ``OldPackets``.
    init(
        _ parser: any CustomParser,
        limits: PacketLimits,
        maxBytes: Int,
        isOld: Bool = false
    ) {
        reader = parser.makeReader(limits)
        self.limits = limits
        self.maxBytes = maxBytes
        self.isOld = isOld
    }

    /// Takes the next message; the last of a packet gives it back, with its attachments.
    func read(
        _ message: EngineMessage
    ) throws -> (packet: SocketPacket, attachments: [[UInt8]])? {
        if isWaiting { try count(message) }
        guard let packet = try reader.read(message) else {
            isWaiting = true
            return nil
        }
        (isWaiting, followers, followingBytes) = (false, 0, 0)
        return (try check(packet), packet.attachments)
    }

    private func check(_ packet: Packet) throws(PacketError) -> SocketPacket {
        guard isOld else { return try PacketParser.check(packet, limits: limits) }
        return try OldPackets.check(packet, limits: limits)
    }

    private func count(_ message: EngineMessage) throws(PacketError) {
        followers += 1
        followingBytes += message.byteCount
        guard followers <= limits.maxAttachments else {
            throw PacketError("a packet of too many messages")
        }
        guard followingBytes <= maxBytes else { throw PacketError("messages too large") }
    }
}
