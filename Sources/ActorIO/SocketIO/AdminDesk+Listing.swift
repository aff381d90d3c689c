/// The list of all sockets that an admin gets at the beginning.
extension AdminDesk {
    /// What only a socket itself can say.
    struct Details: Sendable {
        var transport = EngineTransport.polling
        var data = JSONObject()
    }

    private struct Found {
        let socket: Socket
        let rooms: Set<Room>
    }

    /// A list that keeps changing is sent as it is after that many looks.
    private static let maxLooks = 8

    /// Sends the list as of one moment on the lane: what was told before is in it, and what is told
    /// after it is not.
    func list(to admin: SocketID) async {
        var known: [SocketID: Details] = [:]
        var asOf = changes
        for look in 1...Self.maxLooks {
            let missing = everybody().filter { known[$0.socket.id] == nil }.map(\.socket)
            if missing.isEmpty { break }
            for group in Self.byLoop(missing) {
                known.merge(await group[0].details(of: group)) { _, new in new }
            }
            if asOf != changes, look < Self.maxLooks { known = [:] }
            asOf = changes
        }
        let sockets = everybody().map { found in
            AdminSocket(found.socket, found.rooms, known[found.socket.id] ?? Details())
        }
        tell("all_sockets", sockets, to: admin)
    }

    private func everybody() -> [Found] {
        var all: [Found] = []
        for space in spaces {
            let audience = Audience(space.territory)
            for one in registry.assumeIsolated({ $0.fetch(audience) }) {
                guard all.count < max(1, options.maxListedSockets) else { return all }
                guard let socket = one.outlet as? Socket else { continue }
                all.append(Found(socket: socket, rooms: one.rooms))
            }
        }
        return all
    }

    private static func byLoop(_ sockets: [Socket]) -> [[Socket]] {
        var groups: [ObjectIdentifier: [Socket]] = [:]
        for socket in sockets { groups[ObjectIdentifier(socket.loop), default: []].append(socket) }
        return Array(groups.values)
    }
}

extension Socket {
    /// What an admin is shown of this socket beside what everybody can see.
    var details: AdminDesk.Details {
        AdminDesk.Details(transport: transport, data: shownValues)
    }

    /// The same of several sockets of this one's loop.
    func details(of sockets: [Socket]) -> [SocketID: AdminDesk.Details] {
        var all: [SocketID: AdminDesk.Details] = [:]
        for socket in sockets { all[socket.id] = socket.onLoop { $0.details } }
        return all
    }
}

extension AdminSocket {
    init(_ socket: Socket, _ rooms: Set<Room>, _ details: AdminDesk.Details) {
        let own = Room.socket(socket.id)
        id = socket.id.description
        clientId = Self.name(of: socket.session.id)
        transport = details.transport.rawValue
        nsp = socket.namespaceName
        data = details.data
        handshake = AdminHandshake(socket.handshake)
        let others = rooms.filter { $0 != own }.map(\.description).sorted()
        self.rooms = (rooms.contains(own) ? [own.description] : []) + others
    }

    /// Tells connections apart and tells nothing of their secret ids.
    private static func name(of id: EngineID) -> String {
        Hex.encode(Array(SHA256.hash(Array(id.description.utf8)).prefix(6)))
    }
}
