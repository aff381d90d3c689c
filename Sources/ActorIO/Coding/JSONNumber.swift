/// Numbers out of JSON text that is known to be grammatical.
enum JSONNumber {
    /// An integer that fits the type, from digits with an optional minus.
    static func integer<T: FixedWidthInteger>(_ bytes: Span<UInt8>, _ range: Range<Int>) -> T? {
        guard range.count > 18 else { return short(bytes, range).flatMap(T.init(exactly:)) }
        let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
        var value: T = 0
        for index in range.dropFirst(isNegative ? 1 : 0) {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let step = T(truncatingIfNeeded: digit)
            let (sum, carry) =
                isNegative
                ? shifted.subtractingReportingOverflow(step)
                : shifted.addingReportingOverflow(step)
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    /// An integer of at most 18 characters, which no `Int64` overflows.
    private static func short(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
        guard !range.isEmpty else { return nil }
        let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
        var index = range.lowerBound + (isNegative ? 1 : 0)
        var value: Int64 = 0
        while index < range.upperBound {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            value = value &* 10 &+ Int64(digit)
            index += 1
        }
        return isNegative ? -value : value
    }

    static func integer<T: FixedWidthInteger>(_ bytes: [UInt8], _ range: Range<Int>) -> T? {
        integer(bytes.span, range)
    }

    static func double(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
        double(bytes.span, range)
    }

    /// The nearest double, or nil when the number is too great for one.
    static func double(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
        if let exact = exact(bytes, range) { return exact }
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        for index in range { text.append(bytes[index]) }
        guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else {
            return nil
        }
        return value
    }

    /// The value when it is an exact integer times an exact power of ten.
    ///
    /// Both fit a double without rounding (2^53, 10^22), so that the one operation rounds right.
    private static func exact(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
        guard range.count <= 17 else { return nil }
        var index = range.lowerBound
        let isNegative = bytes[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        var digits: UInt64 = 0
        var fraction = 0
        var isFraction = false
        while index < range.upperBound {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: ".") {
                isFraction = true
                continue
            }
            let digit = byte &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            digits = digits &* 10 &+ UInt64(digit)
            if isFraction { fraction += 1 }
        }
        guard digits <= 1 << 53 else { return nil }
        var power = 1.0
        for _ in 0..<fraction { power *= 10 }
        let value = Double(digits) / power
        return isNegative ? -value : value
    }
}
