#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Random identifiers nobody can guess, from the system's generator.
enum Token {
    static func bytes(_ count: Int) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(count)
        pool.withLock { pool in
            pool.checkSeed()
            while out.count < count {
                out.append(pool.next())
            }
        }
        return out
    }

    /// That many random bytes as URL-safe base64 without padding.
    static func text(bytes count: Int) -> String {
        String(decoding: Base64.encode(bytes(count), .url, padding: false), as: UTF8.self)
    }

    /// Two random words, as `ShortID` wants them.
    static func words() -> (UInt64, UInt64) {
        pool.withLock { pool in
            pool.checkSeed()
            return (pool.nextWord(), pool.nextWord())
        }
    }

    fileprivate static let pool = Locked(RandomPool())
}

/// Identifiers that repeat, for simulations; everybody else goes on with the system's.
package enum SeededTokens {
    /// Whoever asks where `isHere` is true gets what the seed gives.
    package static func begin(_ seed: UInt64, isHere: @escaping @Sendable () -> Bool) {
        Token.pool.withLock { $0.seeded = RandomPool.Seeded(state: seed, isHere: isHere) }
    }

    package static func end() {
        Token.pool.withLock { $0.seeded = nil }
    }
}

/// Asks the system for 256 bytes at a time: a system call for each identifier would show.
private struct RandomPool: Sendable {
    private static let size = 256
    private var bytes: [UInt8] = []
    private var used = 0
    var seeded: Seeded?
    private var isRepeating = false

    struct Seeded {
        var state: UInt64
        let isHere: @Sendable () -> Bool
    }

    /// Looks, once for each identifier, where its bytes come from.
    mutating func checkSeed() {
        guard let seeded else { return isRepeating = false }
        isRepeating = seeded.isHere()
    }

    mutating func next() -> UInt8 {
        guard !isRepeating else { return UInt8(truncatingIfNeeded: repeatedWord() >> 24) }
        if used == bytes.count {
            refill()
        }
        let byte = bytes[used]
        // What was handed out is not kept.
        bytes[used] = 0
        used += 1
        return byte
    }

    private mutating func repeatedWord() -> UInt64 {
        guard let state = seeded?.state else { return 0 }
        seeded?.state = state &+ 0x9E37_79B9_7F4A_7C15
        return SplitMix64.mix(state)
    }

    mutating func nextWord() -> UInt64 {
        guard !isRepeating else { return repeatedWord() }
        var word: UInt64 = 0
        for _ in 0..<8 {
            word = word << 8 | UInt64(next())
        }
        return word
    }

    private mutating func refill() {
        if bytes.isEmpty {
            bytes = [UInt8](repeating: 0, count: Self.size)
        }
        used = 0
        #if os(Linux)
            if unsafe bytes.withUnsafeMutableBytes({ unsafe getentropy($0.baseAddress, $0.count) })
                == 0
            {
                return
            }
        #endif
        var generator = SystemRandomNumberGenerator()
        for index in bytes.indices {
            bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
        }
    }
}
