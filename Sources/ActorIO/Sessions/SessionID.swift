/// Names one session: twenty-four random bytes, thirty-two URL-safe characters as text.
///
/// The id alone opens nothing: a cookie also carries its signature.
public struct SessionID: Hashable, Sendable, CustomStringConvertible {
    // Inline words: an id in a table of a hundred thousand owns no memory of its own.
    private let a: UInt64
    private let b: UInt64
    private let c: UInt64

    /// A new id nobody can guess.
    public init() {
        self.init(words: Token.bytes(24))
    }

    /// Reads an id back from its text; nil for anything that can not be one.
    public init?(_ text: String) {
        self.init(utf8: Array(text.utf8)[...])
    }

    /// An id of one's own, of twenty-four bytes; nil for any other number of them.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 24 else { return nil }
        self.init(words: bytes)
    }

    init?(utf8: ArraySlice<UInt8>) {
        guard utf8.count == 32, let bytes = Base64.decode(utf8, .url, padding: false) else {
            return nil
        }
        self.init(words: bytes)
    }

    private init(words bytes: [UInt8]) {
        func word(_ start: Int) -> UInt64 {
            bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
        a = word(0)
        b = word(8)
        c = word(16)
    }

    /// The thirty-two characters.
    public var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24)
        for word in [a, b, c] {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return String(decoding: Base64.encode(bytes, .url, padding: false), as: UTF8.self)
    }
}
