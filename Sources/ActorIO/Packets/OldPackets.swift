/// Packets of Socket.IO protocol 4, where they differ; they come over Engine.IO protocol 3.
///
/// ```
/// 0/admin?token=1,    CONNECT: the query is what `auth` is today
/// 0/admin,            the server's yes, without an id
/// 4/admin,"no"        the server's no: the data of the refusal, or else its text
/// ```
enum OldPackets {
    /// The greatest length of a name with its query: there may be a token in it.
    private static let maxName = 8_192

    /// Reads a packet whose namespace may have a query; that of a CONNECT becomes its payload.
    static func parse(
        _ message: [UInt8],
        from start: Int,
        limits: PacketParser.Limits
    ) throws(PacketError) -> SocketPacket {
        try adapted(PacketParser.parse(message, from: start, limits: wide(limits)), limits)
    }

    /// The same for a packet of a custom parser.
    static func check(
        _ packet: Packet,
        limits: PacketLimits
    ) throws(PacketError) -> SocketPacket {
        try adapted(PacketParser.check(packet, limits: wide(limits)), limits)
    }

    private static func wide(_ limits: PacketLimits) -> PacketLimits {
        var wide = limits
        wide.maxNamespace = maxName
        return wide
    }

    private static func adapted(
        _ packet: SocketPacket,
        _ limits: PacketLimits
    ) throws(PacketError) -> SocketPacket {
        var packet = packet
        let name = Array(packet.namespace.utf8)
        let end = name.firstIndex(of: UInt8(ascii: "?")) ?? name.count
        guard end <= limits.maxNamespace else { throw PacketError("namespace too long") }
        packet.namespace = String(decoding: name[..<end], as: UTF8.self)
        guard packet.kind == .connect else { return packet }
        return connect(packet.namespace, auth: auth(name[end...].dropFirst()))
    }

    /// A client's wish to join a namespace, made from what is known of it.
    static func connect(_ namespace: String, auth: [UInt8] = []) -> SocketPacket {
        SocketPacket(
            kind: .connect,
            namespace: namespace,
            bytes: auth,
            payload: 0..<auth.count,
            arguments: auth.count..<auth.count
        )
    }

    /// The server's yes to a namespace.
    static func accepted(
        _ namespace: String,
        _ format: PacketFormat = PacketFormat()
    ) throws -> MessageGroup {
        try format.connect(auth: nil, namespace: namespace)
    }

    /// The server's no to a namespace; `data` is JSON.
    static func refused(
        _ message: String,
        data: [UInt8]?,
        namespace: String,
        _ format: PacketFormat = PacketFormat()
    ) throws -> MessageGroup {
        if let data, !data.elementsEqual("null".utf8) {
            return try format.connectError(json: data, namespace: namespace)
        }
        var text: [UInt8] = []
        JSONWriter.append(message, to: &text)
        return try format.connectError(json: text, namespace: namespace)
    }

    /// A query as a JSON object of texts; of a name that comes twice the first counts.
    private static func auth(_ query: ArraySlice<UInt8>) -> [UInt8] {
        var seen: Set<ByteString> = []
        var json: [UInt8] = []
        for pair in Pairs(query) {
            guard let name = Pairs.text(pair.name), let value = Pairs.text(pair.value),
                seen.insert(ByteString(name)).inserted
            else { continue }
            json.append(json.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
            JSONWriter.append(name, to: &json)
            json.append(UInt8(ascii: ":"))
            JSONWriter.append(value, to: &json)
        }
        if !json.isEmpty { json.append(UInt8(ascii: "}")) }
        return json
    }
}
