/// What SHA-1 and SHA-256 share: blocks of 64 bytes, big-endian words, the length at the end.
enum MessagePadding {
    /// The rest of a message of `total` bytes, a one bit, zeros, and the length in bits
    /// (FIPS 180-4 5.1.1).
    static func pad(_ rest: [UInt8], total: Int? = nil) -> [UInt8] {
        var out = rest
        let zeros = (55 - rest.count) & 63
        out.reserveCapacity(rest.count + zeros + 9)
        out.append(0x80)
        out.append(contentsOf: repeatElement(0, count: zeros))
        let bits = UInt64(total ?? rest.count) &* 8
        append(UInt32(truncatingIfNeeded: bits >> 32), to: &out)
        append(UInt32(truncatingIfNeeded: bits), to: &out)
        return out
    }

    /// Appends a word, most significant byte first.
    static func append(_ word: UInt32, to out: inout [UInt8]) {
        out.append(UInt8(truncatingIfNeeded: word >> 24))
        out.append(UInt8(truncatingIfNeeded: word >> 16))
        out.append(UInt8(truncatingIfNeeded: word >> 8))
        out.append(UInt8(truncatingIfNeeded: word))
    }

    /// Reads one block into the first sixteen words of a schedule.
    static func load(_ block: UnsafePointer<UInt8>, into words: UnsafeMutablePointer<UInt32>) {
        var index = 0
        while index < 16 {
            let at = unsafe block + index &* 4
            let high = unsafe UInt32(at[0]) &<< 24 | UInt32(at[1]) &<< 16
            let low = unsafe UInt32(at[2]) &<< 8 | UInt32(at[3])
            unsafe words[index] = high | low
            index = index &+ 1
        }
    }
}
