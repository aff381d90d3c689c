/// Strings out of JSON text that is known to be grammatical.
enum JSONText {
    /// The bytes RFC 8259 2 calls insignificant white space.
    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool {
        byte <= 0x20 && (byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09)
    }

    /// Whether there is no value at all.
    static func isBlank(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for index in range where !isSpace(bytes[index]) { return false }
        return true
    }

    static func hexDigit(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte &- UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte &- UInt8(ascii: "a") &+ 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte &- UInt8(ascii: "A") &+ 10)
        default: nil
        }
    }

    /// The text between two quotes, `range`.
    static func string(_ bytes: [UInt8], _ range: Range<Int>, isEscaped: Bool) -> String {
        guard isEscaped else { return String(decoding: bytes[range], as: UTF8.self) }
        return String(decoding: unescaped(bytes, range), as: UTF8.self)
    }

    private static func unescaped(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "\\"), index + 1 < range.upperBound else {
                text.append(byte)
                index += 1
                continue
            }
            let letter = bytes[index + 1]
            if letter == UInt8(ascii: "u") {
                append(unicode(bytes, &index, range.upperBound), to: &text)
            } else {
                text.append(plain(letter))
                index += 2
            }
        }
        return text
    }

    private static func plain(_ letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: letter
        }
    }

    /// Reads `\uXXXX`, or two of them that make one character.
    ///
    /// JavaScript may legally send half a pair (RFC 8259 8.2); it becomes U+FFFD.
    private static func unicode(
        _ bytes: [UInt8],
        _ index: inout Int,
        _ end: Int
    ) -> Unicode.Scalar {
        let replacement: Unicode.Scalar = "\u{FFFD}"
        let unit = codeUnit(bytes, index, end)
        index += 6
        guard let unit else {
            index = end
            return replacement
        }
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xDC00, let low = codeUnit(bytes, index, end),
            0xDC00...0xDFFF ~= low
        else {
            return replacement
        }
        index += 6
        let value = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
        return Unicode.Scalar(value) ?? replacement
    }

    private static func codeUnit(_ bytes: [UInt8], _ index: Int, _ end: Int) -> UInt16? {
        guard index + 6 <= end, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u")
        else { return nil }
        var unit: UInt16 = 0
        for digit in bytes[index + 2..<index + 6] {
            guard let value = hexDigit(digit) else { return nil }
            unit = unit << 4 | value
        }
        return unit
    }

    private static func append(_ scalar: Unicode.Scalar, to text: inout [UInt8]) {
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { text.append(byte) }
    }

    /// Where the value that begins at `start` ends, in text that is known to be valid.
    static func end(of start: Int, _ bytes: Span<UInt8>, _ end: Int) -> Int {
        var depth = 0
        var index = start
        while index < end {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index = endOfString(index, bytes, end)
                if depth == 0 { return index }
                continue
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if depth == 0 { return index }
                depth -= 1
                if depth == 0 { return index + 1 }
            case UInt8(ascii: ","), 0x20, 0x0A, 0x0D, 0x09:
                if depth == 0 { return index }
            default:
                break
            }
            index += 1
        }
        return end
    }

    /// Where the string whose opening quote is at `start` ends, behind its closing quote.
    static func endOfString(_ start: Int, _ bytes: Span<UInt8>, _ end: Int) -> Int {
        var index = start + 1
        while true {
            index = PlainRun.end(bytes, from: index, to: end)
            guard index < end else { return end }
            if bytes[index] == UInt8(ascii: "\"") { return index + 1 }
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
    }
}
