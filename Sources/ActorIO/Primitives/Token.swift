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
            (pool.nextWord(), pool.nextWord())
        }
    }

    private static let pool = Locked(RandomPool())
}

/// Asks the system for 256 bytes at a time: a system call for each identifier would show.
private struct RandomPool: Sendable {
    private static let size = 256
    private var bytes: [UInt8] = []
    private var used = 0

    mutating func next() -> UInt8 {
        if used == bytes.count {
            refill()
        }
        let byte = bytes[used]
        // What was handed out is not kept.
        bytes[used] = 0
        used += 1
        return byte
    }

    mutating func nextWord() -> UInt64 {
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
