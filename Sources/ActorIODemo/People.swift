import ActorIO

/// Who is here, counted from the live connections and from nothing else.
actor People {
    private let store: SessionStore
    /// What the living sessions of a user are called on pages; their ids are secrets.
    private var names: [Int: [SessionID: String]] = [:]

    init(_ store: SessionStore) {
        self.store = store
    }

    /// Tells everybody who is online, and the user what became of the devices.
    func changed(_ user: Int?, in io: some Broadcasting) async {
        try? await io.emit(Events.presence, presence(io))
        guard let user else { return }
        try? await io.in(.user(user)).emit(Events.devices, devices(of: user, io))
    }

    private func presence(_ io: some Broadcasting) async throws -> [Presence] {
        var all: [Presence] = []
        for user in Accounts.all {
            let sockets = try await io.in(.user(user.id)).fetchSockets()
            let sessions = Set(sockets.compactMap { try? $0.request.session.id })
            all.append(
                Presence(
                    id: user.id,
                    name: user.name,
                    sockets: sockets.count,
                    devices: sessions.count
                )
            )
        }
        return all
    }

    private func devices(of user: Int, _ io: some Broadcasting) async throws -> [Device] {
        var all: [Device] = []
        let living = await store.sessions(of: user)
        names[user] = names[user]?.filter { name in living.contains { $0.id == name.key } }
        for info in living {
            let sockets = await io.in(.session(info.id)).count
            all.append(
                Device(
                    id: device(info.id, of: user),
                    agent: String(info.userAgent.prefix(300)),
                    since: Int(info.createdAt) * 1000,
                    sockets: sockets
                )
            )
        }
        return all
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
