/// Base64 in both alphabets of RFC 4648, strict when reading.
enum Base64 {
    enum Alphabet: Sendable {
        case standard, url
    }

    static func encode(
        _ bytes: [UInt8],
        _ alphabet: Alphabet = .standard,
        padding: Bool = true
    ) -> [UInt8] {
        var out: [UInt8] = []
        append(bytes[...], to: &out, alphabet, padding: padding)
        return out
    }

    /// Appends the standard alphabet with padding: what a binary packet is on a poll.
    static func append(_ bytes: ArraySlice<UInt8>, to out: inout [UInt8]) {
        append(bytes, to: &out, .standard, padding: true)
    }

    static func append(
        _ bytes: ArraySlice<UInt8>,
        to out: inout [UInt8],
        _ alphabet: Alphabet,
        padding: Bool
    ) {
        let start = out.count
        out.append(contentsOf: repeatElement(pad, count: encodedCount(bytes.count, padding)))
        let digits = alphabet == .standard ? standardDigits : urlDigits
        unsafe bytes.withUnsafeBufferPointer { input in
            unsafe out.withUnsafeMutableBufferPointer { output in
                unsafe digits.withUnsafeBufferPointer { digits in
                    unsafe write(input, to: output, at: start, digits)
                }
            }
        }
    }

    /// The bytes of a text, or nil when it is not exactly what an encoder writes.
    ///
    /// Refused: other alphabets, white space, missing or superfluous padding, and trailing bits
    /// that are not zero (RFC 4648 3.5), so that no two texts mean the same bytes.
    static func decode(
        _ text: ArraySlice<UInt8>,
        _ alphabet: Alphabet = .standard,
        padding: Bool = true
    ) -> [UInt8]? {
        guard let digits = digitCount(text, padding) else { return nil }
        let table = alphabet == .standard ? standardValues : urlValues
        let count = digits / 4 * 3 + max(0, digits % 4 - 1)
        var valid = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { output, filled in
            valid = unsafe text.withUnsafeBufferPointer { input in
                unsafe table.withUnsafeBufferPointer { table in
                    unsafe read(UnsafeBufferPointer(rebasing: input[..<digits]), table, output)
                }
            }
            filled = valid ? count : 0
        }
        return valid ? bytes : nil
    }

    private static let pad = UInt8(ascii: "=")
    private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    private static let standardDigits = [UInt8](
        letters + "0123456789+/"
    )
    private static let urlDigits = [UInt8](
        letters + "0123456789-_"
    )
    private static let standardValues = values(of: standardDigits)
    private static let urlValues = values(of: urlDigits)
    private static let invalid: UInt8 = 0xFF

    private static func values(of digits: [UInt8]) -> [UInt8] {
        var table = [UInt8](repeating: invalid, count: 256)
        for (value, digit) in digits.enumerated() {
            table[Int(digit)] = UInt8(value)
        }
        return table
    }

    private static func encodedCount(_ count: Int, _ padding: Bool) -> Int {
        padding ? (count + 2) / 3 * 4 : (count * 4 + 2) / 3
    }

    /// How many characters carry bits, or nil when the length or the padding is wrong.
    private static func digitCount(_ text: ArraySlice<UInt8>, _ padding: Bool) -> Int? {
        guard padding else { return text.count % 4 == 1 ? nil : text.count }
        guard text.count % 4 == 0 else { return nil }
        guard text.last == pad else { return text.count }
        return text[text.endIndex - 2] == pad ? text.count - 2 : text.count - 1
    }

    private static func write(
        _ input: UnsafeBufferPointer<UInt8>,
        to output: UnsafeMutableBufferPointer<UInt8>,
        at start: Int,
        _ digits: UnsafeBufferPointer<UInt8>
    ) {
        var from = 0
        var to = start
        while from + 2 < input.count {
            let a = unsafe Int(input[from])
            let b = unsafe Int(input[from + 1])
            let c = unsafe Int(input[from + 2])
            unsafe output[to] = digits[a &>> 2]
            unsafe output[to + 1] = digits[(a & 3) &<< 4 | b &>> 4]
            unsafe output[to + 2] = digits[(b & 15) &<< 2 | c &>> 6]
            unsafe output[to + 3] = digits[c & 63]
            from += 3
            to += 4
        }
        guard from < input.count else { return }
        let a = unsafe Int(input[from])
        let b = unsafe from + 1 < input.count ? Int(input[from + 1]) : 0
        unsafe output[to] = digits[a &>> 2]
        unsafe output[to + 1] = digits[(a & 3) &<< 4 | b &>> 4]
        if from + 1 < input.count {
            unsafe output[to + 2] = digits[(b & 15) &<< 2]
        }
    }

    private static func read(
        _ input: UnsafeBufferPointer<UInt8>,
        _ table: UnsafeBufferPointer<UInt8>,
        _ output: UnsafeMutableBufferPointer<UInt8>
    ) -> Bool {
        var bits = 0
        var held = 0
        var written = 0
        for index in 0..<input.count {
            let value = unsafe table[Int(input[index])]
            guard value != invalid else { return false }
            bits = (bits &<< 6 | Int(value)) & 0xFFFF
            held += 6
            guard held >= 8 else { continue }
            held -= 8
            unsafe output[written] = UInt8(truncatingIfNeeded: bits &>> held)
            written += 1
        }
        return bits & ((1 &<< held) - 1) == 0
    }
}
