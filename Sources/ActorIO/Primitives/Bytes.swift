/// Bytes are `[UInt8]` in every room; these are the few verbs the standard library lacks.
extension [UInt8] {
    /// The UTF-8 bytes of a text.
    init(_ text: String) {
        self = Array(text.utf8)
    }

    /// Appends the UTF-8 bytes of a text.
    mutating func append(_ text: String) {
        append(contentsOf: text.utf8)
    }

    /// Appends a number in decimal digits, without building a `String` on the way.
    mutating func append(decimal value: Int) {
        if value < 0 {
            append(UInt8(ascii: "-"))
        }
        appendDigits(value.magnitude)
    }

    /// The last digit first, from the right; dividing by a constant is a multiplication.
    private mutating func appendDigits(_ value: UInt) {
        var (digits, power): (Int, UInt) = (1, 10)
        while digits < 19, value >= power {
            digits += 1
            power *= 10
        }
        // The twentieth digit of the greatest numbers has no power of ten above it.
        if digits == 19, value >= power { digits = 20 }
        append(contentsOf: repeatElement(0, count: digits))
        var (rest, index) = (value, count)
        for _ in 0..<digits {
            index -= 1
            self[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}

extension String {
    /// The longest beginning of at most that many bytes that parts no scalar.
    ///
    /// A `Character` can have thousands of bytes, so counting those would be no limit.
    func prefix(bytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: max(0, limit))
        while end > utf8.startIndex, utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
