/// What a client of this protocol reads; the test kit's half of the wire, made of the server's own
/// parts.
package enum ClientPacket: Sendable {
    case open([UInt8])
    case close
    case ping
    case probeAnswered
    case noop
    case connected(namespace: String, Arguments)
    case refused(namespace: String, Arguments)
    case disconnected(namespace: String)
    case event(namespace: String, name: String, Arguments, ack: Int?)
    case answer(namespace: String, id: Int, Arguments)
}

/// Reads and writes the client's side of Engine.IO and Socket.IO.
package struct ClientCodec {
    private var frames = MessageParser(role: .client, maxPayload: 100_000_000)
    private var gatherer: AttachmentGatherer?
    private let format: PacketFormat
    private let reader: CheckedReader?

    /// Reads and writes as the options of a server say.
    package init(_ parser: (any CustomParser)? = nil) {
        format = PacketFormat(parser)
        reader = parser.map { CheckedReader($0, limits: Self.limits, maxBytes: .max) }
    }

    /// Newer servers may send what our own limits refuse.
    private static var limits: PacketLimits {
        var limits = PacketLimits()
        limits.maxAttachments = 10_000
        return limits
    }

    /// The packets in the bytes of a WebSocket, and whether a close frame was among them.
    package mutating func read(
        webSocket bytes: [UInt8]
    ) throws -> (packets: [ClientPacket], pings: [[UInt8]], isClosed: Bool) {
        var packets: [ClientPacket] = []
        var pings: [[UInt8]] = []
        var offset = 0
        while let message = try frames.parse(bytes.span, at: &offset) {
            switch message {
            case .text(let text): try take(EnginePacket.parse(text: text), &packets)
            case .binary(let bytes): try take(.binary(bytes), &packets)
            case .ping(let bytes): pings.append(bytes)
            case .pong: break
            case .close: return (packets, pings, true)
            }
        }
        return (packets, pings, false)
    }

    /// The packets in the body of a poll.
    package mutating func read(payload: [UInt8]) throws -> [ClientPacket] {
        var packets: [ClientPacket] = []
        let parsed = PayloadParser.parse(payload, maxPackets: .max)
        for packet in parsed.packets { try take(packet, &packets) }
        guard !parsed.failed else { throw PacketError("bad payload") }
        return packets
    }

    private mutating func take(_ packet: EnginePacket, _ packets: inout [ClientPacket]) throws {
        switch packet {
        case .open(let json): packets.append(.open(json))
        case .close: packets.append(.close)
        case .ping: packets.append(.ping)
        case .pong(probe: true): packets.append(.probeAnswered)
        case .noop: packets.append(.noop)
        case .pong, .upgrade, .clientPing: throw PacketError("a packet no server sends")
        case .message(let text):
            guard reader == nil else {
                let text = String(decoding: text.dropFirst(), as: UTF8.self)
                return try read(.text(text), &packets)
            }
            guard gatherer == nil else { throw PacketError("a message between attachments") }
            let packet = try PacketParser.parse(text, from: 1, limits: Self.limits)
            guard packet.attachmentCount > 0 else { return packets.append(Self.client(packet, [])) }
            var gatherer = AttachmentGatherer(maxBytes: .max)
            try gatherer.begin(packet)
            self.gatherer = gatherer
        case .binary(let bytes):
            guard reader == nil else { return try read(.binary(bytes), &packets) }
            guard let (packet, attachments) = try gatherer?.add(bytes) else { return }
            gatherer = nil
            packets.append(Self.client(packet, attachments))
        }
    }

    private func read(_ message: EngineMessage, _ packets: inout [ClientPacket]) throws {
        guard let (packet, attachments) = try reader?.read(message) else { return }
        packets.append(Self.client(packet, attachments))
    }

    private static func client(_ packet: SocketPacket, _ attachments: [[UInt8]]) -> ClientPacket {
        let namespace = packet.namespace
        switch packet.kind {
        case .connect:
            return .connected(
                namespace: namespace,
                packet.payloadArgument(with: attachments)
            )
        case .connectError:
            return .refused(
                namespace: namespace,
                packet.payloadArgument(with: attachments)
            )
        case .disconnect: return .disconnected(namespace: namespace)
        case .event, .binaryEvent:
            let arguments = packet.arguments(with: attachments)
            return .event(namespace: namespace, name: packet.event, arguments, ack: packet.id)
        case .ack, .binaryAck:
            let arguments = packet.arguments(with: attachments)
            return .answer(namespace: namespace, id: packet.id ?? 0, arguments)
        }
    }

    /// The value of `Sec-WebSocket-Accept` that a server must answer a key with.
    package static func accept(for key: String) -> String {
        String(decoding: UpgradeReply.acceptKey(Array(key.utf8)[...]), as: UTF8.self)
    }

    /// A masked text frame.
    package static func frame(text: [UInt8]) -> [UInt8] {
        FrameWriter.frame(.text, text, mask: mask)
    }

    /// A masked pong frame.
    package static func pong(_ bytes: [UInt8]) -> [UInt8] {
        FrameWriter.frame(.pong, bytes, mask: mask)
    }

    /// A masked close frame.
    package static var closeFrame: [UInt8] { FrameWriter.close(nil, mask: mask) }

    private static let mask: UInt32 = 0x5A17_C3E9
}

/// What a client sends.
package struct ClientMessage: Sendable {
    private let write: @Sendable (PacketFormat) throws -> MessageGroup

    /// An event; with an id it asks to be answered.
    package static func event<each Argument: Encodable & Sendable>(
        _ name: String,
        _ arguments: repeat each Argument,
        namespace: String,
        id: Int?
    ) throws -> ClientMessage {
        let encoded = try EncodedArguments.list(repeat each arguments)
        return ClientMessage { try $0.event(name, encoded, namespace: namespace, id: id) }
    }

    /// An answer to an event of the server's.
    package static func answer(
        _ value: some Encodable,
        id: Int,
        namespace: String
    ) throws -> ClientMessage {
        let encoded = try EncodedArguments.reply(value)
        return ClientMessage { try $0.ack(id: id, encoded, namespace: namespace) }
    }

    /// CONNECT with the JSON of its auth payload.
    package static func connect(auth: [UInt8]?, namespace: String) -> ClientMessage {
        ClientMessage { try $0.connect(auth: auth, namespace: namespace) }
    }

    /// DISCONNECT.
    package static func disconnect(namespace: String) -> ClientMessage {
        ClientMessage { try $0.disconnect(namespace: namespace) }
    }

    fileprivate func group(_ format: PacketFormat) throws -> MessageGroup { try write(format) }
}

// Sending.
extension ClientCodec {
    /// A message as masked frames.
    package func frames(_ message: ClientMessage) throws -> [UInt8] {
        let group = try message.group(format)
        var out: [UInt8] = []
        if group.hasText {
            FrameWriter.append(.text, group.storage[group.text], to: &out, mask: Self.mask)
        }
        for range in group.binary {
            FrameWriter.append(.binary, group.storage[range], to: &out, mask: Self.mask)
        }
        return out
    }

    /// A message as the body of a POST.
    package func payload(_ message: ClientMessage) throws -> [UInt8] {
        var body: [UInt8] = []
        PayloadWriter.append(try message.group(format), to: &body)
        return body
    }
}

/// JSON of a value, for bodies and auth payloads.
package func encodeJSON(_ value: some Encodable) throws -> [UInt8] {
    try PayloadEncoder.encode(value)
}

/// A value from JSON.
package func decodeJSON<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> Value {
    try Arguments(bytes: bytes, range: 0..<bytes.count).decode(0)
}

/// The error that a server's answer to a call stands for; nil for an ordinary answer.
package func callError(in answer: Arguments) -> CallError? {
    CallFailure.error(in: answer)
}
