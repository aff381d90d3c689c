/// A packet of the Socket.IO protocol, version 5.
///
/// ```
/// 451-/admin,7["photo",{"_placeholder":true,"num":0}]
/// │││ │      │ └─ event  └──────── arguments ───────┘
/// │││ │      │└──────────────── payload ─────────────┘
/// │││ │      └─ id of the acknowledgement
/// │││ └─ namespace
/// ││└─ attachmentCount
/// │└─ kind
/// └─ the type of the Engine.IO packet around it
/// ```
struct SocketPacket: Sendable {
    /// The seven types by their digit on the wire.
    enum Kind: UInt8, Sendable {
        case connect, disconnect, event, ack, connectError, binaryEvent, binaryAck

        var isEvent: Bool { self == .event || self == .binaryEvent }
        var isAck: Bool { self == .ack || self == .binaryAck }
        var isBinary: Bool { self == .binaryEvent || self == .binaryAck }
    }

    var kind: Kind
    var namespace = "/"
    /// What an event wants answered under, or an acknowledgement answers.
    var id: Int?
    /// How many binary messages must follow.
    var attachmentCount = 0
    /// The name of an event, a number by its characters; empty for other kinds.
    var event = ""
    /// The message as it was handed to the parser.
    var bytes: [UInt8]
    /// The JSON in `bytes`, empty when there is none.
    var payload: Range<Int>
    /// The JSON in `bytes` behind the name of the event, or inside an acknowledgement's brackets.
    var arguments: Range<Int>

    /// The arguments with the binary messages that followed.
    func arguments(with attachments: [[UInt8]] = []) -> Arguments {
        Arguments(bytes: bytes, range: arguments, attachments: attachments)
    }

    /// The whole payload as one argument, such as the auth object of a connect; none if absent.
    var payloadArgument: Arguments { payloadArgument(with: []) }

    /// The same, with the binary values that a custom parser found in it.
    func payloadArgument(with attachments: [[UInt8]]) -> Arguments {
        Arguments(bytes: bytes, range: payload, attachments: attachments)
    }

    /// Names the protocol keeps for itself (socket.io-parser); neither received nor emitted.
    static func isReserved(_ event: String) -> Bool {
        switch event.utf8.count {
        case 7, 10, 11, 13, 14: reserved.contains { $0.utf8.elementsEqual(event.utf8) }
        default: false
        }
    }

    private static let reserved = [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    ]
}
