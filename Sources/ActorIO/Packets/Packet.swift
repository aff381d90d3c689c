/// A packet of Socket.IO, as custom parsers read and write it.
///
/// ```swift
/// let packet = Packet(.event, id: 7, data: ["photo", .binary(bytes)])
/// packet.event        // "photo"
/// packet.data         // all of it, bytes included
/// ```
/// Binary values stand among the others; there are no kinds of their own for packets with bytes.
public struct Packet: Sendable {
    /// The types of packets, by the numbers that the protocol gives them.
    public enum Kind: Int, Sendable {
        /// A client wants to join a namespace, or the server's yes.
        case connect
        /// Somebody leaves a namespace.
        case disconnect
        /// An event.
        case event
        /// The answer to an event.
        case ack
        /// The server's no to a namespace.
        case connectError
    }

    /// What it is.
    public let kind: Kind
    /// The name of the namespace, which begins with a slash.
    public let namespace: String
    /// What an event wants answered under, or an acknowledgement answers.
    public let id: Int?
    /// One argument, the whole payload; none when the packet has no payload.
    let payload: Arguments

    init(_ kind: Kind, namespace: String, id: Int?, payload: Arguments) {
        self.kind = kind
        self.namespace = namespace
        self.id = id
        self.payload = payload
    }

    /// Makes a packet of a value.
    ///
    /// `data` is an array for events and acknowledgements, the name of the event its first element,
    /// and an object for the other kinds. What a packet lacks is noticed when it is received.
    public init(_ kind: Kind, namespace: String = "/", id: Int? = nil, data: JSONValue? = nil) {
        var json: [UInt8] = []
        var attachments: [[UInt8]] = []
        if let data { JSONWriter.append(data, to: &json, attachments: &attachments) }
        let payload = Arguments(bytes: json, range: 0..<json.count, attachments: attachments)
        self.init(kind, namespace: namespace, id: id, payload: payload)
    }

    /// Makes a packet of JSON text, in which `{"_placeholder":true,"num":0}` stands for the first
    /// attachment.
    public init(
        _ kind: Kind,
        namespace: String = "/",
        id: Int? = nil,
        json: String,
        attachments: [[UInt8]] = []
    ) throws(JSONError) {
        let bytes = Array(json.utf8)
        let limits = JSONLimits(depth: JSONScanner.deepest, elements: .max)
        try JSONScanner.validate(bytes, 0..<bytes.count, limits: limits)
        let payload = Arguments(bytes: bytes, range: 0..<bytes.count, attachments: attachments)
        self.init(kind, namespace: namespace, id: id, payload: payload)
    }
}

// What is in it.
extension Packet {
    /// The payload; nil when there is none.
    ///
    /// Integers that fit no `Int` are doubles here; ``json`` has all their digits.
    public var data: JSONValue? { payload.isEmpty ? nil : try? payload.decode(0) }

    /// The payload as JSON text, with placeholders where its bytes belong; nil when there is none.
    public var json: String? {
        payload.isEmpty ? nil : String(decoding: payload.bytes[payload.range], as: UTF8.self)
    }

    /// The bytes that placeholders of ``json`` name.
    public var attachments: [[UInt8]] { payload.attachments }

    /// The name of an event, a number by its characters; nil for other kinds.
    public var event: String? {
        guard kind == .event, let elements, let place = elements.place(of: 0) else { return nil }
        if let name: String = try? elements.decode(0) { return name }
        return String(decoding: elements.bytes[place], as: UTF8.self)
    }

    /// What came with an event or an acknowledgement, decoded on demand; empty for other kinds.
    public var arguments: Arguments {
        guard let elements else { return Arguments() }
        guard kind == .event else { return kind == .ack ? elements : Arguments() }
        let start = elements.place(of: 1)?.lowerBound ?? elements.range.upperBound
        return Arguments(
            bytes: elements.bytes,
            range: start..<elements.range.upperBound,
            attachments: attachments
        )
    }

    /// The payload without the brackets of its array; nil when it is none.
    private var elements: Arguments? {
        guard let place = payload.place(of: 0), place.count > 1,
            payload.bytes[place.lowerBound] == UInt8(ascii: "[")
        else { return nil }
        let inside = place.lowerBound + 1..<place.upperBound - 1
        return Arguments(bytes: payload.bytes, range: inside, attachments: attachments)
    }
}

extension Packet.Kind {
    /// The same in the text format, where packets with attachments have kinds of their own.
    var onTheWire: SocketPacket.Kind {
        switch self {
        case .connect: .connect
        case .disconnect: .disconnect
        case .event: .event
        case .ack: .ack
        case .connectError: .connectError
        }
    }
}
