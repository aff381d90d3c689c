extension SocketIO {
    /// How much of a user is connected now, in all namespaces; of a login session likewise.
    ///
    /// Takes the same time however many connections there are. A room that sockets have joined by
    /// hand makes nobody present: what counts is the login of the connection.
    public func presence(of room: Room) async -> Presence {
        await audience.presence(of: room)
    }

    /// The same for several users or sessions, in their order and at one moment.
    public func presence(of rooms: [Room]) async -> [Presence] {
        await audience.presence(of: rooms)
    }

    /// Users who are online, in no order, and no more of them than `limit`.
    public func onlineUsers(limit: Int = 1_000) async -> [Presence] {
        await within(core.registry) { $0.onlineUsers(limit: limit) }
    }

    /// How many users are online.
    public var onlineUserCount: Int {
        get async { await within(core.registry) { $0.onlineUserCount } }
    }

    /// Users who come online and go offline, those first who are online already.
    public var presenceChanges: PresenceChanges { PresenceChanges(registry: core.registry) }
}

extension NamespaceHandle {
    /// How much of a user or a login session is connected now, in all namespaces, this or another.
    ///
    /// What handlers ask: `socket.namespace.presence(of: .user(7))`.
    public func presence(of room: Room) async -> Presence {
        await audience.presence(of: room)
    }

    /// The same for several users or sessions, in their order and at one moment.
    public func presence(of rooms: [Room]) async -> [Presence] {
        await audience.presence(of: rooms)
    }
}

extension Audience {
    fileprivate func presence(of room: Room) async -> Presence {
        await within(registry) { $0.presence(of: room) }
    }

    fileprivate func presence(of rooms: [Room]) async -> [Presence] {
        await within(registry) { $0.presence(of: rooms) }
    }
}
