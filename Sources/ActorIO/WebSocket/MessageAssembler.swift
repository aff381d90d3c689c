/// Puts fragments together and checks what only whole messages can show.
///
/// Fragments are added to one buffer, so an unfinished message costs what its bytes cost,
/// however many pieces they come in; the pieces are counted all the same.
struct MessageAssembler: Sendable {
    private let maxPayload: Int
    private let maxFragments: Int
    /// What the message under way is, text or binary; nil between messages.
    private var opcode: Opcode?
    private var buffer: [UInt8] = []
    private var fragments = 0
    private var utf8 = UTF8Check()

    init(maxPayload: Int, maxFragments: Int) {
        self.maxPayload = maxPayload
        self.maxFragments = maxFragments
    }

    /// Whether a message has begun and its last fragment has not come.
    var isMidMessage: Bool { opcode != nil }

    /// How much memory the unfinished message takes.
    var heldBytes: Int { buffer.capacity }

    /// How many bytes the next data frame may have.
    var limit: Int { maxPayload - buffer.count }

    /// Refuses a frame that may not stand here, before its payload is read (RFC 6455 5.4).
    mutating func admit(_ header: FrameHeader) throws(WebSocketError) {
        guard !header.opcode.isControl else { return }
        if header.opcode == .continuation {
            guard opcode != nil else { throw .broken("nothing to continue") }
        } else {
            guard opcode == nil else { throw .broken("new message inside a fragmented one") }
        }
        fragments += 1
        guard fragments <= maxFragments else { throw .tooManyFragments }
        if header.isFinal { fragments = 0 }
    }

    /// Takes the payload of a frame that was admitted; nil until a message is complete.
    mutating func accept(
        _ header: FrameHeader,
        _ payload: consuming [UInt8],
        isASCII: Bool
    ) throws(WebSocketError) -> WebSocketMessage? {
        switch header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        case .close: return try Self.close(payload)
        case .text where header.isFinal: return .text(try Self.checked(payload, isASCII))
        case .binary where header.isFinal: return .binary(payload)
        case .text, .binary, .continuation: return try add(payload, of: header)
        }
    }

    private mutating func add(
        _ payload: consuming [UInt8],
        of header: FrameHeader
    ) throws(WebSocketError) -> WebSocketMessage? {
        let kind = opcode ?? header.opcode
        // A character may be split between fragments, but not left open at the end.
        if kind == .text, !utf8.accept(payload.span) { throw .notUTF8 }
        if opcode == nil {
            buffer = payload
            opcode = kind
        } else {
            buffer.append(contentsOf: payload)
        }
        guard header.isFinal else { return nil }
        if kind == .text, !utf8.isComplete { throw .notUTF8 }
        let message = buffer
        // The check stands at the end of a character, so it is as good as new.
        (opcode, buffer) = (nil, [])
        return kind == .text ? .text(message) : .binary(message)
    }

    private static func checked(
        _ text: consuming [UInt8],
        _ isASCII: Bool
    ) throws(WebSocketError) -> [UInt8] {
        if isASCII { return text }
        var check = UTF8Check()
        guard check.accept(text.span), check.isComplete else { throw .notUTF8 }
        return text
    }

    /// RFC 6455 5.5.1: nothing, or a code of two bytes and a reason that is UTF-8.
    private static func close(_ payload: [UInt8]) throws(WebSocketError) -> WebSocketMessage {
        guard !payload.isEmpty else { return .close(nil, reason: "") }
        guard payload.count > 1 else { throw .broken("close code is cut") }
        let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.mayBeSent else { throw .broken("close code is not allowed") }
        guard let reason = String(validating: payload[2...], as: UTF8.self) else { throw .notUTF8 }
        return .close(code, reason: reason)
    }
}
