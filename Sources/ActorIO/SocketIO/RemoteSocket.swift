/// A socket as somebody else sees it: what it was when it was fetched, and the verbs to act on it.
public struct RemoteSocket: Sendable, Broadcasting {
    /// Its public name.
    public let id: SocketID
    /// The rooms it was in.
    public let rooms: Set<Room>
    /// The request that opened its connection.
    public let request: Request
    /// The socket alone, for every verb an audience has.
    public let audience: Audience

    init(_ outlet: any Outlet, _ rooms: Set<Room>, _ audience: Audience) {
        id = outlet.id
        self.rooms = rooms
        request = outlet.request
        let alone = Audience(space: audience.space, registry: audience.registry)
        self.audience = alone.to(.socket(outlet.id))
    }

    /// Disconnects it from its namespace, and with `close` its connection.
    public func disconnect(close: Bool = false) async throws {
        try await disconnectSockets(close: close)
    }
}
