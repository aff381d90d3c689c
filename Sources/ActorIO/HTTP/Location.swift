/// Where a redirect may lead.
enum Location {
    /// The text with everything percent-encoded that may not stand in a URL (RFC 3986 2).
    ///
    /// Escapes that are already there stay as they are.
    static func escaped(_ text: String) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isAllowed(byte) {
                out.append(byte)
            } else {
                PercentCoding.appendEscape(byte, to: &out)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Whether the text names a place on this very site: for `next=` parameters.
    ///
    /// `//evil` and `/\evil` lead elsewhere in browsers, and they drop tabs and line breaks.
    static func isLocal(_ text: String) -> Bool {
        var bytes = text.utf8.makeIterator()
        guard bytes.next() == 0x2F else { return false }
        if let second = bytes.next(), second == 0x2F || second == 0x5C { return false }
        return text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != 0x5C }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        guard byte > 0x20, byte < 0x7F else { return false }
        // " < > \ ^ ` { | }
        return ![0x22, 0x3C, 0x3E, 0x5C, 0x5E, 0x60, 0x7B, 0x7C, 0x7D].contains(byte)
    }
}
