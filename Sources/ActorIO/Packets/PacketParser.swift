/// Reads the text of a Socket.IO packet.
///
/// ```
/// packet = type [ attachments "-" ] [ namespace "," ] [ id ] [ json ]
/// ```
/// It is stricter than the reference where that was attacked: digits are digits, binary
/// packets have attachments, events have names, and nothing is left unread.
struct PacketParser {
    typealias Limits = PacketLimits

    private let limits: Limits
    private let end: Int
    private var index: Int

    /// Reads the packet that begins at `start`; the message must be valid UTF-8.
    static func parse(
        _ message: [UInt8],
        from start: Int = 0,
        limits: Limits = Limits()
    ) throws(PacketError) -> SocketPacket {
        var parser = PacketParser(limits: limits, end: message.count, index: start)
        return try parser.packet(message)
    }

    private init(limits: Limits, end: Int, index: Int) {
        self.limits = limits
        self.end = end
        self.index = index
    }

    private mutating func packet(_ bytes: [UInt8]) throws(PacketError) -> SocketPacket {
        guard index < end, let kind = SocketPacket.Kind(rawValue: bytes[index] &- zero) else {
            throw PacketError("unknown packet type")
        }
        index += 1
        let span = bytes.span
        let attachmentCount = kind.isBinary ? try attachmentCount(span) : 0
        let hasNamespace = index < end && span[index] == UInt8(ascii: "/")
        let namespace = hasNamespace ? try namespace(bytes) : "/"
        let id = try id(span, kind)
        let payload = index..<end
        let content = try content(kind, payload, bytes)
        // Put together at the end: one that is changed after that is copied on its way out.
        return SocketPacket(
            kind: kind,
            namespace: namespace,
            id: id,
            attachmentCount: attachmentCount,
            event: content.event,
            bytes: bytes,
            payload: payload,
            arguments: content.arguments
        )
    }

    /// Reads `1*DIGIT "-"`, a number between 1 and the limit.
    private mutating func attachmentCount(_ bytes: Span<UInt8>) throws(PacketError) -> Int {
        let count = try number(bytes, upTo: limits.maxAttachments, "attachment count")
        guard let count, count > 0 else { throw PacketError("no attachment count") }
        guard index < end, bytes[index] == UInt8(ascii: "-") else {
            throw PacketError("no hyphen behind the attachment count")
        }
        index += 1
        return count
    }

    /// Reads a name up to the comma or the end; a query in it is part of it.
    private mutating func namespace(_ bytes: [UInt8]) throws(PacketError) -> String {
        let start = index
        while index < end, bytes[index] != UInt8(ascii: ",") {
            try checkNamespace(bytes[index], at: index - start)
            index += 1
        }
        let name = start..<index
        if index < end { index += 1 }
        return name.count == 1 ? "/" : String(decoding: bytes[name], as: UTF8.self)
    }

    @inline(__always)
    private func checkNamespace(_ byte: UInt8, at place: Int) throws(PacketError) {
        guard byte >= 0x20, byte != 0x7F else {
            throw PacketError("control character in a namespace")
        }
        guard place < limits.maxNamespace else { throw PacketError("namespace too long") }
    }

    private mutating func id(
        _ bytes: Span<UInt8>,
        _ kind: SocketPacket.Kind
    ) throws(PacketError) -> Int? {
        let id = try number(bytes, upTo: Self.greatestID, "acknowledgement id")
        try Self.check(id, kind)
        return id
    }

    /// The greatest integer that JavaScript counts to.
    private static let greatestID = 1 << 53

    @inline(__always)
    private static func check(_ id: Int?, _ kind: SocketPacket.Kind) throws(PacketError) {
        guard id == nil || kind.isEvent || kind.isAck else {
            throw PacketError("acknowledgement id where none belongs")
        }
        guard id != nil || !kind.isAck else { throw PacketError("no acknowledgement id") }
    }

    /// Reads all digits there are, if any; a number has no leading zeros.
    private mutating func number(
        _ bytes: Span<UInt8>,
        upTo limit: Int,
        _ what: StaticString
    ) throws(PacketError) -> Int? {
        // At most 2^53, so that ten times a legal value never overflows.
        let limit = min(limit, 1 << 53)
        let start = index
        var value = 0
        while index < end, bytes[index] &- zero <= 9 {
            value = value * 10 + Int(bytes[index] &- zero)
            index += 1
            guard value <= limit else { throw PacketError("\(what) too great") }
            guard index - start == 1 || bytes[start] != zero else {
                throw PacketError("\(what) with a leading zero")
            }
        }
        return index == start ? nil : value
    }

    private var zero: UInt8 { UInt8(ascii: "0") }
}

// Packets that other parsers have read.
extension PacketParser {
    /// Demands of a custom parser's packet what is demanded of a text.
    static func check(
        _ packet: Packet,
        limits: Limits
    ) throws(PacketError) -> SocketPacket {
        let payload = packet.payload
        let (start, end) = (payload.range.lowerBound, payload.range.upperBound)
        let parser = PacketParser(limits: limits, end: end, index: start)
        let kind = packet.kind.onTheWire
        try parser.checkNamespace(packet.namespace)
        try check(packet.id, kind)
        guard 0...greatestID ~= packet.id ?? 0 else {
            throw PacketError("acknowledgement id out of range")
        }
        let content = try parser.content(kind, payload.range, payload.bytes)
        try parser.checkAttachments(payload)
        return SocketPacket(
            kind: kind,
            namespace: packet.namespace,
            id: packet.id,
            event: content.event,
            bytes: payload.bytes,
            payload: payload.range,
            arguments: content.arguments
        )
    }

    private func checkNamespace(_ name: String) throws(PacketError) {
        guard name.utf8.first == UInt8(ascii: "/") else {
            throw PacketError("a namespace without a slash")
        }
        for (place, byte) in name.utf8.enumerated() { try checkNamespace(byte, at: place) }
    }

    private func checkAttachments(_ payload: Arguments) throws(PacketError) {
        let count = payload.attachments.count
        guard count > 0 else { return }
        guard count <= limits.maxAttachments else { throw PacketError("too many attachments") }
        guard Placeholders.areLegal(payload.bytes, payload.range, attachments: count) else {
            throw PacketError("illegal attachments")
        }
    }
}

// The payload.
extension PacketParser {
    /// What an event or an acknowledgement says: the name of an event, and where arguments are.
    private typealias Content = (event: String, arguments: Range<Int>)

    private func content(
        _ kind: SocketPacket.Kind,
        _ payload: Range<Int>,
        _ bytes: [UInt8]
    ) throws(PacketError) -> Content {
        if payload.isEmpty {
            guard kind == .connect || kind == .disconnect else { throw PacketError("no payload") }
            return ("", end..<end)
        }
        guard kind != .disconnect else { throw PacketError("payload of a disconnect") }
        let json = JSONLimits(depth: limits.maxDepth, elements: limits.maxElements)
        do {
            try JSONScanner.validate(bytes, payload, limits: json)
        } catch {
            throw PacketError("invalid JSON: \(error)")
        }
        let span = bytes.span
        let start = skipSpace(payload.lowerBound, span)
        switch kind {
        case .connect:
            guard span[start] == UInt8(ascii: "{") else { throw PacketError("auth is no object") }
        case .connectError:
            guard span[start] == UInt8(ascii: "{") || span[start] == UInt8(ascii: "\"") else {
                throw PacketError("error is no object")
            }
        case .event, .binaryEvent, .ack, .binaryAck:
            guard span[start] == UInt8(ascii: "[") else { throw PacketError("no array") }
            let list = start + 1..<closingBracket(span)
            return kind.isEvent ? try split(list, bytes) : ("", list)
        case .disconnect:
            break
        }
        return ("", end..<end)
    }

    /// Parts the name at the front of a list from the arguments behind it.
    private func split(_ list: Range<Int>, _ bytes: [UInt8]) throws(PacketError) -> Content {
        let span = bytes.span
        let start = skipSpace(list.lowerBound, span)
        let end = list.upperBound
        let (event, nameEnd): (String, Int)
        switch span[start] {
        case UInt8(ascii: "\""):
            nameEnd = JSONText.endOfString(start, span, end)
            event = name(bytes, start + 1..<nameEnd - 1)
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            nameEnd = JSONText.end(of: start, span, end)
            event = String(decoding: bytes[start..<nameEnd], as: UTF8.self)
        default:
            throw PacketError("an event without a name")
        }
        guard !SocketPacket.isReserved(event) else { throw PacketError("reserved event") }
        let comma = skipSpace(nameEnd, span)
        return (event, (comma < end ? comma + 1 : end)..<end)
    }

    private func name(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        let isEscaped = bytes[range].contains(UInt8(ascii: "\\"))
        return JSONText.string(bytes, range, isEscaped: isEscaped)
    }

    private func skipSpace(_ start: Int, _ bytes: Span<UInt8>) -> Int {
        var index = start
        while index < end, JSONText.isSpace(bytes[index]) { index += 1 }
        return index
    }

    /// The last bracket of the payload, which is known to be an array.
    private func closingBracket(_ bytes: Span<UInt8>) -> Int {
        var index = end - 1
        while bytes[index] != UInt8(ascii: "]") { index -= 1 }
        return index
    }
}
