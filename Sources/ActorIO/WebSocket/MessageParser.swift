/// Reads whole messages from the bytes of one WebSocket: the door everybody uses.
///
/// Call `parse` until it returns nil; many messages may arrive in one read.
///
/// ```
/// var offset = 0
/// while let message = try parser.parse(input, at: &offset) { … }
/// ```
/// After a close frame, and after an error, whatever still comes is dropped unread.
struct MessageParser: Sendable {
    /// Which side of the connection reads.
    enum Role: Sendable {
        /// Demands masked frames.
        case server
        /// Demands frames that are not masked.
        case client
    }

    private var frames: FrameParser
    private var assembler: MessageAssembler
    /// The header whose payload is being read.
    private var header: FrameHeader?
    private var isDone = false

    /// A message may have `maxPayload` bytes, and come in `maxFragments` frames at most.
    ///
    /// Browsers cut long messages at tens of kilobytes, so the default allows one frame for
    /// every kilobyte of the limit, and never fewer than 4,096.
    init(role: Role, maxPayload: Int, maxFragments: Int? = nil) {
        frames = FrameParser(expectsMask: role == .server)
        assembler = MessageAssembler(
            maxPayload: maxPayload,
            maxFragments: maxFragments ?? max(4_096, maxPayload / 1_024)
        )
    }

    /// Whether something has begun and not ended, which a deadline may then limit.
    var isMidMessage: Bool { header != nil || frames.isMidHeader || assembler.isMidMessage }

    /// How much memory the unfinished message takes: what came of it, at most doubled.
    var heldBytes: Int { frames.heldBytes + assembler.heldBytes }

    /// The next message, or nil when all input is consumed and more is needed.
    mutating func parse(
        _ input: Span<UInt8>,
        at offset: inout Int
    ) throws(WebSocketError) -> WebSocketMessage? {
        guard !isDone else {
            offset = input.count
            return nil
        }
        do {
            return try next(input, at: &offset)
        } catch {
            stop()
            throw error
        }
    }

    private mutating func next(
        _ input: Span<UInt8>,
        at offset: inout Int
    ) throws(WebSocketError) -> WebSocketMessage? {
        while offset < input.count {
            if header == nil {
                let limit = assembler.limit
                header = try frames.parseHeader(input, at: &offset, limit: limit)
                guard let header else { return nil }
                try assembler.admit(header)
            }
            // A frame without a payload is complete although the input may be used up.
            guard let head = header,
                let payload = frames.parsePayload(of: head, input, at: &offset)
            else { return nil }
            header = nil
            let (bytes, isASCII) = payload
            if let message = try assembler.accept(head, bytes, isASCII: isASCII) {
                if head.opcode == .close { stop() }
                return message
            }
        }
        return nil
    }

    /// Lets go of every buffer, and reads nothing any more.
    private mutating func stop() {
        isDone = true
        header = nil
        frames = FrameParser(expectsMask: true)
        assembler = MessageAssembler(maxPayload: 0, maxFragments: 0)
    }
}
