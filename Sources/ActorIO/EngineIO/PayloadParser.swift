/// Reads the body of a POST: packets with U+001E between them.
///
/// One pass, one copy per packet, none at all for a body that is a single packet.
enum PayloadParser {
    /// The byte between two packets; JSON escapes it, so it never stands inside one.
    static let separator: UInt8 = 0x1E

    /// Returns the packets before the first bad one, and whether there was a bad one.
    ///
    /// More than `maxPackets` count as bad. What follows a close packet is not looked at.
    static func parse(
        _ body: [UInt8],
        maxPackets: Int
    ) -> (packets: [EnginePacket], failed: Bool) {
        var packets: [EnginePacket] = []
        var start = 0
        while true {
            let end = body[start...].firstIndex(of: separator) ?? body.count
            guard packets.count < maxPackets,
                let packet = try? packet(start..<end, of: body)
            else { return (packets, true) }
            packets.append(packet)
            guard end < body.count, packet != .close else { return (packets, false) }
            start = end + 1
        }
    }

    private static func packet(
        _ range: Range<Int>,
        of body: [UInt8]
    ) throws(EngineParseError) -> EnginePacket {
        guard !range.isEmpty else { throw .empty }
        guard body[range.lowerBound] != EnginePacket.base64Type else {
            guard let bytes = Base64.decode(body[range].dropFirst()) else { throw .invalidBase64 }
            return .binary(bytes)
        }
        var check = UTF8Check()
        guard check.accept(body.span.extracting(range)), check.isComplete else {
            throw .invalidUTF8
        }
        return try .parse(text: range.count == body.count ? body : Array(body[range]))
    }
}
