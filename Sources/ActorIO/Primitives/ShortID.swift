/// Fifteen random bytes, written as twenty URL-safe characters and kept without heap memory.
///
/// Each word holds sixty bits, ten characters of six.
struct ShortID: Hashable, Sendable {
    static let length = 20

    private let high: UInt64
    private let low: UInt64

    /// A new identifier nobody can guess.
    init() {
        let (high, low) = Token.words()
        self.high = high & Self.mask
        self.low = low & Self.mask
    }

    /// Reads an identifier; nil unless it is exactly twenty characters of the alphabet.
    init?(_ text: some Collection<UInt8>) {
        guard text.count == Self.length else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for byte in text {
            guard let value = Self.value(byte) else { return nil }
            high = (high << 6 | low >> 54) & Self.mask
            low = (low << 6 | value) & Self.mask
        }
        self.high = high
        self.low = low
    }

    init?(_ text: String) {
        self.init(text.utf8)
    }

    var text: String {
        var out: [UInt8] = []
        out.reserveCapacity(Self.length)
        append(to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    func append(to out: inout [UInt8]) {
        Self.append(high, to: &out)
        Self.append(low, to: &out)
    }

    private static let mask: UInt64 = 1 << 60 - 1

    private static func append(_ word: UInt64, to out: inout [UInt8]) {
        var shift: UInt64 = 60
        while shift > 0 {
            shift -= 6
            out.append(character(UInt8(truncatingIfNeeded: word >> shift) & 63))
        }
    }

    private static func character(_ value: UInt8) -> UInt8 {
        switch value {
        case ..<26: value + UInt8(ascii: "A")
        case ..<52: value - 26 + UInt8(ascii: "a")
        case ..<62: value - 52 + UInt8(ascii: "0")
        case 62: UInt8(ascii: "-")
        default: UInt8(ascii: "_")
        }
    }

    private static func value(_ character: UInt8) -> UInt64? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt64(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt64(character - UInt8(ascii: "a") + 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(character - UInt8(ascii: "0") + 52)
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}

extension ShortID: CustomStringConvertible {
    var description: String { text }
}
