/// The secret by which a client asks for its socket back: 128 random bits.
///
/// On the wire it is called `pid`. It has no description, so that no log shows it by accident.
struct RecoveryID: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// A new one that nobody can guess.
    init() {
        (high, low) = Token.words()
    }

    /// Reads the text of one; nil unless it is exactly what ``text`` writes.
    init?(_ text: String) {
        guard let bytes = Base64.decode(Array(text.utf8)[...], .url, padding: false),
            bytes.count == 16
        else { return nil }
        high = Self.word(bytes[..<8])
        low = Self.word(bytes[8...])
    }

    /// The twenty-two characters clients know.
    var text: String {
        let bytes = Self.bytes(high) + Self.bytes(low)
        return String(decoding: Base64.encode(bytes, .url, padding: false), as: UTF8.self)
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func bytes(_ word: UInt64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
    }
}
