/// Which sockets of a namespace: rooms, exceptions, and how to treat them; a value.
///
/// Without rooms it is everybody. A socket in several of the rooms counts once, and one that is in
/// any of the excepted rooms does not count at all.
public struct Audience: Sendable {
    let space: ByteString
    let registry: RoomRegistry
    var rooms: [Room] = []
    var excepted: [Room] = []
    var isVolatile = false
    var isLocal = false
    /// The socket it was started from, which is never meant.
    var sender: SocketID?

    init(space: ByteString, registry: RoomRegistry, sender: SocketID? = nil) {
        self.space = space
        self.registry = registry
        self.sender = sender
    }
}
