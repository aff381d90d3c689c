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

    /// A socket that would be larger in a list is shown without its values.
    private static let maxBytesOfOne = 32_768

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
        tell("all_sockets", shown(everybody(), known), to: admin)
    }

    /// As many as go into the list.
    ///
    /// The UI takes every list for all there is, so that the rest can not follow in another.
    private func shown(_ all: [Found], _ known: [SocketID: Details]) -> [AdminSocket] {
        var room = listBytes
        var attachments = registry.attachmentLimit
        var sockets: [AdminSocket] = []
        for found in all {
            let details = known[found.socket.id] ?? Details()
            var socket = AdminSocket(found.socket, found.rooms, details)
            var size = socket.size
            if size.bytes > Self.maxBytesOfOne || size.attachments > attachments {
                socket.data = JSONObject()
                size = socket.size
            }
            guard size.bytes < room else { break }
            room -= size.bytes + 1
            attachments -= size.attachments
            sockets.append(socket)
        }
        return sockets
    }

    /// The namespaces with the most sockets, by name.
    func listedSpaces() -> [AdminStats.Space] {
        var all = spaces.map { space in
            let audience = Audience(space.territory)
            let count = registry.assumeIsolated { $0.count(audience) }
            return AdminStats.Space(name: space.name, socketsCount: count)
        }
        // In a list that is cut, the names decide between those of one size.
        all.sort { ($1.socketsCount, $0.name) < ($0.socketsCount, $1.name) }
        var room = spacesBytes
        let listed = all.prefix(max(1, options.maxListedNamespaces)).prefix { space in
            // What JSON escapes has six bytes at most.
            room -= space.name.utf8.count * 6 + 64
            return room > 0
        }
        return listed.sorted { $0.name < $1.name }
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
    /// How much room it takes in a list.
    var size: (bytes: Int, attachments: Int) {
        guard let encoded = try? EncodedArguments.reply(self) else { return (.max, .max) }
        let bytes = encoded.attachments.reduce(encoded.json.count) { $0 + $1.count }
        return (bytes, encoded.attachments.count)
    }

    init(_ socket: Socket, _ rooms: Set<Room>, _ details: AdminDesk.Details) {
        let own = Room.socket(socket.id)
        id = socket.id.description
        clientId = Self.name(of: socket.session.id)
        transport = details.transport.rawValue
        nsp = socket.namespaceName
        data = details.data
        handshake = AdminHandshake(socket.handshake)
        let others = rooms.filter { $0 != own }.map(\.description).sorted()
        var room = Self.maxBytesOfRooms
        self.rooms =
            (rooms.contains(own) ? [own.description] : [])
            + others.prefix { name in
                room -= name.utf8.count
                return room >= 0
            }
    }

    /// Names of rooms are shown whole or not at all: an admin acts on them.
    private static let maxBytesOfRooms = 8_192

    /// Tells connections apart and tells nothing of their secret ids.
    private static func name(of id: EngineID) -> String {
        Hex.encode(Array(SHA256.hash(Array(id.description.utf8)).prefix(6)))
    }
}
