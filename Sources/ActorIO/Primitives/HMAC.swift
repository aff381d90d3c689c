/// HMAC with SHA-256 (RFC 2104), its key already mixed in: one value signs many messages.
struct HMACSHA256: Sendable {
    /// The hash after the key's inner and outer block.
    let inner: SHA256.State
    let outer: SHA256.State

    init(key: [UInt8]) {
        var block = key.count > 64 ? SHA256.hash(key) : key
        block.append(contentsOf: repeatElement(0, count: 64 - block.count))
        var inner = SHA256.State()
        inner.compress(blocks: block.map { $0 ^ 0x36 })
        var outer = SHA256.State()
        outer.compress(blocks: block.map { $0 ^ 0x5C })
        self.inner = inner
        self.outer = outer
    }

    func code(for message: [UInt8]) -> [UInt8] {
        var first = SHA256(inner, after: 64)
        first.update(message)
        var second = SHA256(outer, after: 64)
        second.update(first.finish())
        return second.finish()
    }
}
