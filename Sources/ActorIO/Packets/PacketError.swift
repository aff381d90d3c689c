/// Why a message is no Socket.IO packet that this server accepts.
struct PacketError: Error, Hashable, Sendable {
    /// What is wrong, in words for a log; nothing of the message is in it.
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

extension PacketError: CustomStringConvertible {
    var description: String { reason }
}
