/// What reading a JSON text may cost.
struct JSONLimits: Sendable, Hashable {
    /// How deep arrays and objects may be nested; more than `JSONScanner.deepest` never is.
    var depth = 64
    /// How many values, member names included, a text may have.
    var elements = 100_000
}

/// What a range of a JSON text is.
enum JSONKind: UInt8, Sendable {
    case null, yes, no, integer, fraction, string, escapedString, array, object

    var isContainer: Bool { self == .array || self == .object }
    var isString: Bool { self == .string || self == .escapedString }
}

/// Takes what a scanner finds, in the order of the text.
protocol JSONSink {
    /// A scalar or a member name; the range of a string lies between its quotes.
    mutating func scalar(_ kind: JSONKind, _ range: Range<Int>)
    mutating func open(_ kind: JSONKind, at start: Int)
    mutating func close(at end: Int)
}

/// Reads JSON strictly by RFC 8259, without recursion and in linear time.
///
/// The bytes must be valid UTF-8. Open arrays and objects are bits of one number, so that
/// validating builds nothing and no depth of nesting can reach the end of a stack.
struct JSONScanner {
    /// The greatest depth limit: one bit of `shape` for each open array or object.
    static let deepest = 128
    /// No number that JavaScript writes has more than 25 characters.
    static let longestNumber = 1_024

    private var index: Int
    private let end: Int
    private let limits: JSONLimits
    private var depth = 0
    private var elements = 0
    /// The innermost container is the lowest bit: 1 for an object, 0 for an array.
    private var shape: UInt128 = 0

    /// Checks that the range holds exactly one value.
    static func validate(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        limits: JSONLimits = JSONLimits()
    ) throws(JSONError) {
        var nothing = NoSink()
        try scan(bytes, range, limits: limits, into: &nothing)
    }

    /// Reads the one value that the range holds.
    static func scan<Sink: JSONSink>(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        limits: JSONLimits,
        into sink: inout Sink
    ) throws(JSONError) {
        var scanner = JSONScanner(index: range.lowerBound, end: range.upperBound, limits: limits)
        try scanner.run(bytes.span, &sink)
    }

    private init(index: Int, end: Int, limits: JSONLimits) {
        self.index = index
        self.end = end
        self.limits = JSONLimits(
            depth: min(limits.depth, Self.deepest),
            elements: limits.elements
        )
    }

    private mutating func run<Sink: JSONSink>(
        _ bytes: Span<UInt8>,
        _ sink: inout Sink
    ) throws(JSONError) {
        repeat {
            while try value(bytes, &sink) {}
        } while try separator(bytes, &sink)
        skipSpace(bytes)
        guard index == end else { throw JSONError(.unexpectedByte, at: index) }
    }

    /// Reads a value; true when it opened a container whose first value is due now.
    private mutating func value<Sink: JSONSink>(
        _ bytes: Span<UInt8>,
        _ sink: inout Sink
    ) throws(JSONError) -> Bool {
        skipSpace(bytes)
        guard index < end else { throw JSONError(.unexpectedEnd, at: index) }
        try count()
        let start = index
        switch bytes[index] {
        case UInt8(ascii: "\""):
            let kind = try string(bytes)
            sink.scalar(kind, start + 1..<index - 1)
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            let kind = try number(bytes)
            sink.scalar(kind, start..<index)
        case UInt8(ascii: "{"):
            return try open(.object, bytes, &sink)
        case UInt8(ascii: "["):
            return try open(.array, bytes, &sink)
        case UInt8(ascii: "t"):
            try word("true", bytes)
            sink.scalar(.yes, start..<index)
        case UInt8(ascii: "f"):
            try word("false", bytes)
            sink.scalar(.no, start..<index)
        case UInt8(ascii: "n"):
            try word("null", bytes)
            sink.scalar(.null, start..<index)
        default:
            throw JSONError(.unexpectedByte, at: index)
        }
        return false
    }

    private mutating func open<Sink: JSONSink>(
        _ kind: JSONKind,
        _ bytes: Span<UInt8>,
        _ sink: inout Sink
    ) throws(JSONError) -> Bool {
        guard depth < limits.depth else { throw JSONError(.tooDeep, at: index) }
        let isObject = kind == .object
        sink.open(kind, at: index)
        index += 1
        skipSpace(bytes)
        if index < end, bytes[index] == Self.closer(isObject) {
            index += 1
            sink.close(at: index)
            return false
        }
        depth += 1
        shape = shape << 1 | (isObject ? 1 : 0)
        if isObject { try name(bytes, &sink) }
        return true
    }

    /// Reads what follows a value; true when another value is due, false at the end.
    private mutating func separator<Sink: JSONSink>(
        _ bytes: Span<UInt8>,
        _ sink: inout Sink
    ) throws(JSONError) -> Bool {
        while depth > 0 {
            skipSpace(bytes)
            guard index < end else { throw JSONError(.unexpectedEnd, at: index) }
            let isObject = shape & 1 == 1
            if bytes[index] == UInt8(ascii: ",") {
                index += 1
                if isObject { try name(bytes, &sink) }
                return true
            }
            guard bytes[index] == Self.closer(isObject) else {
                throw JSONError(.unexpectedByte, at: index)
            }
            index += 1
            depth -= 1
            shape >>= 1
            sink.close(at: index)
        }
        return false
    }

    /// Reads a member name and its colon.
    private mutating func name<Sink: JSONSink>(
        _ bytes: Span<UInt8>,
        _ sink: inout Sink
    ) throws(JSONError) {
        skipSpace(bytes)
        try count()
        let start = index
        try expect(UInt8(ascii: "\""), bytes)
        let kind = try string(bytes)
        sink.scalar(kind, start + 1..<index - 1)
        skipSpace(bytes)
        try expect(UInt8(ascii: ":"), bytes)
        index += 1
    }

    private mutating func count() throws(JSONError) {
        elements += 1
        guard elements <= limits.elements else { throw JSONError(.tooManyElements, at: index) }
    }

    private func expect(_ byte: UInt8, _ bytes: Span<UInt8>) throws(JSONError) {
        guard index < end else { throw JSONError(.unexpectedEnd, at: index) }
        guard bytes[index] == byte else { throw JSONError(.unexpectedByte, at: index) }
    }

    private mutating func word(_ word: StaticString, _ bytes: Span<UInt8>) throws(JSONError) {
        for scalar in word.description.utf8 {
            try expect(scalar, bytes)
            index += 1
        }
    }

    @inline(__always)
    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while index < end, JSONText.isSpace(bytes[index]) { index += 1 }
    }

    private static func closer(_ isObject: Bool) -> UInt8 {
        isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
    }
}

// The tokens.
extension JSONScanner {
    /// Reads a string from its opening quote to behind its closing one.
    private mutating func string(_ bytes: Span<UInt8>) throws(JSONError) -> JSONKind {
        var kind = JSONKind.string
        var at = index + 1
        while true {
            at = PlainRun.end(bytes, from: at, to: end)
            guard at < end else { break }
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                index = at + 1
                return kind
            }
            if byte == UInt8(ascii: "\\") {
                at = try Self.escape(bytes, at, end)
                kind = .escapedString
                continue
            }
            // RFC 8259 7: U+0000 to U+001F must be escaped.
            throw JSONError(.controlCharacter, at: at)
        }
        throw JSONError(.unexpectedEnd, at: end)
    }

    private static func escape(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ end: Int
    ) throws(JSONError) -> Int {
        guard start + 1 < end else { throw JSONError(.unexpectedEnd, at: end) }
        switch bytes[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            for digit in start + 2..<start + 6 {
                guard digit < end else { throw JSONError(.unexpectedEnd, at: end) }
                guard JSONText.hexDigit(bytes[digit]) != nil else {
                    throw JSONError(.badEscape, at: digit)
                }
            }
            return start + 6
        default:
            throw JSONError(.badEscape, at: start + 1)
        }
    }

    /// Reads `[-] (0 | 1-9 digits) [. digits] [e [sign] digits]`, RFC 8259 6.
    private mutating func number(_ bytes: Span<UInt8>) throws(JSONError) -> JSONKind {
        let start = index
        var kind = JSONKind.integer
        if bytes[index] == UInt8(ascii: "-") { index += 1 }
        if index < end, bytes[index] == UInt8(ascii: "0") {
            index += 1
        } else {
            try digits(bytes)
        }
        if index < end, bytes[index] == UInt8(ascii: ".") {
            kind = .fraction
            index += 1
            try digits(bytes)
        }
        var mayOverflow = index - start > 300
        if index < end, bytes[index] | 0x20 == UInt8(ascii: "e") {
            kind = .fraction
            mayOverflow = true
            index += 1
            if index < end, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index += 1
            }
            try digits(bytes)
        }
        if mayOverflow {
            guard index - start <= Self.longestNumber,
                JSONNumber.double(bytes, start..<index) != nil
            else { throw JSONError(.numberOutOfRange, at: start) }
        }
        return kind
    }

    private mutating func digits(_ bytes: Span<UInt8>) throws(JSONError) {
        let start = index
        while index < end, bytes[index] &- UInt8(ascii: "0") <= 9 { index += 1 }
        guard index > start else {
            throw JSONError(index < end ? .badNumber : .unexpectedEnd, at: index)
        }
    }
}

/// Wants to know nothing but whether the text is valid.
///
/// It is not empty, because an empty value has no address of its own: the thread sanitizer takes
/// the one it is given for a variable that all threads change.
private struct NoSink: JSONSink {
    private var depth = 0

    mutating func scalar(_ kind: JSONKind, _ range: Range<Int>) {}
    mutating func open(_ kind: JSONKind, at start: Int) { depth += 1 }
    mutating func close(at end: Int) { depth -= 1 }
}
