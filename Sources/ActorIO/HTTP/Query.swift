/// The decoded query of a request; of a name that comes twice the first counts.
///
/// Decoded on demand: most requests ask for one or two names, and none costs a dictionary.
public struct Query: Sendable {
    private let target: String
    /// Where the first pair begins in it.
    private let start: Int

    /// Takes a request's target: what follows its "?".
    init(target: String) {
        self.target = target
        let text = target.utf8Span
        let bytes = text.span
        var index = 0
        while index < bytes.count, bytes[index] != 0x3F { index += 1 }
        start = index + 1
    }

    /// The first value under the name, "" for a name without "=".
    public subscript(_ name: String) -> String? {
        guard let pair = next(name, from: start) else { return nil }
        return text(pair.value)
    }

    /// Whether the name is there, with or without a value.
    public func contains(_ name: String) -> Bool {
        next(name, from: start) != nil
    }

    /// Every value under the name, in their order.
    public func values(_ name: String) -> [String] {
        var values: [String] = []
        var from = start
        while let pair = next(name, from: from) {
            if let value = text(pair.value) { values.append(value) }
            from = pair.end
        }
        return values
    }

    /// Whether the first value under the name is this text.
    func says(_ value: String, under name: String) -> Bool {
        guard let pair = next(name, from: start) else { return false }
        let bytes = target.utf8Span
        return Self.equal(bytes.span.extracting(pair.value), value)
            || text(pair.value).map { $0.utf8.elementsEqual(value.utf8) } == true
    }

    /// The first pair of the name that begins at an offset or behind it.
    private func next(_ name: String, from start: Int) -> (value: Range<Int>, end: Int)? {
        let text = target.utf8Span
        let bytes = text.span
        var index = start
        while index < bytes.count {
            let first = index
            var equals: Int?
            var isEncoded = false
            while index < bytes.count, bytes[index] != 0x26 {
                if equals == nil {
                    switch bytes[index] {
                    case 0x3D: equals = index
                    case 0x25, 0x2B: isEncoded = true
                    default: break
                    }
                }
                index += 1
            }
            let found = first..<(equals ?? index)
            let stands =
                isEncoded
                ? decoded(found)?.elementsEqual(name.utf8) == true
                : Self.equal(bytes.extracting(found), name)
            // "&&" is no pair, though "&=&" is one without a name.
            if stands, index > first {
                return (min(found.upperBound + 1, index)..<index, index + 1)
            }
            index += 1
        }
        return nil
    }

    /// Compared by bytes, not as Unicode texts.
    private static func equal(_ bytes: Span<UInt8>, _ text: String) -> Bool {
        guard bytes.count == text.utf8.count else { return false }
        var index = 0
        for byte in text.utf8 {
            guard bytes[index] == byte else { return false }
            index += 1
        }
        return true
    }

    private func decoded(_ range: Range<Int>) -> [UInt8]? {
        let text = target.utf8Span
        let bytes = text.span.extracting(range)
        return PercentCoding.decode(bytes.indices.map { bytes[$0] }[...], plusIsSpace: true)
    }

    private func text(_ range: Range<Int>) -> String? {
        let text = target.utf8Span
        let bytes = text.span
        let isPlain = range.allSatisfy { index in
            bytes[index] != 0x25 && bytes[index] != 0x2B && bytes[index] != 0
        }
        guard isPlain else {
            guard let bytes = decoded(range), !bytes.contains(0) else { return nil }
            return String(validating: bytes, as: UTF8.self)
        }
        let utf8 = target.utf8
        let lower = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
        let upper = utf8.index(lower, offsetBy: range.count)
        return String(utf8[lower..<upper])
    }
}
