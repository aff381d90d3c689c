/// The attachments of a text that is being encoded, shared by all its parts.
final class EncodingAttachments {
    var list: [[UInt8]]
    let binary: BinaryCoding

    init(list: [[UInt8]], binary: BinaryCoding) {
        self.list = list
        self.binary = binary
    }
}

/// Where the containers of a value write.
///
/// Codable lets a type ask for a nested container and fill it when it likes, even after its
/// own next member. Such containers get a buffer of their own, which is put into its place at
/// the end; everything else is written straight into one text.
final class EncodingBuffer {
    var text: EncodingText
    let shared: EncodingAttachments
    private let path: [any CodingKey]
    private var parts: [(offset: Int, buffer: EncodingBuffer)] = []

    init(bytes: [UInt8], path: [any CodingKey], shared: EncodingAttachments) {
        text = EncodingText(bytes: bytes)
        self.path = path
        self.shared = shared
    }

    /// The text, with all parts in their places.
    func finish() -> [UInt8] {
        text.end(to: 0)
        guard !parts.isEmpty else { return text.bytes }
        var whole: [UInt8] = []
        var start = 0
        for (offset, buffer) in parts {
            whole.append(contentsOf: text.bytes[start..<offset])
            whole.append(contentsOf: buffer.finish())
            start = offset
        }
        whole.append(contentsOf: text.bytes[start...])
        return whole
    }

    /// Lets a value write itself at the end of the text.
    func encodeItself<T: Encodable>(_ value: T, under key: (any CodingKey)?) throws {
        let depth = text.depth
        guard path.count + depth < PayloadEncoder.maxDepth else {
            throw invalid(value, "nested deeper than \(PayloadEncoder.maxDepth)", under: key)
        }
        text.begin(key)
        defer { text.end(to: depth) }
        try value.encode(to: ValueEncoder(buffer: self, frame: depth))
    }

    /// A place for a value that is encoded later.
    func part(under key: any CodingKey) -> ValueEncoder {
        let buffer = EncodingBuffer(bytes: [], path: codingPath() + [key], shared: shared)
        buffer.text.begin(nil)
        parts.append((text.bytes.count, buffer))
        return ValueEncoder(buffer: buffer, frame: 0)
    }

    func member(_ key: any CodingKey, _ frame: Int) throws {
        guard text.member(key.stringValue, frame) else { throw misuse() }
    }

    func element(_ frame: Int) throws {
        guard text.element(frame) else { throw misuse() }
    }

    func scalar(_ frame: Int) throws {
        guard text.scalar(frame) else { throw misuse() }
    }

    func codingPath() -> [any CodingKey] { path + text.keys }

    func invalid(_ value: Any, _ reason: String, under key: (any CodingKey)?) -> EncodingError {
        let place = codingPath() + (key.map { [$0] } ?? [])
        return .invalidValue(value, .init(codingPath: place, debugDescription: reason))
    }

    private func misuse() -> EncodingError {
        invalid((), "a value was encoded twice, or into a complete container", under: nil)
    }
}
