/// The door to the connections of sessions; the registry of rooms stands behind it.
protocol SessionMembers: AnyObject, Sendable {
    /// Enters a connection in the room of a session, before the store is asked about the session.
    func enter(_ session: SessionID, as member: HandshakeMember) async

    /// Closes every connection of a session; returns how many, when they are closed.
    ///
    /// A client that may reconnect sees its connection close and comes back by itself, through the
    /// whole handshake chain; any other is told by a DISCONNECT, and stays away.
    func close(_ session: SessionID, mayReconnect: Bool) async -> Int
}

/// A connection that is about to be; its number means something to the registry alone.
struct HandshakeMember: Hashable, Sendable {
    let id: UInt64
}

/// What a handshake request carries so that `Middleware.session` can enter before it asks.
struct HandshakeEntry: Sendable {
    let members: any SessionMembers
    let member: HandshakeMember
}
