internal import ActorIO

/// Why sockets were disconnected, as the server recorded it.
final class Reasons: Sendable {
    private let known = Locked<[SocketID: DisconnectReason]>([:])

    func record(_ id: SocketID, _ reason: DisconnectReason) {
        known.withLock { $0[id] = reason }
    }

    /// The socket is back under the same id: what ended it before is no reason of its own.
    func forget(_ id: SocketID) {
        known.withLock { $0[id] = nil }
    }

    subscript(_ id: SocketID) -> DisconnectReason? { known.withLock { $0[id] } }
}
