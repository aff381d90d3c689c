/// The protocol of Engine.IO that a client speaks: decided at its handshake, kept for its session.
///
/// Clients of protocol 3 are those of Socket.IO 1 and 2; they need ``EngineOptions/allowsEIO3``.
enum EngineVersion: UInt8, Sendable {
    case v4
    /// Protocol 4 of a client that can not take bytes on its WebSocket: it asked for base64 with
    /// `b64`. By polling every client gets base64.
    case v4Base64
    case v3
    /// Protocol 3 of a client that can not take bytes: it asked for base64 with `b64`.
    case v3Base64

    /// Reads the query of a handshake; whatever does not say 4 is of protocol 3.
    init(_ query: Query) {
        let wantsText = query["b64"].map(\.isEmpty) == false
        if Self.isCurrent(query) {
            self = wantsText ? .v4Base64 : .v4
        } else {
            self = wantsText ? .v3Base64 : .v3
        }
    }

    /// Whether it is protocol 3.
    var isOld: Bool { self == .v3 || self == .v3Base64 }

    /// What stands in front of base64 in a text frame; nil for clients that take bytes.
    var base64Type: [UInt8]? {
        switch self {
        case .v4, .v3: nil
        case .v4Base64: Array("b".utf8)
        case .v3Base64: Array("b4".utf8)
        }
    }

    /// The number that stands for it in `EIO`.
    var number: Int { isOld ? 3 : 4 }

    /// Whether a request is of this protocol.
    func matches(_ query: Query) -> Bool { Self.isCurrent(query) != isOld }

    private static func isCurrent(_ query: Query) -> Bool { query.says("4", under: "EIO") }
}
