import ActorIO

/// Some clients out of many.
func addRooms(_ root: inout Namespace) {
    root.on("join") { (socket, names: [String]) in
        for name in names { await socket.join(Room(name)) }
        return await socket.roomNames
    }
    root.on("leave") { (socket, names: [String]) in
        for name in names { await socket.leave(Room(name)) }
        return await socket.roomNames
    }
    root.on("rooms") { socket in await socket.roomNames }
    addBroadcasts(&root)
    addCrowds(&root)
}

/// Who gets it: `to` of a socket leaves that socket out, `in` of its namespace does not.
private func addBroadcasts(_ root: inout Namespace) {
    root.on("tell others") { (socket, value: JSONValue) in
        try await socket.broadcast.emit("news", value)
    }
    root.on("tell everyone") { (socket, value: JSONValue) in
        try await socket.namespace.emit("news", value)
    }
    root.on("tell others in") { (socket, rooms: [String], value: JSONValue) in
        try await socket.broadcast.to(rooms.map { Room($0) }).emit("news", value)
    }
    root.on("tell everyone in") { (socket, rooms: [String], value: JSONValue) in
        try await socket.namespace.to(rooms.map { Room($0) }).emit("news", value)
    }
    root.on("tell in except") { (socket, room: String, without: String, value: JSONValue) in
        try await socket.namespace.in(Room(room)).except(Room(without)).emit("news", value)
    }
    root.on("tell if free") { (socket, room: String, value: JSONValue) in
        try await socket.namespace.in(Room(room)).volatile.emit("news", value)
    }
    // The id of a socket is a room as well.
    root.on("tell one") { (socket, name: SocketName, value: JSONValue) in
        try await socket.to(Room(name)).emit("news", value)
    }
}

/// What can be asked of a room and done to it.
private func addCrowds(_ root: inout Namespace) {
    root.on("count") { (socket, room: String) in await socket.namespace.in(Room(room)).count }
    root.on("who") { (socket, room: String) in
        try await socket.namespace.in(Room(room)).fetchSockets().map(Person.init)
    }
    root.on("lead") { (socket, room: String, other: String) in
        await socket.namespace.in(Room(room)).join(Room(other))
    }
    root.on("lead out") { (socket, room: String, other: String) in
        await socket.namespace.in(Room(room)).leave(Room(other))
    }
    root.on("close room") { (socket, room: String, connections: Bool) in
        try await socket.namespace.in(Room(room)).disconnectSockets(close: connections)
    }
}

/// A socket as others see it.
struct Person: Codable, Sendable {
    var id: SocketName
    var rooms: [String]
    var address: String
    var memory: String?

    init(_ socket: RemoteSocket) {
        id = socket.id.description
        rooms = socket.rooms.map(\.description).filter { [id] in $0 != id }.sorted()
        address = socket.request.remoteAddress
        memory = socket[Memory.self]?.text
    }
}

extension Socket {
    /// Its rooms but for the one that bears its name.
    var roomNames: [String] {
        get async { await rooms.subtracting([.socket(id)]).map(\.description).sorted() }
    }
}
