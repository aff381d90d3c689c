/// Which sockets of a namespace: rooms, exceptions, and how to treat them; a value.
///
/// Without rooms it is everybody. A socket in several of the rooms counts once, and one that is in
/// any of the excepted rooms does not count at all.
public struct Audience: Sendable {
    let territory: Territory
    var rooms: [Room] = []
    var excepted: [Room] = []
    var isVolatile = false
    var isLocal = false
    /// The socket it was started from, which is never meant.
    var sender: SocketID?

    init(_ territory: Territory, sender: SocketID? = nil) {
        self.territory = territory
        self.sender = sender
    }

    var space: ByteString { territory.name }
    var registry: RoomRegistry { territory.registry }
    /// The socket of which its only room has the name.
    var onlySocket: SocketID? {
        guard rooms.count == 1, let room = rooms.first else { return nil }
        return SocketID(room.description)
    }
}
