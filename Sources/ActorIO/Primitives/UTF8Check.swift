/// Validates UTF-8 that arrives in pieces (RFC 3629; RFC 6455 8.1 asks it of every text message).
///
///     lead byte   bytes that must follow      first of them
///     00…7F       0
///     C2…DF       1                           80…BF
///     E0          2                           A0…BF   (no overlong forms)
///     E1…EC EE EF 2                           80…BF
///     ED          2                           80…9F   (no surrogates)
///     F0          3                           90…BF   (no overlong forms)
///     F1…F3       3                           80…BF
///     F4          3                           80…8F   (nothing above U+10FFFF)
struct UTF8Check: Sendable {
    /// Continuation bytes the character that was begun still needs.
    private var missing = 0
    private var lower: UInt8 = 0x80
    private var upper: UInt8 = 0xBF

    init() {}

    /// Whether what came so far ends at the end of a character.
    var isComplete: Bool { missing == 0 }

    /// Takes the next piece; false means that no continuation can make the text valid again.
    mutating func accept(_ bytes: Span<UInt8>) -> Bool {
        var index = 0
        while index < bytes.count {
            if missing == 0 {
                index = Self.skipASCII(bytes, from: index)
                guard index < bytes.count else { return true }
            }
            guard accept(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    mutating func accept(_ bytes: [UInt8]) -> Bool {
        accept(bytes.span)
    }

    /// Whether a whole text is valid.
    static func isValid(_ bytes: Span<UInt8>) -> Bool {
        var check = UTF8Check()
        return check.accept(bytes) && check.isComplete
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
        guard missing == 0 else {
            guard byte >= lower, byte <= upper else { return false }
            expect(missing - 1)
            return true
        }
        switch byte {
        case 0x00...0x7F: break
        case 0xC2...0xDF: expect(1)
        case 0xE0: expect(2, 0xA0, 0xBF)
        case 0xED: expect(2, 0x80, 0x9F)
        case 0xE1...0xEF: expect(2)
        case 0xF0: expect(3, 0x90, 0xBF)
        case 0xF1...0xF3: expect(3)
        case 0xF4: expect(3, 0x80, 0x8F)
        default: return false
        }
        return true
    }

    private mutating func expect(_ count: Int, _ lower: UInt8 = 0x80, _ upper: UInt8 = 0xBF) {
        missing = count
        self.lower = lower
        self.upper = upper
    }

    /// Most text is ASCII: eight bytes are looked at in one comparison.
    private static func skipASCII(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        let raw = unsafe bytes.bytes
        while index + 8 <= bytes.count {
            let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            guard word & 0x8080_8080_8080_8080 == 0 else { break }
            index += 8
        }
        while index < bytes.count, bytes[index] < 0x80 {
            index += 1
        }
        return index
    }
}
