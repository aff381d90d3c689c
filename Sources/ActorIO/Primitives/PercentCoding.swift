/// Percent escapes of queries, forms and cookies: bytes, never `Character`s.
enum PercentCoding {
    /// The bytes behind the escapes, or nil when an escape is not "%" and two hex digits.
    ///
    /// In queries and forms "+" is a space (`application/x-www-form-urlencoded`); in paths and
    /// cookies it is itself.
    static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) -> [UInt8]? {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "%") else {
                out.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                continue
            }
            guard index + 1 < bytes.endIndex,
                let high = Hex.value(bytes[index]), let low = Hex.value(bytes[index + 1])
            else { return nil }
            out.append(high << 4 | low)
            index += 2
        }
        return out
    }

    /// What JavaScript's `encodeURIComponent` writes.
    ///
    /// Everything is escaped but `A–Z a–z 0–9 - _ . ! ~ * ' ( )`.
    static func encodeURIComponent(_ text: String) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isUnreserved(byte) {
                out.append(byte)
            } else {
                appendEscape(byte, to: &out)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Appends "%" and the two upper-case digits of a byte (RFC 3986 2.1).
    static func appendEscape(_ byte: UInt8, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "%"))
        out.append(Hex.uppercased[Int(byte >> 4)])
        out.append(Hex.uppercased[Int(byte & 15)])
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: marks.contains(byte)
        }
    }

    private static let marks = [UInt8]("-_.!~*'()")
}
