#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Turns JSON text and attachments into `Decodable` values.
///
/// Bytes are what placeholders name; `[UInt8]` may also be an array of numbers. Of members
/// with the same name the last one wins. Nesting is bounded by the limits, and so is the stack
/// that a type needs which contains itself.
enum PayloadDecoder {
    /// Plain JSON, from HTTP and from stores: `Data` is Base64, `[UInt8]` an array of numbers.
    static func decode<T: Decodable>(
        _ type: T.Type = T.self,
        from json: [UInt8],
        limits: JSONLimits = JSONLimits()
    ) throws -> T {
        let index = try JSONIndex(json, 0..<json.count, limits: limits)
        let source = PayloadSource(bytes: json, index: index, attachments: [], binary: .text)
        return try source.decode(type, at: 0)
    }

    /// One value of a packet; errors name it by `key`.
    static func decode<T: Decodable>(
        _ type: T.Type = T.self,
        from json: [UInt8],
        _ range: Range<Int>,
        attachments: [[UInt8]],
        key: PayloadKey
    ) throws -> T {
        // Counted and measured when the packet was parsed.
        let limits = JSONLimits(depth: JSONScanner.deepest, elements: .max)
        let source = PayloadSource(
            bytes: json,
            index: try JSONIndex(json, range, limits: limits),
            attachments: attachments,
            binary: .attachments,
            base: [key]
        )
        return try source.decode(type, at: 0)
    }
}

extension PayloadSource {
    /// Whether `special` reads the type; the numbers and strings of Swift ask for themselves.
    @inline(__always)
    func isSpecial<T: Decodable>(_ type: T.Type) -> Bool {
        if T.self == JSONValue.self || T.self == Data.self || T.self == Date.self { return true }
        if T.self == URL.self || T.self == Decimal.self { return true }
        let id = ObjectIdentifier(T.self)
        return id == PayloadType.bytes || id == PayloadType.integers
            || id == PayloadType.doubles || id == PayloadType.strings
    }

    /// Reads a value whose form is fixed here; nil when its own `init(from:)` must say.
    @inline(never)
    func special<T: Decodable>(_ type: T.Type, at node: Int) throws -> T? {
        if T.self == JSONValue.self { return value(node) as? T }
        if T.self == [UInt8].self {
            return binary == .attachments ? try bytes(node) as? T : nil
        }
        if T.self == [Int].self {
            return try elements(node).map { try integer($0, Int.self) } as? T
        }
        if T.self == [Double].self { return try elements(node).map(double) as? T }
        if T.self == [String].self { return try elements(node).map(string) as? T }
        if T.self == Data.self { return try data(node) as? T }
        if T.self == Date.self { return try date(node) as? T }
        if T.self == URL.self { return try url(node) as? T }
        if T.self == Decimal.self { return try decimal(node) as? T }
        return nil
    }

    private func data(_ node: Int) throws -> Data {
        if let attachment = attachment(node) { return Data(attachment) }
        guard binary == .text else { throw mismatch(Data.self, node) }
        guard let bytes = Base64.decode(Array(try string(node).utf8)[...]) else {
            throw corrupted("no Base64", node)
        }
        return Data(bytes)
    }

    private func date(_ node: Int) throws -> Date {
        guard let milliseconds = ISO8601.milliseconds(Array(try string(node).utf8)) else {
            throw corrupted("no date as ISO 8601 writes it", node)
        }
        return Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
    }

    private func url(_ node: Int) throws -> URL {
        guard let url = URL(string: try string(node)) else { throw corrupted("no URL", node) }
        return url
    }

    private func decimal(_ node: Int) throws -> Decimal {
        guard let digits = numberText(node) else { throw mismatch(Decimal.self, node) }
        guard let value = Decimal(string: digits), !value.isNaN else {
            throw corrupted("a number that does not fit Decimal", node)
        }
        return value
    }
}
