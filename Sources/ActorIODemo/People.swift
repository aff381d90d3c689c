import ActorIO

/// Who is here, and on which devices, as pages show it.
actor People {
    private let store: SessionStore
    private var io: SocketIO?
    /// The users who are online, those included whose page is just being loaded again.
    private var online: Set<Room> = []
    /// What the living sessions of a user are called on pages; their ids are secrets.
    private var names: [Int: [SessionID: String]] = [:]

    init(_ store: SessionStore) {
        self.store = store
    }

    /// Tells everybody who comes and who leaves, until the server shuts down.
    func watch(_ io: SocketIO) async {
        self.io = io
        for await change in io.presenceChanges {
            if change.isOnline {
                online.insert(change.room)
            } else {
                online.remove(change.room)
            }
            await changed(Int(change.userID))
        }
    }

    /// Tells everybody who is here, and the user what became of the devices.
    func changed(_ user: Int?) async {
        guard let io else { return }
        try? await io.emit(Events.presence, everybody(io))
        guard let user else { return }
        try? await io.in(.user(user)).emit(Events.devices, devices(of: user, io))
    }

    private func everybody(_ io: SocketIO) async -> [Person] {
        let presences = await io.presence(of: Accounts.all.map { .user($0.id) })
        return zip(Accounts.all, presences).map { user, presence in
            Person(
                id: user.id,
                name: user.name,
                isOnline: presence.isOnline || online.contains(presence.room),
                sockets: presence.sockets,
                devices: presence.devices
            )
        }
    }

    private func devices(of user: Int, _ io: SocketIO) async -> [Device] {
        let living = await store.sessions(of: user)
        names[user] = names[user]?.filter { name in living.contains { $0.id == name.key } }
        let presences = await io.presence(of: living.map { .session($0.id) })
        return zip(living, presences).map { info, presence in
            Device(
                id: device(info.id, of: user),
                agent: String(info.userAgent.prefix(300)),
                since: Int(info.createdAt) * 1000,
                sockets: presence.sockets
            )
        }
    }

    /// What pages call a session.
    func device(_ session: SessionID, of user: Int) -> String {
        if let name = names[user]?[session] { return name }
        let name = String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16)
        names[user, default: [:]][session] = name
        return name
    }

    /// The living session of a user that pages call by that name.
    func session(of user: Int, device: String) async -> SessionID? {
        let living = await store.sessions(of: user).map(\.id)
        return living.first { names[user]?[$0] == device }
    }
}
