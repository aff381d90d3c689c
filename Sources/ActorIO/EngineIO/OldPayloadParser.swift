/// Reads the body of a POST in Engine.IO protocol 3, which has two forms.
///
/// ```
/// text      5:4haha6:b4AQI=
///           lengths count UTF-16 code units
/// binary    00 05 FF 34 68 61 68 61   01 03 FF 04 01 02
///           ││ ││ └─ end of digits    └─ bytes, not text
///           │└─ digits of the length, which counts bytes
///           └─ text
/// ```
/// One pass and one copy per packet; a length is never believed before it is known to fit.
struct OldPayloadParser {
    /// How a body is written: a POST of type `application/octet-stream` has the binary form.
    enum Form: Sendable { case text, binary }

    private let body: [UInt8]
    private var index = 0

    private init(_ body: [UInt8]) {
        self.body = body
    }

    /// Returns the packets before the first bad one, and whether there was a bad one.
    ///
    /// More than `maxPackets` count as bad. What follows a close packet is not looked at.
    static func parse(
        _ body: [UInt8],
        _ form: Form,
        maxPackets: Int
    ) -> (packets: [EnginePacket], failed: Bool) {
        var parser = OldPayloadParser(body)
        var packets: [EnginePacket] = []
        repeat {
            guard packets.count < maxPackets, let packet = try? parser.packet(form) else {
                return (packets, true)
            }
            packets.append(packet)
        } while parser.index < body.count && packets.last != .close
        return (packets, false)
    }

    private mutating func packet(_ form: Form) throws(EngineParseError) -> EnginePacket {
        switch form {
        case .text:
            let units = try length(zero: UInt8(ascii: "0"), mark: UInt8(ascii: ":"))
            return try text(upTo: try end(after: units))
        case .binary:
            guard index < body.count, body[index] <= 1 else { throw .unknownType }
            let isText = body[index] == 0
            index += 1
            let count = try length(zero: 0, mark: 0xFF)
            guard count <= body.count - index else { throw .invalidLength }
            return isText ? try text(upTo: index + count) : try binary(upTo: index + count)
        }
    }

    private mutating func text(upTo end: Int) throws(EngineParseError) -> EnginePacket {
        guard UTF8Check.isValid(body.span.extracting(index..<end)) else { throw .invalidUTF8 }
        defer { index = end }
        return try .parse(oldText: Array(body[index..<end]))
    }

    private mutating func binary(upTo end: Int) throws(EngineParseError) -> EnginePacket {
        defer { index = end }
        return try .parse(oldBinary: body[index..<end])
    }

    /// Reads digits up to the mark: a number from 1 to the size of the body, without leading zeros.
    private mutating func length(zero: UInt8, mark: UInt8) throws(EngineParseError) -> Int {
        var value = 0
        while index < body.count, body[index] != mark {
            let digit = body[index] &- zero
            guard digit <= 9, value > 0 || digit > 0 else { throw .invalidLength }
            // Never more than the body has bytes, so ten times it can not overflow.
            value = value * 10 + Int(digit)
            guard value <= body.count else { throw .invalidLength }
            index += 1
        }
        guard value > 0, index < body.count else { throw .invalidLength }
        index += 1
        return value
    }

    /// Where a text of so many UTF-16 code units ends; an error when that is inside a character.
    private func end(after units: Int) throws(EngineParseError) -> Int {
        let bytes = body.span
        var left = units
        var end = index
        while end < bytes.count {
            let byte = bytes[end]
            if UTF16Length.isLead(byte) {
                guard left > 0 else { break }
                left -= UTF16Length.units(byte)
            }
            end += 1
        }
        guard left == 0 else { throw .invalidLength }
        return end
    }
}

/// How many UTF-16 code units a UTF-8 text has: two for a character of four bytes, else one.
enum UTF16Length {
    /// Whether a character begins with the byte.
    static func isLead(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }

    /// The code units of the character that begins with the byte.
    static func units(_ lead: UInt8) -> Int { lead >= 0xF0 ? 2 : 1 }

    /// The code units of a whole text.
    static func count(_ text: ArraySlice<UInt8>) -> Int {
        let bytes = text.span
        var count = 0
        for index in bytes.indices where isLead(bytes[index]) { count += units(bytes[index]) }
        return count
    }
}
