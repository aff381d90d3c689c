#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Turns `Encodable` values into JSON text, their bytes into attachments.
///
/// `[UInt8]` and `Data` become placeholders, a `Date` what JavaScript's `toISOString` writes,
/// `URL` its text, `Decimal` a number; everything else is what its `encode(to:)` says.
enum PayloadEncoder {
    /// Nesting that no reader of ours would take is refused before it can use up the stack.
    static let maxDepth = JSONScanner.deepest - 1

    /// Plain JSON, for HTTP and for stores: `Data` is Base64, `[UInt8]` an array of numbers.
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        var json: [UInt8] = []
        var none: [[UInt8]] = []
        try encode(value, to: &json, attachments: &none, binary: .text)
        return json
    }

    /// Appends a value to a JSON text; on an error both arrays are as they were.
    static func encode(
        _ value: some Encodable,
        to json: inout [UInt8],
        attachments: inout [[UInt8]],
        binary: BinaryCoding = .attachments
    ) throws {
        let (jsonCount, attachmentCount) = (json.count, attachments.count)
        let shared = EncodingAttachments(list: attachments, binary: binary)
        let buffer = EncodingBuffer(bytes: json, path: [], shared: shared)
        json = []  // so that the buffer owns its bytes alone
        do {
            if try !buffer.writeLeaf(value, under: nil) {
                try buffer.encodeItself(value, under: nil)
            }
        } catch {
            json = Array(buffer.finish().prefix(jsonCount))
            attachments = Array(shared.list.prefix(attachmentCount))
            throw error
        }
        json = buffer.finish()
        attachments = shared.list
    }
}

extension EncodingBuffer {
    /// Writes a value whose form is fixed here; false when its own `encode(to:)` must say.
    ///
    /// Where the compiler knows the type, only one line of this is left.
    @inline(__always)
    func writeLeaf<T: Encodable>(_ value: T, under key: (any CodingKey)?) throws -> Bool {
        if T.self == String.self, let value = value as? String {
            JSONWriter.append(value, to: &text.bytes)
        } else if T.self == Int.self, let value = value as? Int {
            JSONWriter.append(value, to: &text.bytes)
        } else if T.self == Bool.self, let value = value as? Bool {
            JSONWriter.append(value, to: &text.bytes)
        } else if T.self == Double.self, let value = value as? Double {
            JSONWriter.append(value, to: &text.bytes)
        } else if T.self == Float.self, let value = value as? Float {
            JSONWriter.append(value, to: &text.bytes)
        } else if !writeInteger(value) {
            return try writeSpecial(value, under: key)
        }
        return true
    }

    @inline(__always)
    private func writeInteger<T: Encodable>(_ value: T) -> Bool {
        write(value, Int64.self) || write(value, UInt64.self) || write(value, UInt.self)
            || write(value, Int32.self) || write(value, UInt32.self) || write(value, UInt8.self)
            || write(value, Int16.self) || write(value, UInt16.self) || write(value, Int8.self)
            || write(value, Int128.self) || write(value, UInt128.self)
    }

    @inline(__always)
    private func write<T, N: FixedWidthInteger>(_ value: T, _ type: N.Type) -> Bool {
        guard T.self == N.self, let value = value as? N else { return false }
        JSONWriter.append(value, to: &text.bytes)
        return true
    }

    private func writeSpecial<T: Encodable>(
        _ value: T,
        under key: (any CodingKey)?
    ) throws -> Bool {
        if T.self == JSONValue.self, let value = value as? JSONValue {
            JSONWriter.append(
                value,
                to: &text.bytes,
                attachments: &shared.list,
                binary: shared.binary
            )
        } else if ObjectIdentifier(T.self) == PayloadType.bytes, let value = value as? [UInt8] {
            guard shared.binary == .attachments else { return false }
            write(binary: value)
        } else if T.self == Data.self, let value = value as? Data {
            write(binary: [UInt8](value))
        } else if T.self == Date.self, let value = value as? Date {
            try write(date: value, under: key)
        } else if T.self == URL.self, let value = value as? URL {
            JSONWriter.append(value.absoluteString, to: &text.bytes)
        } else if T.self == Decimal.self, let value = value as? Decimal {
            text.bytes.append(value.isNaN ? "null" : "\(value)")
        } else {
            return false
        }
        return true
    }

    private func write(binary value: [UInt8]) {
        JSONWriter.append(binary: value, to: &text.bytes, &shared.list, shared.binary)
    }

    private func write(date: Date, under key: (any CodingKey)?) throws {
        let milliseconds = (date.timeIntervalSince1970 * 1_000).rounded()
        guard let whole = Int64(exactly: milliseconds),
            let iso = ISO8601.text(milliseconds: whole)
        else {
            // Not the date itself: Foundation traps when such a date is printed.
            let seconds = date.timeIntervalSince1970
            throw invalid(seconds, "ISO 8601 has no such date", under: key)
        }
        text.bytes.append(UInt8(ascii: "\""))
        text.bytes.append(contentsOf: iso)
        text.bytes.append(UInt8(ascii: "\""))
    }
}
