/// Answers conditional and range requests for files and tagged bytes (RFC 9110 13 and 14).
enum Conditional {
    /// The response as it is, or 304, 206 or 416 in its place.
    static func answer(_ response: Response, to request: Request) -> Response {
        guard response.status == .ok, let size = size(of: response),
            request.method == .get || request.method == .head
        else { return response }
        if isUnchanged(response.headers, request.headers) {
            var answer = Response(.notModified, response.headers)
            answer.headers.remove("content-type")
            return answer
        }
        guard request.method == .get, let value = request.headers["range"],
            rangeCounts(response.headers, request.headers)
        else { return response }
        return part(of: response, size, value)
    }

    /// Files, and bytes that have a tag, are things of which one can have a part, or the same
    /// again.
    private static func size(of response: Response) -> Int? {
        switch response.content {
        case .file(let slice): slice.range.count
        case .bytes(let bytes) where response.headers["etag"] != nil: bytes.count
        default: nil
        }
    }

    // If-None-Match decides alone when it is there (RFC 9110 13.2.2).
    private static func isUnchanged(_ own: Headers, _ asked: Headers) -> Bool {
        let tags = asked.values("if-none-match").flatMap(list)
        if !tags.isEmpty {
            guard let tag = own["etag"].map({ opaque(Array($0.utf8)[...]) }) else { return false }
            return tags.contains { $0 == [0x2A] || opaque($0) == tag }
        }
        guard let since = asked["if-modified-since"].flatMap({ HTTPDate($0) }),
            let modified = own["last-modified"].flatMap({ HTTPDate($0) })
        else { return false }
        return modified.seconds <= since.seconds
    }

    private static func list(_ value: String) -> [ArraySlice<UInt8>] {
        Array(value.utf8).split(separator: 0x2C).map { Grammar.trimmed($0) }
    }

    /// The tag without its weakness mark, for the weak comparison of RFC 9110 8.8.3.2.
    private static func opaque(_ tag: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        tag.starts(with: [0x57, 0x2F]) ? tag.dropFirst(2) : tag
    }

    // If-Range needs a strong comparison: ours is a weak tag, so only the exact date counts.
    private static func rangeCounts(_ own: Headers, _ asked: Headers) -> Bool {
        guard let condition = asked["if-range"] else { return true }
        guard let date = HTTPDate(condition) else { return false }
        return own["last-modified"].flatMap { HTTPDate($0) } == date
    }

    private static func part(of response: Response, _ size: Int, _ value: String) -> Response {
        var response = response
        switch ByteRange.parse(value, size: size) {
        case .whole:
            return response
        case .none:
            response.status = .rangeNotSatisfiable
            response.headers["Content-Range"] = "bytes */\(size)"
            response.headers.remove("content-type")
            response.content = .empty
        case .part(let range):
            response.status = .partialContent
            response.headers["Content-Range"] =
                "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            response.content = cut(response.content, to: range)
        }
        return response
    }

    private static func cut(_ content: Response.Content, to range: Range<Int>) -> Response.Content {
        switch content {
        case .file(let slice):
            let start = slice.range.lowerBound
            let moved = (range.lowerBound + start)..<(range.upperBound + start)
            return .file(FileSlice(file: slice.file, range: moved))
        case .bytes(let bytes): return .bytes(Array(bytes[range]))
        default: return content
        }
    }
}

/// One range of bytes out of a `Range` header; several, or a malformed one, mean the whole.
enum ByteRange: Equatable {
    case whole
    case part(Range<Int>)
    /// Well formed, and beyond the end.
    case none

    static func parse(_ value: String, size: Int) -> ByteRange {
        let bytes = Array(value.utf8)
        guard bytes.starts(with: "bytes=".utf8) else { return .whole }
        let spec = bytes.dropFirst(6)
        guard let dash = spec.firstIndex(of: 0x2D) else { return .whole }
        let first = spec[..<dash]
        let last = spec[(dash + 1)...]
        if first.isEmpty {
            // The last n bytes.
            guard let count = Grammar.decimal(last) else { return .whole }
            return count == 0 || size == 0 ? .none : .part(max(0, size - count)..<size)
        }
        // A number that overflows is no number: the header is ignored.
        guard let start = Grammar.decimal(first) else { return .whole }
        guard let end = last.isEmpty ? Int.max : Grammar.decimal(last), end >= start else {
            return .whole
        }
        return start < size ? .part(start..<(min(end, size - 1) + 1)) : .none
    }
}
