/// Packets as MessagePack: each one a binary message, bytes inside it.
///
/// ```
/// 84                     a map of four
///   A4 type  02
///   A3 nsp   A1 /
///   A4 data  92 A5 photo C4 03 01 02 03
///   A2 id    07
/// ```
/// It speaks with `socket.io-msgpack-parser` 3.0.2 and with python-socketio's `msgpack` serializer.
/// A `Date` of JavaScript arrives as the text that JSON would have, an `ArrayBuffer` as bytes;
/// other extensions are refused. Whole numbers travel as integers, all others as doubles.
public struct MessagePackParser: CustomParser {
    /// Makes the parser.
    public init() {}

    /// One binary message.
    public func write(_ packet: Packet) throws -> [EngineMessage] {
        let payload = packet.payload
        var writer = MessagePackWriter()
        writer.reserve(payload.attachments.reduce(payload.range.count + 64) { $0 + $1.count })
        try writer.map(2 + (payload.isEmpty ? 0 : 1) + (packet.id == nil ? 0 : 1))
        try writer.string("type")
        writer.integer(Int64(packet.kind.rawValue))
        try writer.string("nsp")
        try writer.string(packet.namespace)
        if !payload.isEmpty {
            try writer.string("data")
            try writer.json(payload)
        }
        if let id = packet.id {
            try writer.string("id")
            writer.integer(Int64(id))
        }
        return [.binary(writer.bytes)]
    }

    /// A reader, which keeps nothing from one message to the next.
    public func makeReader(_ limits: PacketLimits) -> any PacketReader {
        MessageReader(limits: limits)
    }

    private struct MessageReader: PacketReader {
        let limits: PacketLimits

        func read(_ message: EngineMessage) throws -> Packet? {
            guard case .binary(let bytes) = message else {
                throw PacketError("a text among MessagePack")
            }
            return try MessagePackParser.packet(bytes, limits)
        }
    }
}

extension MessagePackParser {
    /// Where the members of a packet stand; what a peer says twice counts as it said it last.
    private struct Places {
        var kind = 0..<0
        var namespace = 0..<0
        var data = 0..<0
        var id = 0..<0

        /// Members with other names, such as the reference's `options`, are of no concern.
        mutating func take(_ name: ArraySlice<UInt8>, _ place: Range<Int>) {
            if name.elementsEqual("type".utf8) {
                kind = place
            } else if name.elementsEqual("nsp".utf8) {
                namespace = place
            } else if name.elementsEqual("data".utf8) {
                data = place
            } else if name.elementsEqual("id".utf8) {
                id = place
            }
        }
    }

    private static func packet(
        _ bytes: [UInt8],
        _ limits: PacketLimits
    ) throws(PacketError) -> Packet {
        var reader = MessagePackReader(bytes, limits)
        var places = Places()
        for _ in 0..<(try reader.mapCount()) {
            let name = try reader.name()
            places.take(bytes[name], try reader.value())
        }
        guard reader.isAtEnd else { throw PacketError("bytes behind a packet") }
        let json = reader.json
        guard let number: Int = JSONNumber.integer(json, places.kind),
            let kind = Packet.Kind(rawValue: number)
        else { throw PacketError("unknown packet type") }
        guard json[places.namespace].first == UInt8(ascii: "\"") else {
            throw PacketError("no namespace")
        }
        let name = places.namespace.dropFirst().dropLast()
        return Packet(
            kind,
            namespace: JSONText.string(json, name.startIndex..<name.endIndex, isEscaped: true),
            id: try id(json, places.id),
            payload: payload(reader, places.data)
        )
    }

    private static func id(_ json: [UInt8], _ place: Range<Int>) throws(PacketError) -> Int? {
        guard !isNothing(json, place) else { return nil }
        guard let id: Int = JSONNumber.integer(json, place) else {
            throw PacketError("an acknowledgement id that is no integer")
        }
        return id
    }

    private static func payload(_ reader: MessagePackReader, _ place: Range<Int>) -> Arguments {
        guard !isNothing(reader.json, place) else { return Arguments() }
        return Arguments(bytes: reader.json, range: place, attachments: reader.attachments)
    }

    /// Whether a member is missing; Python writes nil for it, JavaScript its `undefined`.
    private static func isNothing(_ json: [UInt8], _ place: Range<Int>) -> Bool {
        place.isEmpty || json[place].elementsEqual("null".utf8)
    }
}
