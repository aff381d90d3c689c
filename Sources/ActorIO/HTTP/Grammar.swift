/// The letters of HTTP, told apart by byte: no `Character` ever looks at what the wire brought.
enum Grammar {
    // One bit per ASCII byte of `tchar` (RFC 9110 5.6.2), from 0 and from 64 on.
    private static var tokenLow: UInt64 { 0x03FF_6CFA_0000_0000 }
    private static var tokenHigh: UInt64 { 0x57FF_FFFF_C7FF_FFFE }

    /// Whether the byte may stand in a method, header or cookie name.
    static func isToken(_ byte: UInt8) -> Bool {
        if byte < 64 { return tokenLow & (1 << UInt64(byte)) != 0 }
        if byte < 128 { return tokenHigh & (1 << UInt64(byte &- 64)) != 0 }
        return false
    }

    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { isToken($0) }
    }

    /// Whether the byte may stand in a header value: all but controls, tab excepted.
    static func isFieldValue(_ byte: UInt8) -> Bool {
        (byte >= 0x20 && byte != 0x7F) || byte == 0x09
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    /// Without the spaces and tabs around it.
    static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = bytes
        while let first = rest.first, isSpace(first) { rest.removeFirst() }
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }

    /// Whether both are the same but for the case of A to Z.
    static func equal(
        _ bytes: some Collection<UInt8>,
        ignoringCaseOf text: some Collection<UInt8>
    ) -> Bool {
        guard bytes.count == text.count else { return false }
        var others = text.makeIterator()
        for byte in bytes {
            guard let other = others.next(), lowercased(byte) == lowercased(other) else {
                return false
            }
        }
        return true
    }

    /// Digits only and no overflow: `Int("+5")` would be 5.
    static func decimal(_ digits: some Collection<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.count <= 19 else { return nil }
        var value = 0
        for digit in digits {
            guard isDigit(digit) else { return nil }
            let (tens, tooBig) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = tens.addingReportingOverflow(Int(digit &- 0x30))
            guard !tooBig, !overflow else { return nil }
            value = sum
        }
        return value
    }

    /// The non-empty members of a comma-separated list, trimmed and in lower case.
    static func list(_ value: String) -> [String] {
        value.utf8.split(separator: 0x2C).compactMap { part in
            let trimmed = trimmed(Array(part)[...])
            guard !trimmed.isEmpty else { return nil }
            return String(decoding: trimmed.map { lowercased($0) }, as: UTF8.self)
        }
    }
}
