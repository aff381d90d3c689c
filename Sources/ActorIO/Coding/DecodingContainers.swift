/// Decodes one value of a text.
struct ValueDecoder: Decoder {
    let source: PayloadSource
    let node: Int

    var codingPath: [any CodingKey] { source.path(to: node) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(
        keyedBy type: Key.Type
    ) throws -> KeyedDecodingContainer<Key> {
        guard source.kind(node) == .object else {
            throw source.mismatch([String: JSONValue].self, node)
        }
        return KeyedDecodingContainer(KeyedReader(source: source, node: node))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard source.kind(node) == .array else { throw source.mismatch([JSONValue].self, node) }
        return UnkeyedReader(source: source, node: node)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }
}

extension ValueDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { source.kind(node) == .null }

    func decode(_ type: String.Type) throws -> String { try source.string(node) }
    func decode(_ type: Bool.Type) throws -> Bool { try source.bool(node) }
    func decode(_ type: Double.Type) throws -> Double { try source.double(node) }
    func decode(_ type: Float.Type) throws -> Float { try source.float(node) }

    // Stands for the twelve functions of the protocol that read integers.
    func decode<T: FixedWidthInteger & Decodable>(_ type: T.Type) throws -> T {
        try source.integer(node, type)
    }

    // The standard library would refuse these two for us.
    func decode(_ type: Int128.Type) throws -> Int128 { try source.integer(node, type) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try source.integer(node, type) }

    func decode<T: Decodable>(_ type: T.Type) throws -> T { try source.decode(type, at: node) }
}

/// Reads the members of an object.
struct KeyedReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let source: PayloadSource
    let node: Int
    /// The values by name when there are many, so that reading all of them stays linear.
    private let table: [ByteString: Int]?

    /// Objects with up to this many nodes, names included, are searched.
    private static var small: Int { 32 }

    init(source: PayloadSource, node: Int) {
        self.source = source
        self.node = node
        let index = source.index
        guard index.nodes[node].count > Self.small else {
            table = nil
            return
        }
        var table: [ByteString: Int] = [:]
        for name in index.members(of: node) {
            table[ByteString(index.text(name, in: source.bytes))] = name + 1
        }
        self.table = table
    }

    var codingPath: [any CodingKey] { source.path(to: node) }

    /// The names the type knows, each once, in the order of the text.
    var allKeys: [Key] {
        source.index.members(of: node).compactMap { name in
            let text = source.index.text(name, in: source.bytes)
            guard find(text) == name + 1 else { return nil }
            return Key(stringValue: text)
        }
    }

    func contains(_ key: Key) -> Bool { find(key.stringValue) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { source.kind(try value(key)) == .null }

    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        try source.string(value(key))
    }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
        try source.bool(value(key))
    }

    func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
        try source.double(value(key))
    }

    func decode<T: FixedWidthInteger & Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try source.integer(value(key), type)
    }

    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 {
        try source.integer(value(key), type)
    }

    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 {
        try source.integer(value(key), type)
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try source.decode(type, at: value(key))
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        guard let value = find(key.stringValue), source.kind(value) != .null else { return nil }
        return try source.decode(type, at: value)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try ValueDecoder(source: source, node: value(key)).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try ValueDecoder(source: source, node: value(key)).unkeyedContainer()
    }

    func superDecoder() -> any Decoder {
        let value = find(PayloadKey.superclass.stringValue) ?? PayloadSource.absent
        return ValueDecoder(source: source, node: value)
    }

    func superDecoder(forKey key: Key) -> any Decoder {
        ValueDecoder(source: source, node: find(key.stringValue) ?? PayloadSource.absent)
    }

    private func find(_ name: String) -> Int? {
        guard let table else { return source.index.member(name, of: node, in: source.bytes) }
        return table[ByteString(name)]
    }

    private func value(_ key: Key) throws -> Int {
        if let value = find(key.stringValue) { return value }
        let reason = "there is no \(key.stringValue)"
        let context = DecodingError.Context(codingPath: codingPath, debugDescription: reason)
        throw DecodingError.keyNotFound(key, context)
    }
}

/// Reads the elements of an array.
struct UnkeyedReader: UnkeyedDecodingContainer {
    let source: PayloadSource
    let node: Int
    private(set) var currentIndex = 0
    private var next: Int

    init(source: PayloadSource, node: Int) {
        self.source = source
        self.node = node
        next = node + 1
    }

    var codingPath: [any CodingKey] { source.path(to: node) }
    var count: Int? { Int(source.index.nodes[node].count) }
    var isAtEnd: Bool { next >= Int(source.index.nodes[node].next) }

    mutating func decodeNil() throws -> Bool {
        guard source.kind(try element(Never.self)) == .null else { return false }
        advance()
        return true
    }

    mutating func decode(_ type: Int128.Type) throws -> Int128 { try read(type) }

    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try read(type) }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try read(type) }

    private mutating func read<T: Decodable>(_ type: T.Type) throws -> T {
        let value = try source.decode(type, at: element(type))
        advance()
        return value
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        let decoder = ValueDecoder(source: source, node: try element([String: JSONValue].self))
        let container = try decoder.container(keyedBy: type)
        advance()
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let decoder = ValueDecoder(source: source, node: try element([JSONValue].self))
        let container = try decoder.unkeyedContainer()
        advance()
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = ValueDecoder(source: source, node: try element([JSONValue].self))
        advance()
        return decoder
    }

    private func element(_ type: Any.Type) throws -> Int {
        guard isAtEnd else { return next }
        let path = codingPath + [PayloadKey.place(currentIndex)]
        let context = DecodingError.Context(
            codingPath: path,
            debugDescription: "the array has only \(currentIndex) elements"
        )
        throw DecodingError.valueNotFound(type, context)
    }

    private mutating func advance() {
        next = Int(source.index.nodes[next].next)
        currentIndex += 1
    }
}
