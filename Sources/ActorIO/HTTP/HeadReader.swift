/// Reads a head that lies in one piece: one pass, no string but method and target.
enum HeadReader {
    static let maxMethodBytes = 20

    /// The head at `offset`; nil, with `offset` unmoved, when its end is not in the input.
    static func read(
        _ input: Span<UInt8>,
        at offset: inout Int,
        _ limits: HTTPLimits
    ) throws(HTTPError) -> RequestHead? {
        var cursor = offset
        // One empty line before the request line is skipped (RFC 9112 2.2).
        if input[cursor] == 0x0D {
            guard try skipLineEnd(input, at: &cursor) else { return nil }
        }
        let start = cursor
        guard let method = try method(input, at: &cursor),
            let target = try target(input, at: &cursor, limits),
            let minorVersion = try version(input, at: &cursor),
            let headers = try fields(input, at: &cursor, from: start, limits)
        else { return nil }
        var head = RequestHead(
            method: method,
            target: target,
            minorVersion: minorVersion,
            headers: headers
        )
        try HeadCheck.complete(&head, limits)
        offset = cursor
        return head
    }

    private static func method(
        _ input: Span<UInt8>,
        at cursor: inout Int
    ) throws(HTTPError) -> Method? {
        let start = cursor
        while cursor < input.count, input[cursor] != 0x20 {
            guard Grammar.isToken(input[cursor]), cursor - start < maxMethodBytes else {
                throw HTTPError(.badRequest, "malformed method")
            }
            cursor += 1
        }
        guard cursor < input.count else { return nil }
        guard cursor > start else { throw HTTPError(.badRequest, "malformed method") }
        defer { cursor += 1 }
        return try known(input, start..<cursor)
    }

    // The usual ones are compared, not copied.
    private static func known(
        _ input: Span<UInt8>,
        _ range: Range<Int>
    ) throws(HTTPError) -> Method {
        if range.count == 3, input[range.lowerBound] == 0x47, input[range.lowerBound + 1] == 0x45,
            input[range.lowerBound + 2] == 0x54
        {
            return .get
        }
        for index in range where input[index] != 0x2D && input[index] &- 0x41 >= 26 {
            throw HTTPError(.notImplemented, "unknown method")
        }
        let method = Method(try text(input, range))
        guard method != .connect else { throw HTTPError(.methodNotAllowed, "no tunnels here") }
        return method
    }

    private static func target(
        _ input: Span<UInt8>,
        at cursor: inout Int,
        _ limits: HTTPLimits
    ) throws(HTTPError) -> String? {
        let start = cursor
        var hasEscape = false
        while cursor < input.count, input[cursor] != 0x20 {
            let byte = input[cursor]
            guard byte > 0x20, byte < 0x7F, byte != 0x23 else {
                throw HTTPError(.badRequest, "malformed target")
            }
            hasEscape = hasEscape || byte == 0x25
            cursor += 1
            guard cursor - start <= limits.maxTargetBytes else { throw HTTPError(.uriTooLong) }
        }
        guard cursor < input.count else { return nil }
        // Origin form only: this is no proxy, and "*" asks about a server, not a resource.
        guard cursor > start, input[start] == 0x2F else {
            throw HTTPError(.badRequest, "malformed target")
        }
        let target = try text(input, start..<cursor)
        if hasEscape { try HeadCheck.escapes(of: target) }
        cursor += 1
        return target
    }

    private static func version(
        _ input: Span<UInt8>,
        at cursor: inout Int
    ) throws(HTTPError) -> Int? {
        // HTTP/1.x and CRLF
        guard cursor + 10 <= input.count else { return nil }
        let major = input[cursor + 5]
        let minor = input[cursor + 7]
        guard input[cursor] == 0x48, input[cursor + 1] == 0x54, input[cursor + 2] == 0x54,
            input[cursor + 3] == 0x50, input[cursor + 4] == 0x2F, Grammar.isDigit(major),
            input[cursor + 6] == 0x2E, Grammar.isDigit(minor)
        else { throw HTTPError(.badRequest, "malformed version") }
        cursor += 8
        _ = try skipLineEnd(input, at: &cursor)
        guard major == 0x31, minor <= 0x31 else { throw HTTPError(.versionNotSupported) }
        return Int(minor - 0x30)
    }

    private static func fields(
        _ input: Span<UInt8>,
        at cursor: inout Int,
        from start: Int,
        _ limits: HTTPLimits
    ) throws(HTTPError) -> Headers? {
        var headers = Headers()
        headers.reserve(fields: 12, bytes: min(input.count - cursor, 2_048))
        while cursor < input.count {
            if input[cursor] == 0x0D {
                guard try skipLineEnd(input, at: &cursor) else { return nil }
                guard cursor - start <= limits.maxHeaderBytes else {
                    throw HTTPError(.headerFieldsTooLarge)
                }
                return headers
            }
            guard let (name, value) = try field(input, at: &cursor) else { return nil }
            guard headers.count < limits.maxHeaderCount, cursor - start <= limits.maxHeaderBytes
            else { throw HTTPError(.headerFieldsTooLarge) }
            headers.append(from: input, name: name, value: value)
        }
        return nil
    }

    private static func field(
        _ input: Span<UInt8>,
        at cursor: inout Int
    ) throws(HTTPError) -> (name: Range<Int>, value: Range<Int>)? {
        let count = input.count
        let start = cursor
        while cursor < count, Grammar.isToken(input[cursor]) { cursor += 1 }
        guard cursor < count else { return nil }
        // No space before the colon, no folded line (RFC 9112 5.1, 5.2).
        guard input[cursor] == 0x3A, cursor > start else {
            throw HTTPError(.badRequest, "malformed header name")
        }
        let name = start..<cursor
        cursor += 1
        while cursor < count, Grammar.isSpace(input[cursor]) { cursor += 1 }
        let first = cursor
        while cursor < count, Grammar.isFieldValue(input[cursor]) { cursor += 1 }
        var end = cursor
        guard try skipLineEnd(input, at: &cursor) else { return nil }
        while end > first, Grammar.isSpace(input[end - 1]) { end -= 1 }
        return (name, first..<end)
    }

    /// Whether CRLF is there; anything else in its place is refused, LF alone above all.
    private static func skipLineEnd(
        _ input: Span<UInt8>,
        at cursor: inout Int
    ) throws(HTTPError) -> Bool {
        guard cursor < input.count else { return false }
        guard input[cursor] == 0x0D else { throw HTTPError(.badRequest, "malformed line") }
        guard cursor + 1 < input.count else { return false }
        guard input[cursor + 1] == 0x0A else { throw HTTPError(.badRequest, "CR without LF") }
        cursor += 2
        return true
    }

    private static func text(
        _ input: Span<UInt8>,
        _ range: Range<Int>
    ) throws(HTTPError) -> String {
        guard let text = try? UTF8Span(validating: input.extracting(range)) else {
            throw HTTPError(.badRequest)
        }
        return String(copying: text)
    }
}
