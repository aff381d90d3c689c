/// Values to JSON text, spelled as `JSON.stringify` spells it.
///
/// `/`, U+2028 and U+2029 are not escaped; what no number can say (NaN, infinity) is `null`.
enum JSONWriter {
    static func append(_ value: Bool, to json: inout [UInt8]) {
        json.append(value ? "true" : "false")
    }

    static func append(_ value: some FixedWidthInteger, to json: inout [UInt8]) {
        if let value = Int(exactly: value) {
            json.append(decimal: value)
        } else {
            json.append(String(value))
        }
    }

    static func append(_ value: Double, to json: inout [UInt8]) {
        guard value.isFinite else { return json.append("null") }
        // Integral doubles have no fraction; -0 keeps its sign.
        if let whole = Int(exactly: value), abs(value) < 0x1p53, whole != 0 || value.sign == .plus {
            json.append(decimal: whole)
            return
        }
        appendDigits(of: value.description, to: &json)
    }

    static func append(_ value: Float, to json: inout [UInt8]) {
        guard value.isFinite else { return json.append("null") }
        appendDigits(of: value.description, to: &json)
    }

    private static func appendDigits(of description: String, to json: inout [UInt8]) {
        json.append(description)
        if description.utf8.suffix(2).elementsEqual(".0".utf8) { json.removeLast(2) }
    }

    /// Appends a string with its quotes.
    static func append(_ text: String, to json: inout [UInt8]) {
        json.append(UInt8(ascii: "\""))
        let start = json.count
        json.append(text)
        let clean = firstEscape(in: json, from: start)
        if clean < json.count { escape(from: clean, in: &json) }
        json.append(UInt8(ascii: "\""))
    }

    /// Appends a string of bytes that are known to be UTF-8, with its quotes.
    static func append(utf8 bytes: ArraySlice<UInt8>, to json: inout [UInt8]) {
        json.append(UInt8(ascii: "\""))
        let start = json.count
        json.append(contentsOf: bytes)
        let clean = firstEscape(in: json, from: start)
        if clean < json.count { escape(from: clean, in: &json) }
        json.append(UInt8(ascii: "\""))
    }

    private static func firstEscape(in json: [UInt8], from start: Int) -> Int {
        let bytes = json.span
        var index = start
        while index < bytes.count, !needsEscape(bytes[index]) { index += 1 }
        return index
    }

    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// Replaces what must be escaped in the end of the text, which was appended as it is.
    private static func escape(from start: Int, in json: inout [UInt8]) {
        let tail = Array(json[start...])
        json.removeLast(tail.count)
        json.reserveCapacity(json.count + tail.count + tail.count / 8 + 8)
        for byte in tail {
            guard needsEscape(byte) else {
                json.append(byte)
                continue
            }
            json.append(UInt8(ascii: "\\"))
            if let letter = letter(for: byte) {
                json.append(letter)
            } else {
                json.append(UInt8(ascii: "u"))
                json.append(UInt8(ascii: "0"))
                json.append(UInt8(ascii: "0"))
                json.append(byte >> 4 == 0 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
                json.append(hexDigit(byte & 0x0F))
            }
        }
    }

    private static func letter(for byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
        case 0x08: UInt8(ascii: "b")
        case 0x09: UInt8(ascii: "t")
        case 0x0A: UInt8(ascii: "n")
        case 0x0C: UInt8(ascii: "f")
        case 0x0D: UInt8(ascii: "r")
        default: nil
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

/// Bytes inside a value: what becomes of them.
enum BinaryCoding: Sendable {
    /// Placeholders, and the bytes beside the text: Socket.IO.
    case attachments
    /// Base64 for `Data` and `JSONValue.binary`, numbers for `[UInt8]`: plain JSON.
    case text
}

// Values without a type of their own.
extension JSONWriter {
    /// An array or object that is being written.
    private enum Level {
        case array(IndexingIterator<[JSONValue]>)
        case object(IndexingIterator<JSONObject>)
    }

    /// Appends any value; without recursion, for a value may be nested as deep as one likes.
    static func append(
        _ value: JSONValue,
        to json: inout [UInt8],
        attachments: inout [[UInt8]],
        binary: BinaryCoding = .attachments
    ) {
        var levels: [Level] = []
        var next: JSONValue? = value
        var isFirst = true
        while true {
            if let value = next {
                let opened = append(leaf: value, to: &json, &attachments, binary)
                if let opened { levels.append(opened) }
                isFirst = opened != nil
            }
            guard let level = levels.popLast() else { return }
            next = step(level, &levels, &json, isFirst)
            if next == nil { isFirst = false }
        }
    }

    /// Moves on in the innermost container, or closes it.
    private static func step(
        _ level: Level,
        _ levels: inout [Level],
        _ json: inout [UInt8],
        _ isFirst: Bool
    ) -> JSONValue? {
        switch level {
        case .array(var elements):
            guard let value = elements.next() else {
                json.append(UInt8(ascii: "]"))
                return nil
            }
            if !isFirst { json.append(UInt8(ascii: ",")) }
            levels.append(.array(elements))
            return value
        case .object(var members):
            guard let (name, value) = members.next() else {
                json.append(UInt8(ascii: "}"))
                return nil
            }
            if !isFirst { json.append(UInt8(ascii: ",")) }
            append(name, to: &json)
            json.append(UInt8(ascii: ":"))
            levels.append(.object(members))
            return value
        }
    }

    /// Appends a scalar, or the opening bracket of the container it returns.
    private static func append(
        leaf value: JSONValue,
        to json: inout [UInt8],
        _ attachments: inout [[UInt8]],
        _ binary: BinaryCoding
    ) -> Level? {
        switch value {
        case .null: json.append("null")
        case .bool(let value): append(value, to: &json)
        case .int(let value): json.append(decimal: value)
        case .double(let value): append(value, to: &json)
        case .string(let value): append(value, to: &json)
        case .binary(let bytes): append(binary: bytes, to: &json, &attachments, binary)
        case .array(let elements):
            json.append(UInt8(ascii: "["))
            return .array(elements.makeIterator())
        case .object(let members):
            json.append(UInt8(ascii: "{"))
            return .object(members.makeIterator())
        }
        return nil
    }

    /// Appends bytes as a placeholder or as Base64.
    static func append(
        binary bytes: [UInt8],
        to json: inout [UInt8],
        _ attachments: inout [[UInt8]],
        _ coding: BinaryCoding
    ) {
        switch coding {
        case .attachments:
            Placeholders.append(attachments.count, to: &json)
            attachments.append(bytes)
        case .text:
            json.append(UInt8(ascii: "\""))
            Base64.append(bytes[...], to: &json)
            json.append(UInt8(ascii: "\""))
        }
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value as JSON text, bytes in Base64.
    public var description: String { String(decoding: jsonBytes, as: UTF8.self) }

    /// The value as JSON text in UTF-8, bytes in Base64.
    public var jsonBytes: [UInt8] {
        var json: [UInt8] = []
        var none: [[UInt8]] = []
        JSONWriter.append(self, to: &json, attachments: &none, binary: .text)
        return json
    }
}
