/// Runs of bytes that mean nothing in a JSON string: no quote, no backslash, no control byte.
enum PlainRun {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Where the run that begins at `start` ends: at the first byte that means something, or at
    /// `end`.
    static func end(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
        var index = start
        let raw = unsafe bytes.bytes
        while index + 8 <= end {
            let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let found = special(UInt64(littleEndian: word))
            // The lowest mark is exact; those above it may be borrows.
            if found != 0 { return index + found.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < end, !isSpecial(bytes[index]) { index += 1 }
        return index
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// The high bit of every byte that means something.
    private static func special(_ word: UInt64) -> UInt64 {
        let quotes = word ^ (ones &* 0x22)
        let slashes = word ^ (ones &* 0x5C)
        let controls = (word &- ones &* 0x20) & ~word
        return ((quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes | controls) & highs
    }
}
