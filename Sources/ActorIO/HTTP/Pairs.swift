/// Walks over `name=value&name=value`, escapes included; queries and forms are written so.
struct Pairs: Sequence, IteratorProtocol {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    /// The next pair, still encoded; a name without "=" has an empty value, `&&` is no pair.
    mutating func next() -> (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)? {
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 0x26) ?? rest.endIndex
            let pair = rest[rest.startIndex..<end]
            rest = rest[Swift.min(end + 1, rest.endIndex)...]
            if pair.isEmpty { continue }
            guard let equals = pair.firstIndex(of: 0x3D) else { return (pair, []) }
            return (pair[..<equals], pair[(equals + 1)...])
        }
        return nil
    }

    /// The text a part stands for; nil for a bad escape, a NUL, or bytes that are no UTF-8.
    static func text(_ part: ArraySlice<UInt8>) -> String? {
        guard let bytes = PercentCoding.decode(part, plusIsSpace: true), !bytes.contains(0) else {
            return nil
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
