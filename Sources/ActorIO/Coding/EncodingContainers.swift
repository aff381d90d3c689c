/// Encodes one value into a buffer.
struct ValueEncoder: Encoder {
    let buffer: EncodingBuffer
    let frame: Int

    /// A frame no value has; a container of it takes nothing.
    static let none = -1

    var codingPath: [any CodingKey] { buffer.codingPath() }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        let frame = buffer.text.open(frame, isObject: true) ? frame : Self.none
        return KeyedEncodingContainer(KeyedWriter(buffer: buffer, frame: frame))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        let frame = buffer.text.open(frame, isObject: false) ? frame : Self.none
        return UnkeyedWriter(buffer: buffer, frame: frame)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

// In all containers one generic function stands for the fourteen of the protocol; those for 128
// bits must be named, for the standard library would refuse them for us.
extension ValueEncoder: SingleValueEncodingContainer {
    func encodeNil() throws {
        try buffer.scalar(frame)
        buffer.text.bytes.append("null")
    }

    func encode(_ value: Int128) throws { try write(value) }

    func encode(_ value: UInt128) throws { try write(value) }

    func encode<T: Encodable>(_ value: T) throws { try write(value) }

    private func write<T: Encodable>(_ value: T) throws {
        try buffer.scalar(frame)
        if try buffer.writeLeaf(value, under: nil) { return }
        buffer.text.undecided(frame)
        try value.encode(to: self)
    }
}

/// Writes the members of an object.
struct KeyedWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let buffer: EncodingBuffer
    let frame: Int

    var codingPath: [any CodingKey] { buffer.codingPath() }

    func encodeNil(forKey key: Key) throws {
        try buffer.member(key, frame)
        buffer.text.bytes.append("null")
    }

    func encode(_ value: Int128, forKey key: Key) throws { try write(value, key) }

    func encode(_ value: UInt128, forKey key: Key) throws { try write(value, key) }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try write(value, key) }

    private func write<T: Encodable>(_ value: T, _ key: Key) throws {
        try buffer.member(key, frame)
        if try buffer.writeLeaf(value, under: key) { return }
        try buffer.encodeItself(value, under: key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        part(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        part(key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { part(PayloadKey.superclass) }

    func superEncoder(forKey key: Key) -> any Encoder { part(key) }

    private func part(_ key: any CodingKey) -> ValueEncoder {
        guard buffer.text.member(key.stringValue, frame) else {
            return ValueEncoder(buffer: buffer, frame: ValueEncoder.none)
        }
        return buffer.part(under: key)
    }
}

/// Writes the elements of an array.
struct UnkeyedWriter: UnkeyedEncodingContainer {
    let buffer: EncodingBuffer
    let frame: Int

    var codingPath: [any CodingKey] { buffer.codingPath() }
    var count: Int { buffer.text.count(frame) }

    func encodeNil() throws {
        try buffer.element(frame)
        buffer.text.bytes.append("null")
    }

    func encode(_ value: Int128) throws { try write(value) }

    func encode(_ value: UInt128) throws { try write(value) }

    func encode<T: Encodable>(_ value: T) throws { try write(value) }

    private func write<T: Encodable>(_ value: T) throws {
        try buffer.element(frame)
        let key = PayloadKey.place(count - 1)
        if try buffer.writeLeaf(value, under: key) { return }
        try buffer.encodeItself(value, under: key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        part().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { part().unkeyedContainer() }

    func superEncoder() -> any Encoder { part() }

    private func part() -> ValueEncoder {
        guard buffer.text.element(frame) else {
            return ValueEncoder(buffer: buffer, frame: ValueEncoder.none)
        }
        return buffer.part(under: PayloadKey.place(count - 1))
    }
}
