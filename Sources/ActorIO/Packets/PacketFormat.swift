/// How packets leave: as the text of the protocol, or as a custom parser writes them.
///
/// It is one word, and the way of the text is inlined: only who uses a custom parser pays for it.
struct PacketFormat: Sendable {
    private let custom: CustomFormat?

    init(_ parser: (any CustomParser)? = nil) {
        custom = parser.map(CustomFormat.init)
    }

    /// Nil for the text.
    var parser: (any CustomParser)? { custom?.parser }

    @inline(__always)
    func event(
        _ name: String,
        _ arguments: EncodedArguments,
        namespace: String,
        id: Int? = nil
    ) throws -> MessageGroup {
        guard let custom else {
            return PacketWriter.event(name, arguments, namespace: namespace, id: id)
        }
        return try custom.event(name, arguments, namespace, id)
    }

    @inline(__always)
    func ack(
        id: Int,
        _ arguments: EncodedArguments,
        namespace: String
    ) throws -> MessageGroup {
        guard let custom else {
            return PacketWriter.ack(id: id, arguments, namespace: namespace)
        }
        return try custom.ack(id, arguments, namespace)
    }

    func connect(sid: String, pid: String? = nil, namespace: String) throws -> MessageGroup {
        guard let custom else {
            return PacketWriter.connect(sid: sid, pid: pid, namespace: namespace)
        }
        var json: [UInt8] = []
        PacketWriter.append(sid: sid, pid: pid, to: &json)
        return try custom.write(.connect, namespace, json: json)
    }

    func connect(auth json: [UInt8]?, namespace: String) throws -> MessageGroup {
        guard let custom else { return PacketWriter.connect(auth: json, namespace: namespace) }
        return try custom.write(.connect, namespace, json: json ?? [])
    }

    func connectError(
        message: String,
        data: [UInt8]? = nil,
        namespace: String
    ) throws -> MessageGroup {
        guard let custom else {
            return PacketWriter.connectError(message: message, data: data, namespace: namespace)
        }
        var json: [UInt8] = []
        PacketWriter.append(message: message, data: data, to: &json)
        return try custom.write(.connectError, namespace, json: json)
    }

    func connectError(json: [UInt8], namespace: String) throws -> MessageGroup {
        guard let custom else {
            return PacketWriter.connectError(json: json, namespace: namespace)
        }
        return try custom.write(.connectError, namespace, json: json)
    }

    func disconnect(namespace: String) throws -> MessageGroup {
        guard let custom else { return PacketWriter.disconnect(namespace: namespace) }
        return try custom.write(.disconnect, namespace)
    }

    /// Frames the messages of a packet.
    static func group(_ messages: [EngineMessage]) throws(PacketError) -> MessageGroup {
        guard let first = messages.first else { throw PacketError("a packet without messages") }
        var binary: [[UInt8]] = []
        binary.reserveCapacity(messages.count)
        for case .binary(let bytes) in messages { binary.append(bytes) }
        guard case .text(let text) = first else {
            guard binary.count == messages.count else { throw textBehind }
            return MessageGroup(binary: binary)
        }
        guard binary.count == messages.count - 1 else { throw textBehind }
        return MessageGroup(text: [UInt8(ascii: "4")] + Array(text.utf8), binary: binary)
    }

    private static var textBehind: PacketError { PacketError("a text behind other messages") }
}

/// The box of a custom parser.
private final class CustomFormat: Sendable {
    let parser: any CustomParser

    init(_ parser: any CustomParser) {
        self.parser = parser
    }

    func event(
        _ name: String,
        _ arguments: EncodedArguments,
        _ namespace: String,
        _ id: Int?
    ) throws -> MessageGroup {
        var json: [UInt8] = []
        PacketWriter.append(name, arguments, to: &json)
        return try write(.event, namespace, id, json: json, arguments.attachments)
    }

    func ack(
        _ id: Int,
        _ arguments: EncodedArguments,
        _ namespace: String
    ) throws -> MessageGroup {
        var json: [UInt8] = []
        PacketWriter.append(arguments, to: &json)
        return try write(.ack, namespace, id, json: json, arguments.attachments)
    }

    func write(
        _ kind: Packet.Kind,
        _ namespace: String,
        _ id: Int? = nil,
        json: [UInt8] = [],
        _ attachments: [[UInt8]] = []
    ) throws -> MessageGroup {
        let payload = Arguments(bytes: json, range: 0..<json.count, attachments: attachments)
        let packet = Packet(kind, namespace: namespace, id: id, payload: payload)
        return try PacketFormat.group(parser.write(packet))
    }
}
