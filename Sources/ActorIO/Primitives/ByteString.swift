#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Text that is equal and hashed by its UTF-8 bytes.
///
/// `String` equality is Unicode's canonical equivalence: "é" in one code point equals "é" in two.
/// A name on the wire is its bytes, so that two rooms never become one by way of an accent.
struct ByteString: Hashable, Sendable {
    let text: String

    init(_ text: String) {
        var text = text
        text.makeContiguousUTF8()
        self.text = text
    }

    static func == (left: ByteString, right: ByteString) -> Bool {
        let equal = unsafe left.text.utf8.withContiguousStorageIfAvailable { a in
            unsafe right.text.utf8.withContiguousStorageIfAvailable { b in
                unsafe isEqual(a, b)
            }
        }
        return (equal ?? nil) ?? left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        let done: Void? = unsafe text.utf8.withContiguousStorageIfAvailable { bytes in
            unsafe hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
        }
        if done == nil {
            hasher.combine(Array(text.utf8))
        }
    }

    private static func isEqual(
        _ a: UnsafeBufferPointer<UInt8>,
        _ b: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard a.count == b.count else { return false }
        guard let first = a.baseAddress, let second = b.baseAddress else { return true }
        return unsafe memcmp(first, second, a.count) == 0
    }
}

extension ByteString: ExpressibleByStringLiteral, CustomStringConvertible {
    init(stringLiteral value: String) {
        self.init(value)
    }

    var description: String { text }
}
