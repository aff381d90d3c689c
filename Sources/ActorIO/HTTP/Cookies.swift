/// The cookies of a request; of a name that comes twice the first counts.
///
/// A pair that is not well formed is skipped: no "=", no name, quotes, bytes beyond ASCII.
/// The text is split at the bytes 0x3B and 0x3D, never by `Character`.
public struct Cookies: Sendable {
    private let lines: [ArraySlice<UInt8>]

    init(_ headers: Headers) {
        var lines: [ArraySlice<UInt8>] = []
        var from = 0
        while let index = headers.firstIndex(of: "cookie", from: from) {
            lines.append(headers.value(at: index))
            from = index + 1
        }
        self.lines = lines
    }

    /// The first value under the name.
    public subscript(_ name: String) -> String? {
        for pair in pairs where pair.name.elementsEqual(name.utf8) {
            return String(decoding: pair.value, as: UTF8.self)
        }
        return nil
    }

    /// Every value under the name, in their order.
    public func values(_ name: String) -> [String] {
        pairs.filter { $0.name.elementsEqual(name.utf8) }
            .map { String(decoding: $0.value, as: UTF8.self) }
    }

    /// The names of all cookies, in their order.
    public var names: [String] {
        pairs.map { String(decoding: $0.name, as: UTF8.self) }
    }

    private typealias Pair = (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)

    private var pairs: some Sequence<Pair> {
        lines.lazy.flatMap { $0.split(separator: 0x3B) }.compactMap(Cookies.pair)
    }

    private static func pair(_ part: ArraySlice<UInt8>) -> Pair? {
        let part = Grammar.trimmed(part)
        guard let equals = part.firstIndex(of: 0x3D) else { return nil }
        let name = part[..<equals]
        let value = part[(equals + 1)...]
        guard !name.isEmpty, name.allSatisfy(Grammar.isToken) else { return nil }
        guard value.allSatisfy(SetCookie.isOctet) else { return nil }
        return (name, value)
    }
}
