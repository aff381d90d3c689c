/// The decoded query of a request; of a name that comes twice the first counts.
///
/// Decoded on demand: most requests ask for one or two names, and none costs a dictionary.
public struct Query: Sendable {
    private let bytes: [UInt8]

    /// Takes what follows the "?" of a request's target.
    init(target: String) {
        let all = target.utf8
        bytes = all.firstIndex(of: 0x3F).map { Array(all[all.index(after: $0)...]) } ?? []
    }

    /// The first value under the name, "" for a name without "=".
    public subscript(_ name: String) -> String? {
        for pair in Pairs(bytes[...]) where Query.stands(pair.name, for: name) {
            return Pairs.text(pair.value)
        }
        return nil
    }

    /// Whether the name is there, with or without a value.
    public func contains(_ name: String) -> Bool {
        Pairs(bytes[...]).contains { Query.stands($0.name, for: name) }
    }

    /// Every value under the name, in their order.
    public func values(_ name: String) -> [String] {
        Pairs(bytes[...]).filter { Query.stands($0.name, for: name) }
            .compactMap { Pairs.text($0.value) }
    }

    /// Whether an encoded name means this one; compared by bytes, not as Unicode texts.
    private static func stands(_ encoded: ArraySlice<UInt8>, for name: String) -> Bool {
        guard encoded.contains(where: { $0 == 0x25 || $0 == 0x2B }) else {
            return encoded.elementsEqual(name.utf8)
        }
        return PercentCoding.decode(encoded, plusIsSpace: true)?.elementsEqual(name.utf8) ?? false
    }
}
