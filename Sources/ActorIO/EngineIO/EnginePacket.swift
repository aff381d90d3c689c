/// One packet of Engine.IO.
///
/// A message keeps the whole packet, its type `4` included, so that no byte is copied on the
/// way from the frame to the Socket.IO parser, which starts to read behind the type.
enum EnginePacket: Sendable, Equatable {
    /// `0` and the handshake's JSON.
    case open([UInt8])
    /// `1`
    case close
    /// `2`, or `2probe` on a WebSocket that wants to take over.
    case ping(probe: Bool)
    /// `2` and any text in protocol 3, where the client pings: the text, which the pong repeats.
    case clientPing([UInt8])
    /// `3`, or `3probe`.
    case pong(probe: Bool)
    /// `4` and text: the packet as it came, type included.
    case message([UInt8])
    /// A binary message: a binary frame, or `b` and base64 in text.
    case binary([UInt8])
    /// `5`
    case upgrade
    /// `6`
    case noop

    /// A binary frame is always a message.
    init(binary bytes: [UInt8]) {
        self = .binary(bytes)
    }

    /// Reads the packet in a text frame, whose bytes are known to be UTF-8.
    ///
    /// A client that has no binary frames sends `b` and base64, as when polling.
    static func parse(text: [UInt8]) throws(EngineParseError) -> EnginePacket {
        guard let type = text.first else { throw .empty }
        switch type {
        case UInt8(ascii: "4"): return .message(text)
        case UInt8(ascii: "3"): return .pong(probe: try isProbe(text))
        case UInt8(ascii: "2"): return .ping(probe: try isProbe(text))
        case UInt8(ascii: "1"): return try bare(.close, text)
        case UInt8(ascii: "0"): return .open(Array(text[1...]))
        case UInt8(ascii: "5"): return try bare(.upgrade, text)
        case UInt8(ascii: "6"): return try bare(.noop, text)
        case base64Type:
            guard let bytes = Base64.decode(text[1...]) else { throw .invalidBase64 }
            return .binary(bytes)
        default: throw .unknownType
        }
    }

    /// In a payload, base64 behind this byte is a binary message; `b` has no packet type.
    static let base64Type = UInt8(ascii: "b")

    /// The packet as text: what a WebSocket sends as a text frame, or a poll as a packet.
    ///
    /// Binary is base64 here, as polling has it; a WebSocket sends its bytes in a binary frame.
    var text: [UInt8] {
        switch self {
        case .open(let json): Array("0".utf8) + json
        case .close: Array("1".utf8)
        case .ping(let probe): Array((probe ? "2probe" : "2").utf8)
        case .clientPing(let payload): [UInt8](ascii: "2") + payload
        case .pong(let probe): Array((probe ? "3probe" : "3").utf8)
        case .message(let text): text
        case .binary(let bytes): [Self.base64Type] + Base64.encode(bytes)
        case .upgrade: Array("5".utf8)
        case .noop: Array("6".utf8)
        }
    }

    /// Only the word `probe` may follow a ping or a pong.
    private static func isProbe(_ text: [UInt8]) throws(EngineParseError) -> Bool {
        guard text.count > 1 else { return false }
        guard text[1...].elementsEqual("probe".utf8) else { throw .unexpectedPayload }
        return true
    }

    private static func bare(
        _ packet: EnginePacket,
        _ text: [UInt8]
    ) throws(EngineParseError) -> EnginePacket {
        guard text.count == 1 else { throw .unexpectedPayload }
        return packet
    }
}

/// Why a text is no Engine.IO packet; the session closes with `parse error`.
enum EngineParseError: Error, Equatable {
    case empty
    case unknownType
    case unexpectedPayload
    case invalidBase64
    case invalidUTF8
    case invalidLength
    case tooManyPackets
}
