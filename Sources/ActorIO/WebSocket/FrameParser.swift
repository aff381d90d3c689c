/// Reads frames from bytes as they arrive: first a header, then its payload.
///
/// Everything a header can do wrong is refused before a byte of its payload is kept, and what
/// a header announces is never reserved: memory grows with the bytes that really came.
struct FrameParser: Sendable {
    /// Whether the peer must mask: clients always, servers never (RFC 6455 5.1).
    private let expectsMask: Bool
    /// The bytes of a header that is not complete yet.
    private var pending = InlineArray<14, UInt8>(repeating: 0)
    private var pendingCount = 0
    /// The payload of a frame that is not complete yet.
    private var payload: [UInt8] = []
    private var isASCII = true

    /// A payload up to this size gets its array in one piece before all of it has arrived.
    private static let largestReservation = 65_536

    init(expectsMask: Bool) {
        self.expectsMask = expectsMask
    }

    /// Whether a header has begun and not ended.
    var isMidHeader: Bool { pendingCount > 0 }

    /// How much memory the unfinished payload takes.
    var heldBytes: Int { payload.capacity }

    /// Reads a header; nil means that all input is consumed and the header goes on.
    ///
    /// `limit` is how many bytes a data frame may have now; more are 1009.
    mutating func parseHeader(
        _ input: Span<UInt8>,
        at offset: inout Int,
        limit: Int
    ) throws(WebSocketError) -> FrameHeader? {
        if pendingCount == 0 {
            let rest = input.extracting(offset..<input.count)
            if let (header, size) = try Self.header(in: rest, expectsMask, limit) {
                offset += size
                return header
            }
        }
        while offset < input.count {
            pending[pendingCount] = input[offset]
            pendingCount += 1
            offset += 1
            let known = pending.span.extracting(0..<pendingCount)
            if let (header, _) = try Self.header(in: known, expectsMask, limit) {
                pendingCount = 0
                return header
            }
        }
        return nil
    }

    /// Reads the payload behind a header; nil means that all input is consumed and it goes on.
    ///
    /// A payload that is in the input as a whole costs one allocation: the array returned.
    mutating func parsePayload(
        of header: FrameHeader,
        _ input: Span<UInt8>,
        at offset: inout Int
    ) -> (bytes: [UInt8], isASCII: Bool)? {
        let missing = header.length - payload.count
        let count = min(missing, input.count - offset)
        let chunk = input.extracting(offset..<offset + count)
        offset += count
        if count == missing, payload.isEmpty {
            var whole = [UInt8]()
            let isASCII = Mask.append(chunk, key: header.mask ?? 0, to: &whole)
            return (whole, isASCII)
        }
        if count > 0 { keep(chunk, of: header) }
        guard count == missing else { return nil }
        defer { (payload, isASCII) = ([], true) }
        return (payload, isASCII)
    }

    private mutating func keep(_ chunk: Span<UInt8>, of header: FrameHeader) {
        if payload.isEmpty {
            let fair = max(4 * chunk.count, 256)
            payload.reserveCapacity(min(header.length, fair, Self.largestReservation))
        }
        let key = header.mask ?? 0
        if !Mask.append(chunk, key: key, phase: payload.count, to: &payload) { isASCII = false }
    }

    /// Checks what is there of a header, and returns it with its size when it is complete.
    private static func header(
        in bytes: Span<UInt8>,
        _ expectsMask: Bool,
        _ limit: Int
    ) throws(WebSocketError) -> (FrameHeader, size: Int)? {
        guard bytes.count > 0 else { return nil }
        let opcode = try opcode(bytes[0])
        let isFinal = bytes[0] & FrameHeader.finalBit != 0
        if opcode.isControl, !isFinal { throw .broken("control frame is fragmented") }
        guard bytes.count > 1 else { return nil }
        let isMasked = bytes[1] & FrameHeader.maskBit != 0
        guard isMasked == expectsMask else {
            throw .broken(isMasked ? "frame is masked" : "frame is not masked")
        }
        guard let (length, end) = try length(in: bytes, of: opcode, limit) else { return nil }
        guard isMasked else {
            return (FrameHeader(opcode: opcode, isFinal: isFinal, mask: nil, length: length), end)
        }
        guard bytes.count >= end + 4 else { return nil }
        var mask: UInt32 = 0
        for index in 0..<4 { mask |= UInt32(bytes[end + index]) << UInt32(8 * index) }
        return (FrameHeader(opcode: opcode, isFinal: isFinal, mask: mask, length: length), end + 4)
    }

    /// RFC 6455 5.2: no extension is agreed on, so its bits must be zero.
    private static func opcode(_ byte: UInt8) throws(WebSocketError) -> Opcode {
        guard byte & FrameHeader.reservedBits == 0 else { throw .broken("reserved bit is set") }
        guard let opcode = Opcode(rawValue: byte & 0x0F) else { throw .broken("unknown opcode") }
        return opcode
    }

    /// The payload's length and where the length ends; nil when more bytes are needed.
    ///
    /// "The minimal number of bytes MUST be used to encode the length" (RFC 6455 5.2).
    private static func length(
        in bytes: Span<UInt8>,
        of opcode: Opcode,
        _ limit: Int
    ) throws(WebSocketError) -> (length: Int, end: Int)? {
        let short = bytes[1] & ~FrameHeader.maskBit
        if opcode.isControl, short > FrameHeader.maxControlLength {
            throw .broken("control frame is too long")
        }
        let size = short < 126 ? 0 : short == 126 ? 2 : 8
        guard bytes.count >= 2 + size else { return nil }
        // Unsigned until it is compared with the limit: no conversion can trap.
        var length: UInt64 = size == 0 ? UInt64(short) : 0
        for index in 2..<2 + size { length = length << 8 | UInt64(bytes[index]) }
        if size == 2 && length < 126 || size == 8 && length <= 0xFFFF {
            throw .broken("length is not in its shortest form")
        }
        if opcode.isControl { return (Int(short), 2 + size) }
        guard length <= UInt64(clamping: limit) else { throw .tooBig }
        return (Int(truncatingIfNeeded: length), 2 + size)
    }
}
