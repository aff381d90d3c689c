/// The arguments of an event or an acknowledgement as they came: JSON, decoded on demand.
///
/// ```swift
/// root.on("order") { (socket, arguments: Arguments) in
///     let item: String = try arguments.decode(0)
///     let count: Int? = try arguments.decode(1)   // nil when it was not sent
/// }
/// ```
public struct Arguments: Sendable {
    /// The message the arguments are part of, known to be valid.
    let bytes: [UInt8]
    /// `"a",1,{}`: without the brackets and without the name of the event.
    let range: Range<Int>
    /// The binary values that placeholders in the JSON name.
    let attachments: [[UInt8]]

    /// No arguments.
    public init() {
        self.init(bytes: [], range: 0..<0)
    }

    init(bytes: [UInt8], range: Range<Int>, attachments: [[UInt8]] = []) {
        self.bytes = bytes
        self.range = range
        self.attachments = attachments
    }

    init(_ encoded: EncodedArguments) {
        self.init(bytes: encoded.storage, range: encoded.range, attachments: encoded.attachments)
    }

    /// How many there are.
    public var count: Int {
        let span = bytes.span
        var count = 0
        var index = start(span)
        while index < range.upperBound {
            count += 1
            index = following(index, span)
        }
        return count
    }

    /// Whether there are none.
    public var isEmpty: Bool { start(bytes.span) == range.upperBound }

    /// Reads one argument; one that was not sent reads as `null`, so only an optional takes it.
    ///
    /// Errors are `DecodingError`s whose coding path begins with the number of the argument.
    public func decode<T: Decodable>(_ index: Int, as type: T.Type = T.self) throws -> T {
        guard let place = place(of: index) else { return try absent(index) }
        if let value: T = quick(place) { return value }
        return try PayloadDecoder.decode(
            type,
            from: bytes,
            place,
            attachments: attachments,
            key: .place(index)
        )
    }

    /// The first argument and nothing else of the message it came in.
    func firstAlone() -> Arguments {
        guard let place = place(of: 0) else { return Arguments() }
        let bytes = Array(bytes[place])
        return Arguments(bytes: bytes, range: 0..<bytes.count, attachments: attachments)
    }

    /// Where the JSON of one argument stands.
    func place(of position: Int) -> Range<Int>? {
        let span = bytes.span
        var index = start(span)
        for _ in 0..<max(position, 0) where index < range.upperBound {
            index = following(index, span)
        }
        guard position >= 0, index < range.upperBound else { return nil }
        return index..<JSONText.end(of: index, span, range.upperBound)
    }

    private func start(_ span: Span<UInt8>) -> Int { skipSpace(range.lowerBound, span) }

    /// Where the argument behind the one at `index` begins.
    private func following(_ index: Int, _ span: Span<UInt8>) -> Int {
        let end = skipSpace(JSONText.end(of: index, span, range.upperBound), span)
        return end < range.upperBound ? skipSpace(end + 1, span) : end
    }

    private func skipSpace(_ start: Int, _ span: Span<UInt8>) -> Int {
        var index = start
        while index < range.upperBound, JSONText.isSpace(span[index]) { index += 1 }
        return index
    }

    private func absent<T: Decodable>(_ index: Int) throws -> T {
        let null = PayloadSource(
            bytes: [],
            index: JSONIndex(),
            attachments: [],
            binary: .attachments,
            base: [.place(index)]
        )
        return try null.decode(T.self, at: PayloadSource.absent)
    }
}

// Types that need no index of the text.
extension Arguments {
    /// Reads the simplest types in their simplest spelling; nil leaves it to the decoder.
    private func quick<T: Decodable>(_ place: Range<Int>) -> T? {
        if T.self == String.self { return cast(string(place)) }
        if T.self == Int.self { return cast(integer(place)) }
        if T.self == Bool.self { return cast(bool(place)) }
        if T.self == Double.self { return cast(double(place)) }
        let id = ObjectIdentifier(T.self)
        if id == PayloadType.optionalString { return cast(string(place)) }
        if id == PayloadType.optionalInt { return cast(integer(place)) }
        if id == PayloadType.optionalBool { return cast(bool(place)) }
        if id == PayloadType.optionalDouble { return cast(double(place)) }
        return nil
    }

    /// Casts what was read; `nil as? T` would be a value when `T` is an optional itself.
    private func cast<Value, T>(_ value: Value?) -> T? { value.flatMap { $0 as? T } }

    private func string(_ place: Range<Int>) -> String? {
        guard bytes[place.lowerBound] == UInt8(ascii: "\"") else { return nil }
        let text = place.lowerBound + 1..<place.upperBound - 1
        let span = bytes.span
        for index in text where span[index] == UInt8(ascii: "\\") {
            return JSONText.string(bytes, text, isEscaped: true)
        }
        return JSONText.string(bytes, text, isEscaped: false)
    }

    private func integer(_ place: Range<Int>) -> Int? {
        JSONNumber.integer(bytes.span, place)
    }

    private func double(_ place: Range<Int>) -> Double? {
        guard bytes[place.lowerBound] < UInt8(ascii: "A"),
            bytes[place.lowerBound] != UInt8(ascii: "\"")
        else { return nil }
        return JSONNumber.double(bytes.span, place)
    }

    private func bool(_ place: Range<Int>) -> Bool? {
        switch bytes[place.lowerBound] {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"): false
        default: nil
        }
    }
}
