/// Turns MessagePack into JSON text and attachments, without recursion and in linear time.
///
/// Lengths are compared with what is there before anything is made for them. The text is at most
/// six times as long as the message: that is what a control character takes.
struct MessagePackReader {
    private let bytes: [UInt8]
    private let limits: PacketLimits
    private var index = 0
    private var elements = 0
    private var levels: [Level] = []

    /// The values read so far, one behind the other.
    private(set) var json: [UInt8] = []
    /// What their placeholders name.
    private(set) var attachments: [[UInt8]] = []

    /// An array or map that is being read.
    private struct Level {
        let isMap: Bool
        /// How many elements or members are still to come.
        var left: Int
        /// Where its text begins, behind the bracket.
        let start: Int
        /// Where the text of the current member begins, with its comma.
        var member: Int
    }

    init(_ bytes: [UInt8], _ limits: PacketLimits) {
        self.bytes = bytes
        self.limits = limits
        json.reserveCapacity(bytes.count + bytes.count / 4)
    }

    /// Whether every byte has been read.
    var isAtEnd: Bool { index == bytes.count }

    /// Reads the head of a map whose members the caller reads.
    mutating func mapCount() throws(PacketError) -> Int {
        let format = try byte()
        switch format {
        case 0x80...0x8F: return try fitting(Int(format & 0x0F), size: 2)
        case 0xDE, 0xDF: return try fitting(length(2 << (format - 0xDE)), size: 2)
        default: throw PacketError("a packet that is no map")
        }
    }

    /// Reads the name of a member, and says where its bytes are.
    mutating func name() throws(PacketError) -> Range<Int> {
        try count()
        let format = try byte()
        switch format {
        case 0xA0...0xBF: return try text(Int(format & 0x1F))
        case 0xD9...0xDB: return try text(length(1 << (format - 0xD9)))
        default: throw PacketError("a name that is no string")
        }
    }

    /// Reads a value and all in it, and says where its text is: nowhere when it is `undefined`.
    mutating func value() throws(PacketError) -> Range<Int> {
        let start = json.count
        repeat { try item() } while try moveOn()
        return start..<json.count
    }

    /// Reads a scalar, or the head of a container.
    private mutating func item() throws(PacketError) {
        try count()
        let format = try byte()
        switch format {
        case 0x00...0x7F, 0xE0...0xFF: json.append(decimal: Int(Int8(bitPattern: format)))
        case 0x80...0x8F: try open(isMap: true, Int(format & 0x0F))
        case 0x90...0x9F: try open(isMap: false, Int(format & 0x0F))
        case 0xA0...0xBF: try string(Int(format & 0x1F))
        case 0xC0: json.append("null")
        case 0xC2, 0xC3: JSONWriter.append(format == 0xC3, to: &json)
        case 0xC4...0xC6: try binary(length(1 << (format - 0xC4)))
        case 0xC7...0xC9: try extended(length(1 << (format - 0xC7)), isFixed: false)
        case 0xCA: try float()
        case 0xCB: JSONWriter.append(Double(bitPattern: try number(8)), to: &json)
        case 0xCC...0xCF: JSONWriter.append(try number(1 << (format - 0xCC)), to: &json)
        case 0xD0...0xD3: JSONWriter.append(try signed(1 << (format - 0xD0)), to: &json)
        case 0xD4...0xD8: try extended(1 << (format - 0xD4), isFixed: true)
        case 0xD9...0xDB: try string(length(1 << (format - 0xD9)))
        case 0xDC, 0xDD: try open(isMap: false, length(2 << (format - 0xDC)))
        case 0xDE, 0xDF: try open(isMap: true, length(2 << (format - 0xDE)))
        default: throw PacketError("a byte that MessagePack never uses")
        }
    }

    private mutating func open(isMap: Bool, _ count: Int) throws(PacketError) {
        guard levels.count < limits.maxDepth else { throw PacketError("nested too deep") }
        let count = try fitting(count, size: isMap ? 2 : 1)
        json.append(isMap ? UInt8(ascii: "{") : UInt8(ascii: "["))
        let start = json.count
        levels.append(Level(isMap: isMap, left: count, start: start, member: start))
    }

    /// Goes to the next value of the innermost container, and closes those that have none left.
    private mutating func moveOn() throws(PacketError) -> Bool {
        while var level = levels.popLast() {
            guard level.left > 0 else {
                json.append(level.isMap ? UInt8(ascii: "}") : UInt8(ascii: "]"))
                continue
            }
            level.left -= 1
            level.member = json.count
            levels.append(level)
            if json.count > level.start { json.append(UInt8(ascii: ",")) }
            if level.isMap {
                JSONWriter.append(utf8: bytes[try name()], to: &json)
                json.append(UInt8(ascii: ":"))
            }
            return true
        }
        return false
    }

    private mutating func count() throws(PacketError) {
        elements += 1
        guard elements <= limits.maxElements else { throw PacketError("too many values") }
    }

    /// A count for which there are bytes enough, `size` for each at least.
    private func fitting(_ count: Int, size: Int) throws(PacketError) -> Int {
        guard count <= (bytes.count - index) / size else { throw ended }
        return count
    }

    private var ended: PacketError { PacketError("MessagePack that ends inside a value") }
}

// Scalars.
extension MessagePackReader {
    private mutating func byte() throws(PacketError) -> UInt8 {
        guard index < bytes.count else { throw ended }
        defer { index += 1 }
        return bytes[index]
    }

    private mutating func take(_ count: Int) throws(PacketError) -> Range<Int> {
        guard count <= bytes.count - index else { throw ended }
        defer { index += count }
        return index..<index + count
    }

    /// An unsigned number of one to eight bytes, the first of which counts most.
    private mutating func number(_ width: Int) throws(PacketError) -> UInt64 {
        var value: UInt64 = 0
        for place in try take(width) { value = value << 8 | UInt64(bytes[place]) }
        return value
    }

    private mutating func signed(_ width: Int) throws(PacketError) -> Int64 {
        let shift = 64 - width * 8
        return Int64(bitPattern: try number(width) << UInt64(shift)) >> Int64(shift)
    }

    /// A length of one, two or four bytes.
    private mutating func length(_ width: Int) throws(PacketError) -> Int {
        Int(truncatingIfNeeded: try number(width))
    }

    private mutating func float() throws(PacketError) {
        let pattern = UInt32(truncatingIfNeeded: try number(4))
        JSONWriter.append(Double(Float(bitPattern: pattern)), to: &json)
    }

    private mutating func text(_ length: Int) throws(PacketError) -> Range<Int> {
        let place = try take(length)
        guard UTF8Check.isValid(bytes.span.extracting(place)) else {
            throw PacketError("a string that is not UTF-8")
        }
        return place
    }

    private mutating func string(_ length: Int) throws(PacketError) {
        JSONWriter.append(utf8: bytes[try text(length)], to: &json)
    }

    private mutating func binary(_ length: Int) throws(PacketError) {
        let place = try take(length)
        guard attachments.count < limits.maxAttachments else {
            throw PacketError("too many attachments")
        }
        Placeholders.append(attachments.count, to: &json)
        attachments.append(Array(bytes[place]))
    }
}

// Extensions: the timestamps of the specification, and what notepack.io has under type 0.
extension MessagePackReader {
    private mutating func extended(_ length: Int, isFixed: Bool) throws(PacketError) {
        switch (try signed(1), length, isFixed) {
        case (0, 1, true):
            _ = try take(1)
            leaveOut()
        case (0, 8, true): date(try signed(8))
        case (0, _, false): try binary(length)
        case (-1, 4, true): date(Int64(bitPattern: try number(4)), 0)
        case (-1, 8, true):
            let both = try number(8)
            date(Int64(bitPattern: both & 0x3_FFFF_FFFF), Int64(bitPattern: both >> 34))
        case (-1, 12, false):
            let nanoseconds = Int64(bitPattern: try number(4))
            date(try signed(8), nanoseconds)
        default: throw PacketError("an unknown extension of MessagePack")
        }
    }

    /// `undefined` does what it does in `JSON.stringify`: members go, elements become null.
    private mutating func leaveOut() {
        guard let level = levels.last else { return }
        if level.isMap {
            json.removeLast(json.count - level.member)
        } else {
            json.append("null")
        }
    }

    private mutating func date(_ seconds: Int64, _ nanoseconds: Int64) {
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        let (sum, carry) = milliseconds.addingReportingOverflow(nanoseconds / 1_000_000)
        date(overflow || carry || nanoseconds > 999_999_999 ? .max : sum)
    }

    /// A point of time as `toJSON` writes it: null where JavaScript has no date.
    private mutating func date(_ milliseconds: Int64) {
        guard let text = ISO8601.text(milliseconds: milliseconds) else {
            return json.append("null")
        }
        json.append(UInt8(ascii: "\""))
        json.append(contentsOf: text)
        json.append(UInt8(ascii: "\""))
    }
}
