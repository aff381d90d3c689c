/// PBKDF2 with HMAC-SHA256 (RFC 8018 5.2).
///
/// The key's two blocks are hashed once. Every further round is then two compressions over words
/// that never leave their registers' format: no bytes, no arrays.
enum PBKDF2 {
    static func key(password: [UInt8], salt: [UInt8], rounds: Int, length: Int) -> [UInt8] {
        let code = HMACSHA256(key: password)
        var out: [UInt8] = []
        var block: UInt32 = 1
        while out.count < length {
            var message = salt
            MessagePadding.append(block, to: &message)
            out.append(contentsOf: self.block(code, first: code.code(for: message), rounds))
            block += 1
        }
        return Array(out.prefix(length))
    }

    private static func block(_ code: HMACSHA256, first: [UInt8], _ rounds: Int) -> [UInt8] {
        var current = words(first)
        var sum = current
        unsafe SHA256.withSchedule { w, k in
            unsafe fillPadding(w)
            var round = 1
            while round < rounds {
                unsafe store(current, into: w)
                current = code.inner
                unsafe current.compress(w, k)
                unsafe store(current, into: w)
                current = code.outer
                unsafe current.compress(w, k)
                mix(current, into: &sum)
                round = round &+ 1
            }
        }
        return sum.bytes
    }

    /// A digest of 32 bytes behind a key block of 64 makes 768 bits, in one block.
    private static func fillPadding(_ w: UnsafeMutablePointer<UInt32>) {
        for index in 9..<15 {
            unsafe w[index] = 0
        }
        unsafe w[8] = 0x8000_0000
        unsafe w[15] = 768
    }

    private static func words(_ digest: [UInt8]) -> SHA256.State {
        func word(_ index: Int) -> UInt32 {
            digest[index * 4..<index * 4 + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        var state = SHA256.State()
        (state.a, state.b, state.c, state.d) = (word(0), word(1), word(2), word(3))
        (state.e, state.f, state.g, state.h) = (word(4), word(5), word(6), word(7))
        return state
    }

    private static func store(_ digest: SHA256.State, into w: UnsafeMutablePointer<UInt32>) {
        unsafe w[0] = digest.a
        unsafe w[1] = digest.b
        unsafe w[2] = digest.c
        unsafe w[3] = digest.d
        unsafe w[4] = digest.e
        unsafe w[5] = digest.f
        unsafe w[6] = digest.g
        unsafe w[7] = digest.h
    }

    private static func mix(_ digest: SHA256.State, into sum: inout SHA256.State) {
        sum.a ^= digest.a
        sum.b ^= digest.b
        sum.c ^= digest.c
        sum.d ^= digest.d
        sum.e ^= digest.e
        sum.f ^= digest.f
        sum.g ^= digest.g
        sum.h ^= digest.h
    }
}
