/// Packets as Engine.IO protocol 3 writes them.
///
/// ```
/// 2, 2probe, 2…   the client pings, with any text behind
/// b4AQI=          bytes where only text can go: type and base64
/// 04 01 02        bytes: the type is a byte in front of them
/// ```
extension EnginePacket {
    /// The byte in front of a message's bytes: a type that is a number, not a digit.
    static let oldBinaryType: UInt8 = 4

    /// Reads the packet in a text, whose bytes are known to be UTF-8.
    static func parse(oldText text: [UInt8]) throws(EngineParseError) -> EnginePacket {
        switch text.first {
        case UInt8(ascii: "2"):
            return .clientPing(Array(text[1...]))
        case base64Type:
            guard text.count > 1, text[1] == UInt8(ascii: "4") else { throw .unknownType }
            guard let bytes = Base64.decode(text[2...]) else { throw .invalidBase64 }
            return .binary(bytes)
        default:
            return try .parse(text: text)
        }
    }

    /// Reads the packet in bytes, which only a message may be.
    static func parse(oldBinary bytes: ArraySlice<UInt8>) throws(EngineParseError) -> EnginePacket {
        guard let type = bytes.first else { throw .empty }
        guard type == oldBinaryType else { throw .unknownType }
        return .binary(Array(bytes.dropFirst()))
    }
}
