/// The masking of WebSocket payloads: every byte is combined with one of four key bytes in turn
/// (RFC 6455 5.3).
///
/// A key is written with the wire's first byte lowest. Masking and unmasking are the same act.
enum Mask {
    /// Returns the input combined with the key.
    ///
    /// `phase` is the number of payload bytes that came before: a payload may arrive in pieces.
    static func unmask(_ input: Span<UInt8>, key: UInt32, phase: Int = 0) -> [UInt8] {
        var out = [UInt8]()
        append(input, key: key, phase: phase, to: &out)
        return out
    }

    /// Appends the input combined with the key, and says whether all of it is ASCII.
    ///
    /// The answer costs nothing here and spares most text messages the check for UTF-8.
    @discardableResult
    static func append(
        _ input: Span<UInt8>,
        key: UInt32,
        phase: Int = 0,
        to out: inout [UInt8]
    ) -> Bool {
        // Adding nothing to an empty array would write to the one that all empty arrays share.
        guard input.count > 0 else { return true }
        let turned = rotated(key, by: phase)
        var isASCII = true
        out.append(addingCapacity: input.count) { target in
            unsafe target.withUnsafeMutableBufferPointer { buffer, count in
                unsafe input.withUnsafeBytes { source in
                    isASCII = unsafe combine(source, turned, UnsafeMutableRawBufferPointer(buffer))
                    count = source.count
                }
            }
        }
        return isASCII
    }

    /// The key as it is when `phase` bytes of it have been used.
    private static func rotated(_ key: UInt32, by phase: Int) -> UInt32 {
        let bits = UInt32(phase & 3) * 8
        return bits == 0 ? key : key >> bits | key << (32 - bits)
    }

    /// Eight bytes at a time; the `target` is at least as long as the `source`.
    private static func combine(
        _ source: UnsafeRawBufferPointer,
        _ key: UInt32,
        _ target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        let wide = (UInt64(key) << 32 | UInt64(key)).littleEndian
        let end = source.count & ~7
        var seen: UInt64 = 0
        for offset in stride(from: 0, to: end, by: 8) {
            let word = unsafe source.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ wide
            unsafe target.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
            seen |= word
        }
        var tail: UInt8 = 0
        for offset in end..<source.count {
            let part = UInt8(truncatingIfNeeded: key >> (UInt32(offset & 3) * 8))
            let byte = unsafe source[offset] ^ part
            unsafe target[offset] = byte
            tail |= byte
        }
        return (seen & 0x8080_8080_8080_8080) == 0 && tail < 0x80
    }
}
