extension Socket {
    /// Enters rooms; a socket that has left its namespace enters none, unless it may come back.
    public func join(_ rooms: Room...) async { await join(rooms) }

    /// Enters rooms; a socket that has left its namespace enters none, unless it may come back.
    public func join(_ rooms: [Room]) async {
        let (id, space) = (id, runtime.space)
        await within(runtime.registry) { $0.join(id, rooms, space) }
    }

    /// Leaves rooms.
    public func leave(_ rooms: Room...) async { await leave(rooms) }

    /// Leaves rooms.
    public func leave(_ rooms: [Room]) async {
        let (id, space) = (id, runtime.space)
        await within(runtime.registry) { $0.leave(id, rooms, space) }
    }

    /// The rooms it is in: its own, those it joined, and those of its connection.
    public var rooms: Set<Room> {
        get async { await runtime.registry.rooms(of: id, runtime.space) }
    }

    /// Everybody in these rooms but this socket.
    public nonisolated func to(_ rooms: Room...) -> Audience { others.to(rooms) }

    /// Everybody in these rooms but this socket; another word for `to`.
    public nonisolated func `in`(_ rooms: Room...) -> Audience { others.to(rooms) }

    /// Everybody in these rooms but this socket.
    public nonisolated func to(_ rooms: [Room]) -> Audience { others.to(rooms) }

    /// Everybody in the namespace but this socket and those in any of these rooms.
    public nonisolated func except(_ rooms: Room...) -> Audience { others.except(rooms) }

    /// Everybody on this node but this socket.
    public nonisolated var local: Audience { others.local }

    /// Everybody in the namespace but this socket.
    public nonisolated var broadcast: Audience { others }

    private nonisolated var others: Audience {
        Audience(runtime.territory, sender: id)
    }

    /// The namespace with everybody in it, this socket too.
    public nonisolated var namespace: NamespaceHandle { NamespaceHandle(runtime) }

    /// This client, when it can take an event at once; else the event is dropped.
    public nonisolated var volatile: VolatileSocket { VolatileSocket(socket: self) }
}

/// A socket to which events are sent that may be dropped.
public struct VolatileSocket: Sendable {
    let socket: Socket

    /// Sends an event, unless the client has something to take before it.
    public func emit<each Argument>(
        _ event: Event<repeat each Argument>,
        _ arguments: repeat each Argument
    ) throws {
        try emit(event.name, repeat each arguments)
    }

    /// Sends an event by its raw name, unless the client has something to take before it.
    public func emit<each Argument: Encodable & Sendable>(
        _ name: String,
        _ arguments: repeat each Argument
    ) throws {
        let event = try socket.territory.encode(name, .list(repeat each arguments))
        socket.soon { $0.send(event, volatile: true) }
    }
}
