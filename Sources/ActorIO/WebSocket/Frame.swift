/// What a frame is for: the low four bits of its first byte (RFC 6455 5.2).
///
/// The values 3–7 and B–F are reserved; a frame that has one fails the connection.
enum Opcode: UInt8, Sendable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    /// Control frames may stand between the fragments of a message.
    var isControl: Bool { rawValue & 0x8 != 0 }
}

/// The head of a frame, checked.
///
/// ```
///  0               1               2 … 3 or 9              4 bytes
/// ┌─┬─┬─┬─┬───────┬─┬─────────────┬───────────────────────┬──────────┬─────────┐
/// │F│R│R│R│opcode │M│ length, 126 │ length in 2 (126) or  │ mask key │ payload │
/// │I│1│2│3│       │ │ or 127      │ 8 bytes (127)         │ if M     │         │
/// └─┴─┴─┴─┴───────┴─┴─────────────┴───────────────────────┴──────────┴─────────┘
/// ```
struct FrameHeader: Sendable, Equatable {
    var opcode: Opcode
    var isFinal: Bool
    /// The key with the wire's first byte lowest, or nil for a frame that is not masked.
    var mask: UInt32?
    /// How many payload bytes follow; never above the parser's limit.
    var length: Int

    /// The first byte's flag that a message ends with this frame.
    static let finalBit: UInt8 = 0x80
    /// Three flags of extensions, none of which is ever agreed on.
    static let reservedBits: UInt8 = 0x70
    /// The second byte's flag that a mask key follows.
    static let maskBit: UInt8 = 0x80
    /// A control frame's payload is at most this long (RFC 6455 5.5).
    static let maxControlLength = 125
    /// No header is longer: 2 bytes, 8 of length, 4 of mask.
    static let maxSize = 14
}
