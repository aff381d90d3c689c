/// Whatever sockets can be chosen from: a namespace, an audience, one socket seen from elsewhere.
public protocol Broadcasting: Sendable {
    /// The sockets that are meant.
    var audience: Audience { get }
}

extension Audience: Broadcasting {
    /// Itself.
    public var audience: Audience { self }
}

extension Broadcasting {
    /// Those in any of these rooms, beside those chosen before.
    public func to(_ rooms: Room...) -> Audience { adding(rooms) }

    /// Those in any of these rooms; another word for `to`.
    public func `in`(_ rooms: Room...) -> Audience { adding(rooms) }

    /// Those in any of these rooms, beside those chosen before.
    public func to(_ rooms: [Room]) -> Audience { adding(rooms) }

    private func adding(_ rooms: [Room]) -> Audience {
        var audience = self.audience
        audience.rooms += rooms
        return audience
    }

    /// Those in any of these rooms; another word for `to`.
    public func `in`(_ rooms: [Room]) -> Audience { adding(rooms) }

    /// Without those in any of these rooms; a socket's id is a room too.
    public func except(_ rooms: Room...) -> Audience { except(rooms) }

    /// Without those in any of these rooms; a socket's id is a room too.
    public func except(_ rooms: [Room]) -> Audience {
        var audience = self.audience
        audience.excepted += rooms
        return audience
    }

    /// On this node only, which is the only one there is so far.
    public var local: Audience {
        var audience = self.audience
        audience.isLocal = true
        return audience
    }

    /// Drops the event for every client that can not take it at once.
    public var volatile: Audience {
        var audience = self.audience
        audience.isVolatile = true
        return audience
    }

    /// Puts every socket that is meant into these rooms.
    public func join(_ rooms: Room...) async { await join(rooms) }

    /// Puts every socket that is meant into these rooms.
    public func join(_ rooms: [Room]) async {
        await audience.registry.join(audience, rooms)
    }

    /// Takes every socket that is meant out of these rooms.
    public func leave(_ rooms: Room...) async { await leave(rooms) }

    /// Takes every socket that is meant out of these rooms.
    public func leave(_ rooms: [Room]) async {
        await audience.registry.leave(audience, rooms)
    }

    /// Disconnects every socket that is meant from its namespace, and with `close` its connection.
    ///
    /// Returns when they are disconnected, and how many they were.
    @discardableResult
    public func disconnectSockets(close: Bool = false) async throws -> Int {
        await audience.registry.disconnect(audience, close: close)
    }
}
