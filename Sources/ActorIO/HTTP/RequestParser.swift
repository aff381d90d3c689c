/// Turns bytes into request heads; any doubt about where a request ends is refused.
///
/// A head that is complete in the input is parsed there in one pass, without a copy. One that is
/// not is gathered first:
/// ```
/// read 1  GET /a HTTP/1.1\r\nHo        kept in `partial`, scanned for its end
/// read 2  st: x\r\n\r\n…               end found: parsed, offset stands at "…"
/// ```
/// After a head `offset` stands at the first byte of the body and the parser is fresh.
struct RequestParser: Sendable {
    let limits: HTTPLimits
    private var partial: [UInt8] = []
    private var scan = HeadScan()

    init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
    }

    /// Whether a part of a head has come and the rest is due.
    var isMidHead: Bool { !partial.isEmpty }

    /// Takes bytes from `offset` on; nil when all are taken and more are needed.
    mutating func parse(
        _ input: Span<UInt8>,
        at offset: inout Int
    ) throws(HTTPError) -> RequestHead? {
        guard offset < input.count else { return nil }
        if partial.isEmpty {
            if let head = try HeadReader.read(input, at: &offset, limits) { return head }
        }
        let start = offset
        var isComplete = false
        while offset < input.count, !isComplete {
            isComplete = try scan.accept(input[offset], limits)
            offset += 1
        }
        partial.append(from: input, start..<offset)
        guard isComplete else { return nil }
        let whole = partial
        self = RequestParser(limits: limits)
        var end = 0
        guard let head = try HeadReader.read(whole.span, at: &end, limits), end == whole.count
        else { throw HTTPError(.badRequest, "malformed request") }
        return head
    }
}

/// Finds the end of a head byte by byte, and refuses early what can never become one.
private struct HeadScan: Sendable {
    private enum Place {
        case first
        case firstCR
        case requestLine
        case cr
        case lineStart
        case line
        case lastCR
    }

    private var place = Place.first
    private var count = 0
    /// Where the request line starts, and where its first space is.
    private var start = 0
    private var space: Int?

    /// Whether the byte is the last of a head.
    mutating func accept(_ byte: UInt8, _ limits: HTTPLimits) throws(HTTPError) -> Bool {
        count += 1
        guard count <= limits.maxHeaderBytes else { throw HTTPError(.headerFieldsTooLarge) }
        switch (place, byte) {
        case (.first, 0x0D) where count == 1:
            place = .firstCR
        case (.firstCR, 0x0A):
            start = 2
            place = .first
        case (.requestLine, 0x0D), (.line, 0x0D):
            place = .cr
        case (.cr, 0x0A):
            place = .lineStart
        case (.lineStart, 0x0D):
            place = .lastCR
        case (.lastCR, 0x0A):
            return true
        case (.first, _), (.requestLine, _):
            try acceptInRequestLine(byte, limits)
        case (.line, _), (.lineStart, _):
            guard Grammar.isFieldValue(byte) else { throw HTTPError(.badRequest, "control byte") }
            place = .line
        default:
            throw HTTPError(.badRequest, "CR without LF")
        }
        return false
    }

    // The same limits as in HeadReader, so that a line that never ends is refused as early.
    private mutating func acceptInRequestLine(
        _ byte: UInt8,
        _ limits: HTTPLimits
    ) throws(HTTPError) {
        place = .requestLine
        let length = count - start
        guard let space else {
            if byte == 0x20 { self.space = length }
            guard byte == 0x20 || Grammar.isToken(byte), length <= HeadReader.maxMethodBytes + 1
            else { throw HTTPError(.badRequest, "malformed method") }
            return
        }
        guard byte >= 0x20, byte < 0x7F else { throw HTTPError(.badRequest, "control byte") }
        // The version takes nine bytes more.
        guard length - space <= limits.maxTargetBytes + 9 else { throw HTTPError(.uriTooLong) }
    }
}
