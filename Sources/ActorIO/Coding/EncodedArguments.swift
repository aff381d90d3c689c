/// Arguments on their way out: JSON without brackets, and what its placeholders stand for.
struct EncodedArguments: Sendable {
    /// Holds the JSON at `range`; the whole message of a peer when its arguments are passed on.
    private(set) var storage: [UInt8]
    private(set) var range: Range<Int>
    private(set) var attachments: [[UInt8]]

    /// No arguments.
    init() {
        storage = []
        range = 0..<0
        attachments = []
    }

    /// Passes received arguments on as they came, without a copy.
    init(_ arguments: Arguments) {
        storage = arguments.bytes
        range = arguments.range
        attachments = arguments.attachments
    }

    /// The arguments as JSON, without the brackets.
    var json: ArraySlice<UInt8> { storage[range] }

    /// Adds an argument; on an error nothing has changed.
    mutating func append(_ value: some Encodable) throws {
        let before = (count: range.count, attachments: attachments.count)
        own()
        if !JSONText.isBlank(storage.span, range) { storage.append(UInt8(ascii: ",")) }
        defer { range = 0..<storage.count }
        if appendQuick(value) { return }
        do {
            try PayloadEncoder.encode(value, to: &storage, attachments: &attachments)
            try checkPlaceholders(value)
        } catch {
            storage.removeLast(storage.count - before.count)
            attachments.removeLast(attachments.count - before.attachments)
            throw error
        }
    }

    /// Adds a text, which never fails.
    mutating func append(text: String) {
        own()
        if !JSONText.isBlank(storage.span, range) { storage.append(UInt8(ascii: ",")) }
        JSONWriter.append(text, to: &storage)
        range = 0..<storage.count
    }

    /// Makes `storage` hold the JSON and nothing else.
    private mutating func own() {
        guard range.count != storage.count else { return }
        storage = Array(storage[range])
        range = 0..<storage.count
    }

    /// Refuses what every receiver would take for attachments that do not exist.
    ///
    /// Objects of a peer may look like placeholders. In a text without attachments they are
    /// ordinary; beside real ones they would make the receiver close its connection.
    private func checkPlaceholders(_ value: Any) throws {
        guard !attachments.isEmpty else { return }
        var array: [UInt8] = [UInt8(ascii: "[")]
        array.append(contentsOf: storage)
        array.append(UInt8(ascii: "]"))
        let count = attachments.count
        guard Placeholders.areLegal(array, 0..<array.count, attachments: count) else {
            let reason = "an object beside attachments looks like a placeholder"
            throw EncodingError.invalidValue(
                value,
                .init(codingPath: [], debugDescription: reason)
            )
        }
    }

    /// Adds the simplest types without an encoder.
    private mutating func appendQuick<T: Encodable>(_ value: T) -> Bool {
        if T.self == String.self, let value = value as? String {
            JSONWriter.append(value, to: &storage)
        } else if T.self == Int.self, let value = value as? Int {
            JSONWriter.append(value, to: &storage)
        } else if T.self == Bool.self, let value = value as? Bool {
            JSONWriter.append(value, to: &storage)
        } else if T.self == Double.self, let value = value as? Double {
            JSONWriter.append(value, to: &storage)
        } else if ObjectIdentifier(T.self) == PayloadType.optionalString,
            let value = value as? String?
        {
            appendOptional(value) { JSONWriter.append($0, to: &$1) }
        } else if ObjectIdentifier(T.self) == PayloadType.optionalInt,
            let value = value as? Int?
        {
            appendOptional(value) { JSONWriter.append($0, to: &$1) }
        } else {
            return false
        }
        return true
    }

    private mutating func appendOptional<T>(_ value: T?, _ write: (T, inout [UInt8]) -> Void) {
        if let value {
            write(value, &storage)
        } else {
            storage.append("null")
        }
    }
}
