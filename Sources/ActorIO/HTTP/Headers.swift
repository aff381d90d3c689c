/// Header fields in their order, found by ASCII case-insensitive names.
///
/// ```swift
/// var headers: Headers = ["Content-Type": "text/plain"]
/// headers.add("Vary", "Origin")
/// headers["content-type"]      // "text/plain"
/// ```
///
/// Kept as the bytes they are on the wire, so that a request costs two small blocks of memory
/// and a response is written by one copy:
/// ```
/// bytes   Host: a.example\r\nAccept: */*\r\n
/// fields  ^0 (4)             ^17 (6)
/// ```
public struct Headers: Sendable {
    private struct Field: Sendable {
        let start: UInt32
        let nameCount: UInt32
    }

    /// The fields as lines, each ended by CRLF.
    private(set) var bytes: [UInt8] = []
    private var fields: [Field] = []

    /// Makes an empty list.
    public init() {}

    /// The number of fields.
    public var count: Int { fields.count }

    /// Whether there is no field.
    public var isEmpty: Bool { fields.isEmpty }

    /// The first value under the name; setting replaces all of them, nil removes them.
    public subscript(_ name: String) -> String? {
        get {
            guard let index = firstIndex(of: name) else { return nil }
            return String(decoding: value(at: index), as: UTF8.self)
        }
        set {
            remove(name)
            guard let newValue else { return }
            add(name, newValue)
        }
    }

    /// Every value under the name, in their order.
    public func values(_ name: String) -> [String] {
        fields.indices.filter { matches($0, name) }
            .map { String(decoding: value(at: $0), as: UTF8.self) }
    }

    /// Whether there is a field of this name.
    public func contains(_ name: String) -> Bool {
        firstIndex(of: name) != nil
    }

    /// Adds a field after those that are there.
    ///
    /// A name that is no token, or a value with a line break or another control byte, would
    /// change the meaning of the bytes around it: such a field is dropped.
    public mutating func add(_ name: String, _ value: String) {
        guard Grammar.isToken(name), value.utf8.allSatisfy(Grammar.isFieldValue) else { return }
        fields.append(Field(start: UInt32(bytes.count), nameCount: UInt32(name.utf8.count)))
        bytes.append(contentsOf: name.utf8)
        bytes.append(0x3A)
        bytes.append(0x20)
        bytes.append(contentsOf: value.utf8)
        bytes.append(0x0D)
        bytes.append(0x0A)
    }

    /// Removes every field of this name.
    public mutating func remove(_ name: String) {
        guard contains(name) else { return }
        var kept = Headers()
        for index in fields.indices where !matches(index, name) {
            kept.append(line: bytes[line(at: index)], nameCount: fields[index].nameCount)
        }
        self = kept
    }
}

extension Headers: Equatable, ExpressibleByDictionaryLiteral, Sequence {
    /// Makes the fields of a literal, in its order; a name may come twice.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { add(name, value) }
    }

    /// Same names (whatever their case) and same values in the same order.
    public static func == (left: Headers, right: Headers) -> Bool {
        guard left.count == right.count else { return false }
        return left.fields.indices.allSatisfy { index in
            Grammar.equal(left.name(at: index), ignoringCaseOf: right.name(at: index))
                && left.value(at: index) == right.value(at: index)
        }
    }

    /// Walks over the fields in their order.
    public struct Iterator: IteratorProtocol {
        fileprivate let headers: Headers
        fileprivate var index = 0

        /// The next field.
        public mutating func next() -> (name: String, value: String)? {
            guard index < headers.count else { return nil }
            defer { index += 1 }
            return (
                String(decoding: headers.name(at: index), as: UTF8.self),
                String(decoding: headers.value(at: index), as: UTF8.self)
            )
        }
    }

    /// Starts a walk over the fields.
    public func makeIterator() -> Iterator {
        Iterator(headers: self)
    }
}

/// What the room itself uses: bytes instead of strings.
extension Headers {
    /// The index of the first field of this name; compared by bytes, so a Kelvin sign is no "k".
    func firstIndex(of name: String, from start: Int = 0) -> Int? {
        let count = name.utf8.count
        var index = start
        while index < fields.count {
            if fields[index].nameCount == count, matches(index, name) { return index }
            index += 1
        }
        return nil
    }

    func name(at index: Int) -> ArraySlice<UInt8> {
        let start = Int(fields[index].start)
        return bytes[start..<(start + Int(fields[index].nameCount))]
    }

    func value(at index: Int) -> ArraySlice<UInt8> {
        let range = line(at: index)
        let start = range.lowerBound + Int(fields[index].nameCount) + 2
        return bytes[start..<(range.upperBound - 2)]
    }

    /// The value under a name that comes exactly once, else nil.
    func only(_ name: String) -> ArraySlice<UInt8>? {
        guard let index = firstIndex(of: name), firstIndex(of: name, from: index + 1) == nil else {
            return nil
        }
        return value(at: index)
    }

    /// The range of the whole line, CRLF included.
    func line(at index: Int) -> Range<Int> {
        let end = index + 1 < fields.count ? Int(fields[index + 1].start) : bytes.count
        return Int(fields[index].start)..<end
    }

    /// Adds a field the parser has checked; `name` and `value` are ranges of the input.
    mutating func append(from input: Span<UInt8>, name: Range<Int>, value: Range<Int>) {
        fields.append(Field(start: UInt32(bytes.count), nameCount: UInt32(name.count)))
        bytes.append(addingCapacity: name.count + value.count + 4) { out in
            for index in name { out.append(input[index]) }
            out.append(0x3A)
            out.append(0x20)
            for index in value { out.append(input[index]) }
            out.append(0x0D)
            out.append(0x0A)
        }
    }

    /// Adds a field of the library's own, which needs no check.
    mutating func append(known name: String, _ value: [UInt8]) {
        fields.append(Field(start: UInt32(bytes.count), nameCount: UInt32(name.utf8.count)))
        bytes.append(contentsOf: name.utf8)
        bytes.append(0x3A)
        bytes.append(0x20)
        bytes.append(contentsOf: value)
        bytes.append(0x0D)
        bytes.append(0x0A)
    }

    mutating func reserve(fields count: Int, bytes size: Int) {
        fields.reserveCapacity(count)
        bytes.reserveCapacity(size)
    }

    /// The same fields in no more memory than they need.
    func compacted() -> Headers {
        var copy = Headers()
        copy.bytes.reserveCapacity(bytes.count)
        copy.bytes.append(contentsOf: bytes)
        copy.fields.reserveCapacity(fields.count)
        copy.fields.append(contentsOf: fields)
        return copy
    }

    /// Whether a comma-separated list under this name holds the token, in any case.
    func lists(_ token: String, in name: String) -> Bool {
        var from = 0
        while let index = firstIndex(of: name, from: from) {
            let value = value(at: index)
            // Nearly always the token stands alone.
            if Grammar.equal(value, ignoringCaseOf: token.utf8) { return true }
            let found = value.split(separator: 0x2C).contains { part in
                Grammar.equal(Grammar.trimmed(part), ignoringCaseOf: token.utf8)
            }
            if found { return true }
            from = index + 1
        }
        return false
    }

    private mutating func append(line: ArraySlice<UInt8>, nameCount: UInt32) {
        fields.append(Field(start: UInt32(bytes.count), nameCount: nameCount))
        bytes.append(contentsOf: line)
    }

    private func matches(_ index: Int, _ name: String) -> Bool {
        let field = fields[index]
        let utf8 = name.utf8
        guard Int(field.nameCount) == utf8.count else { return false }
        var position = Int(field.start)
        for byte in utf8 {
            let other = bytes[position]
            guard other == byte || Grammar.lowercased(other) == Grammar.lowercased(byte) else {
                return false
            }
            position += 1
        }
        return true
    }
}
