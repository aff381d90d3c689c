/// Writes the body of one poll: packets with U+001E between them, binary as base64.
enum PayloadWriter {
    /// Appends a message and the attachments that must follow it.
    static func append(_ group: MessageGroup, to body: inout [UInt8]) {
        if group.hasText {
            separate(&body)
            body.append(contentsOf: group.storage[group.text])
        }
        for range in group.binary { append(binary: group.storage[range], to: &body) }
    }

    /// Appends one packet.
    static func append(_ packet: EnginePacket, to body: inout [UInt8]) {
        if case .binary(let bytes) = packet {
            append(binary: bytes[...], to: &body)
        } else {
            separate(&body)
            body.append(contentsOf: packet.text)
        }
    }

    /// How many bytes a group adds to a body, for reserving them.
    static func size(of group: MessageGroup) -> Int {
        group.binary.reduce(1 + group.text.count) { $0 + 2 + ($1.count + 2) / 3 * 4 }
    }

    private static func append(binary bytes: ArraySlice<UInt8>, to body: inout [UInt8]) {
        separate(&body)
        body.append(EnginePacket.base64Type)
        Base64.append(bytes, to: &body)
    }

    private static func separate(_ body: inout [UInt8]) {
        if !body.isEmpty { body.append(PayloadParser.separator) }
    }
}
