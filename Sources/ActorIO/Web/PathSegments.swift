/// The segments of a request path, decoded one by one, so that an escaped slash divides nothing.
enum PathSegments {
    /// Nil when an escape is malformed or hides a NUL or what is no UTF-8.
    static func decode(_ path: String) -> [[UInt8]]? {
        let bytes = Array(path.utf8)
        guard bytes.count > 1 else { return [] }
        var segments: [[UInt8]] = []
        for part in bytes.dropFirst().split(separator: 0x2F, omittingEmptySubsequences: false) {
            guard part.contains(0x25) else {
                segments.append(Array(part))
                continue
            }
            guard let decoded = PercentCoding.decode(part, plusIsSpace: false),
                !decoded.contains(0), String(validating: decoded, as: UTF8.self) != nil
            else { return nil }
            segments.append(decoded)
        }
        return segments
    }

    /// Whether a segment is "." or "..", which lead elsewhere on the way to a file.
    static func isDots(_ segment: [UInt8]) -> Bool {
        segment == [0x2E] || segment == [0x2E, 0x2E]
    }
}
