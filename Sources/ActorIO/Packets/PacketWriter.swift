/// Packets to messages, with their WebSocket frames around them.
enum PacketWriter {
    /// An event, binary when its arguments are.
    static func event(
        _ name: String,
        _ arguments: EncodedArguments,
        namespace: String,
        id: Int? = nil
    ) -> MessageGroup {
        let binary = !arguments.attachments.isEmpty
        let extra = name.utf8.count + arguments.range.count
        var text = head(binary ? .binaryEvent : .event, namespace, arguments, id, extra)
        append(name, arguments, to: &text)
        return MessageGroup(reserved: consume text, binary: arguments.attachments)
    }

    /// The answer to an event, binary when its arguments are.
    static func ack(id: Int, _ arguments: EncodedArguments, namespace: String) -> MessageGroup {
        let binary = !arguments.attachments.isEmpty
        let kind = binary ? SocketPacket.Kind.binaryAck : .ack
        var text = head(kind, namespace, arguments, id, arguments.range.count)
        append(arguments, to: &text)
        return MessageGroup(reserved: consume text, binary: arguments.attachments)
    }

    /// The server's yes to a namespace; `pid` is the secret of connection state recovery.
    static func connect(sid: String, pid: String? = nil, namespace: String) -> MessageGroup {
        var text = head(.connect, namespace)
        append(sid: sid, pid: pid, to: &text)
        return MessageGroup(reserved: consume text)
    }

    /// A client's wish to join a namespace; `json` is its auth object.
    static func connect(auth json: [UInt8]?, namespace: String) -> MessageGroup {
        var text = head(.connect, namespace)
        text.append(contentsOf: json ?? [])
        return MessageGroup(reserved: consume text)
    }

    /// The server's no to a namespace; `data` is JSON.
    static func connectError(
        message: String,
        data: [UInt8]? = nil,
        namespace: String
    ) -> MessageGroup {
        var text = head(.connectError, namespace)
        append(message: message, data: data, to: &text)
        return MessageGroup(reserved: consume text)
    }

    /// The same in protocol 4, where it may be any JSON.
    static func connectError(json: [UInt8], namespace: String) -> MessageGroup {
        var text = head(.connectError, namespace)
        text.append(contentsOf: json)
        return MessageGroup(reserved: consume text)
    }

    /// The end of one namespace, from either side.
    static func disconnect(namespace: String) -> MessageGroup {
        MessageGroup(reserved: head(.disconnect, namespace))
    }

    /// The reserve, and the type of an Engine.IO message.
    private static let start =
        [UInt8](repeating: 0, count: MessageGroup.reserve) + [UInt8(ascii: "4")]

    /// Everything in front of the payload, with room for `extra` bytes of it.
    private static func head(
        _ kind: SocketPacket.Kind,
        _ namespace: String,
        _ arguments: EncodedArguments = EncodedArguments(),
        _ id: Int? = nil,
        _ extra: Int = 64
    ) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(MessageGroup.reserve + namespace.utf8.count + extra + 32)
        text.append(contentsOf: start)
        text.append(UInt8(ascii: "0") + kind.rawValue)
        if kind.isBinary {
            text.append(decimal: arguments.attachments.count)
            text.append(UInt8(ascii: "-"))
        }
        // socket.io-protocol: the name is left out when it is "/", the comma is always written.
        if namespace.utf8.count > 1 {
            text.append(namespace)
            text.append(UInt8(ascii: ","))
        }
        if let id { text.append(decimal: id) }
        return text
    }
}

// The payloads, which custom parsers are given too.
extension PacketWriter {
    /// The array of an event: its name, then its arguments.
    @inline(__always)
    static func append(_ name: String, _ arguments: EncodedArguments, to json: inout [UInt8]) {
        json.append(UInt8(ascii: "["))
        JSONWriter.append(name, to: &json)
        if !JSONText.isBlank(arguments.storage.span, arguments.range) {
            json.append(UInt8(ascii: ","))
            json.append(contentsOf: arguments.json)
        }
        json.append(UInt8(ascii: "]"))
    }

    /// The array of an acknowledgement.
    @inline(__always)
    static func append(_ arguments: EncodedArguments, to json: inout [UInt8]) {
        json.append(UInt8(ascii: "["))
        json.append(contentsOf: arguments.json)
        json.append(UInt8(ascii: "]"))
    }

    /// The object by which a server says yes.
    static func append(sid: String, pid: String?, to json: inout [UInt8]) {
        json.append(#"{"sid":"#)
        JSONWriter.append(sid, to: &json)
        if let pid {
            json.append(#","pid":"#)
            JSONWriter.append(pid, to: &json)
        }
        json.append(UInt8(ascii: "}"))
    }

    /// The object by which a server says no.
    static func append(message: String, data: [UInt8]?, to json: inout [UInt8]) {
        json.append(#"{"message":"#)
        JSONWriter.append(message, to: &json)
        if let data {
            json.append(#","data":"#)
            json.append(contentsOf: data)
        }
        json.append(UInt8(ascii: "}"))
    }
}
