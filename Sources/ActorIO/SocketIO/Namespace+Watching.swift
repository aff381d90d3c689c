/// What sees every event of a namespace, whatever its name.
extension Namespace {
    /// Runs before an event reaches its handlers; throwing keeps it from them.
    ///
    /// The packet middleware of Socket.IO. A refused event is reported to `onError`; the client is
    /// told nothing and stays connected. Steps run in the order they are written.
    public mutating func use(
        _ step: @escaping @Sendable (isolated Socket, IncomingEvent) throws -> Void
    ) {
        filters.append(.direct(step))
    }

    /// Runs before an event reaches its handlers and may wait; throwing keeps it from them.
    ///
    /// The socket's next events wait as long, so that none overtakes another.
    public mutating func use(
        _ step: @escaping @Sendable (isolated Socket, IncomingEvent) async throws -> Void
    ) {
        filters.append(.suspending(step))
    }

    /// Sees every event that comes, those included that have no handler or are refused.
    public mutating func onAny(
        _ step: @escaping @Sendable (isolated Socket, IncomingEvent) throws -> Void
    ) {
        watchers.append(.direct(step))
    }

    /// Sees every event that comes, and may wait; nothing waits for it.
    public mutating func onAny(
        _ step: @escaping @Sendable (isolated Socket, IncomingEvent) async throws -> Void
    ) {
        watchers.append(.suspending(step))
    }

    /// Sees every event that is sent to a socket of the namespace, alone or with others.
    ///
    /// Acknowledgements are not shown. It runs for each receiver, before the event is on its way.
    public mutating func onAnyOutgoing(
        _ step: @escaping @Sendable (isolated Socket, OutgoingEvent) -> Void
    ) {
        outgoing.append(step)
    }

    /// Told when rooms of the namespace come, fill, empty and go.
    ///
    /// Called by the registry of all rooms: what it does must be short.
    public mutating func onRoomChange(_ step: @escaping @Sendable (RoomChange) -> Void) {
        roomChanged.append(step)
    }
}
