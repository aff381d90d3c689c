internal import ActorIO

/// Why sockets were disconnected, as the server recorded it.
final class Reasons: Sendable {
    private let known = Locked<[SocketID: DisconnectReason]>([:])

    func record(_ id: SocketID, _ reason: DisconnectReason) {
        known.withLock { $0[id] = reason }
    }

    subscript(_ id: SocketID) -> DisconnectReason? { known.withLock { $0[id] } }
}
