/// A JSON text that is being decoded, with the attachments that came with it.
final class PayloadSource {
    let bytes: [UInt8]
    let index: JSONIndex
    let attachments: [[UInt8]]
    let binary: BinaryCoding
    private let base: [PayloadKey]

    /// Stands for a value that is not there, which reads as null.
    static let absent = -1
    /// Names in errors are cut, so that an error costs the same whatever a peer sent.
    private static let longestName = 128

    init(
        bytes: [UInt8],
        index: JSONIndex,
        attachments: [[UInt8]],
        binary: BinaryCoding,
        base: [PayloadKey] = []
    ) {
        self.bytes = bytes
        self.index = index
        self.attachments = attachments
        self.binary = binary
        self.base = base
    }

    func decode<T: Decodable>(_ type: T.Type, at node: Int) throws -> T {
        if isSpecial(type), let value = try special(type, at: node) { return value }
        return try T(from: ValueDecoder(source: self, node: node))
    }

    func kind(_ node: Int) -> JSONKind { node < 0 ? .null : index.nodes[node].kind }

    /// The names and places on the way to a value.
    func path(to node: Int) -> [any CodingKey] {
        var keys: [any CodingKey] = []
        var at = node
        while at >= 0, let parent = index.parent(of: at) {
            if index.nodes[parent].kind == .object {
                keys.append(PayloadKey.name(name(at - 1)))
            } else {
                keys.append(PayloadKey.place(Int(index.nodes[at].ordinal)))
            }
            at = parent
        }
        return base + keys.reversed()
    }

    private func name(_ node: Int) -> String {
        let range = index.nodes[node].range
        return JSONText.string(
            bytes,
            range.lowerBound..<min(range.upperBound, range.lowerBound + Self.longestName),
            isEscaped: index.nodes[node].kind == .escapedString
        )
    }
}

// Leaves.
extension PayloadSource {
    func value(_ node: Int) -> JSONValue {
        node < 0 ? .null : index.value(of: node, in: bytes, attachments: attachments)
    }

    func string(_ node: Int) throws -> String {
        guard kind(node).isString else { throw mismatch(String.self, node) }
        return index.text(node, in: bytes)
    }

    func bool(_ node: Int) throws -> Bool {
        switch kind(node) {
        case .yes: true
        case .no: false
        default: throw mismatch(Bool.self, node)
        }
    }

    /// An integer; `1.0` and `1e3` are integers too, for not every language tells them apart.
    func integer<T: FixedWidthInteger>(_ node: Int, _ type: T.Type) throws -> T {
        let value: T?
        switch kind(node) {
        case .integer:
            value = JSONNumber.integer(bytes, index.nodes[node].range)
        case .fraction:
            value = JSONNumber.double(bytes, index.nodes[node].range).flatMap(T.init(exactly:))
        default:
            throw mismatch(type, node)
        }
        guard let value else { throw corrupted("a number that does not fit \(type)", node) }
        return value
    }

    func double(_ node: Int) throws -> Double {
        guard kind(node) == .integer || kind(node) == .fraction else {
            throw mismatch(Double.self, node)
        }
        guard let value = JSONNumber.double(bytes, index.nodes[node].range) else {
            throw corrupted("a number that does not fit Double", node)
        }
        return value
    }

    func float(_ node: Int) throws -> Float {
        guard let text = numberText(node) else { throw mismatch(Float.self, node) }
        guard let value = Float(text), value.isFinite else {
            throw corrupted("a number that does not fit Float", node)
        }
        return value
    }

    /// The characters of a number.
    func numberText(_ node: Int) -> String? {
        guard kind(node) == .integer || kind(node) == .fraction else { return nil }
        return String(decoding: bytes[index.nodes[node].range], as: UTF8.self)
    }

    /// The bytes that a placeholder stands for.
    func attachment(_ node: Int) -> [UInt8]? {
        guard !attachments.isEmpty, node >= 0 else { return nil }
        let count = attachments.count
        let reading = Placeholders.read(node, of: index, in: bytes, attachments: count)
        guard case .attachment(let number) = reading else { return nil }
        return attachments[number]
    }

    /// An attachment, or an array of numbers.
    func bytes(_ node: Int) throws -> [UInt8] {
        if let attachment = attachment(node) { return attachment }
        return try elements(node).map { try integer($0, UInt8.self) }
    }

    func elements(_ node: Int) throws -> JSONIndex.Siblings {
        guard kind(node) == .array else { throw mismatch([JSONValue].self, node) }
        return index.elements(of: node)
    }
}

// Errors.
extension PayloadSource {
    func mismatch(_ type: Any.Type, _ node: Int) -> DecodingError {
        let reason = "\(type) expected, found \(kind(node))"
        let context = DecodingError.Context(codingPath: path(to: node), debugDescription: reason)
        return kind(node) == .null ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }

    func corrupted(_ reason: String, _ node: Int) -> DecodingError {
        .dataCorrupted(.init(codingPath: path(to: node), debugDescription: reason))
    }
}
