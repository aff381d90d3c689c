import ActorIO

/// The ends of sockets.
func addPartings(_ root: inout Namespace) {
    // The client is told by a packet, and does not come back by itself.
    root.on("dismiss me") { (socket, connection: Bool) in socket.disconnect(close: connection) }
    root.on("dismiss") { (socket, name: SocketName, connection: Bool) in
        let found = try await socket.namespace.in(Room(name)).fetchSockets()
        for other in found { try await other.disconnect(close: connection) }
        return found.count
    }

    // Its rooms are still known when a socket begins to leave, so others can be told.
    root.onDisconnecting { socket, reason in
        let rooms = await socket.rooms.subtracting([.socket(socket.id)])
        guard !rooms.isEmpty else { return }
        try? await socket.broadcast.to(Array(rooms))
            .emit("gone", socket.id.description, reason.rawValue)
    }
}
