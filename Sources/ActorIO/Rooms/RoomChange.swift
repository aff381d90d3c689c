/// What happened to a room of a namespace.
///
/// A room exists while somebody is in it. The room named after a socket's id is among them; the
/// rooms `user:` and `session:` belong to connections and are not.
public enum RoomChange: Sendable, Hashable {
    /// The first socket is about to come.
    case created(Room)
    /// A socket came.
    case joined(Room, SocketID)
    /// A socket left.
    case left(Room, SocketID)
    /// The last socket has left.
    case deleted(Room)
}
