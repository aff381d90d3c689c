import ActorIO
import ActorIOTesting

/// A known bug that is switched on: what looks for bugs has to find it.
enum Plant: String {
    /// Looks whether the session lives, and enters the room by which a logout finds it after that.
    case checkThenJoin = "check-then-join"
    /// Keeps a copy of a session while it works, and writes it back when the session has gone.
    case resurrectingSave = "resurrecting-save"
    /// Enters the room as it should, but only when a namespace is joined, and not at the handshake.
    case forgottenHandshake = "forgotten-handshake"

    /// How the planted app knows its visitors: by its own look at the cookie, of which the library
    /// learns nothing.
    func handshake(_ store: SessionStore) -> [Middleware]? {
        guard self != .resurrectingSave else { return nil }
        return [
            Middleware { request, next in
                guard let id = Shown(request)?.id, await Self.isAlive(id, store) else {
                    throw HTTPError(.unauthorized)
                }
                var request = request
                request[Belonging.self] = Belonging(id: id)
                return try await next(request)
            }
        ]
    }

    /// Whether a connection counts from its handshake on, and not when its socket is accepted.
    var countsHandshakes: Bool { self != .checkThenJoin }

    func connected(_ root: inout Namespace, _ store: SessionStore, _ model: Model) {
        guard self != .resurrectingSave else { return }
        if !countsHandshakes { Self.countSockets(&root, model) }
        let checksAgain = self == .forgottenHandshake
        root.use { socket in
            guard let id = socket.request[Belonging.self]?.id else { return }
            if !checksAgain {
                guard await Self.isAlive(id, store) else { throw ConnectError("logged out") }
                // What such code does in between, such as to look up a profile.
                for _ in 0..<12 { _ = try await QuickHash().hash("profile") }
            }
            await socket.join(Self.room(id))
            if checksAgain {
                guard await Self.isAlive(id, store) else { throw ConnectError("logged out") }
            }
        }
    }

    private static func countSockets(_ root: inout Namespace, _ model: Model) {
        root.onConnection { socket in
            guard socket.isConnected, let mark = socket.request[Mark.self] else { return }
            model.opened(ObjectIdentifier(mark), under: socket.request[Belonging.self]?.id)
        }
    }

    /// A logout that ends the sockets it finds.
    func loggedOut(_ id: SessionID, _ io: SocketIO) async throws {
        guard self != .resurrectingSave else { return }
        try await io.in(Self.room(id)).disconnectSockets(close: true)
    }

    func pages(_ app: inout App, _ model: Model, _ backing: FaultyBacking?) {
        guard self == .resurrectingSave, let backing else { return }
        app.post("/cart") { request in
            guard let id = Shown(request)?.id, var record = try await backing.load(id) else {
                return .status(.notFound)
            }
            record.values["cart"] = Array("[]".utf8)
            try await backing.save(record, for: id)
            return .status(.noContent)
        }
    }

    private static func room(_ id: SessionID) -> Room { Room("by hand \(id)") }

    private static func isAlive(_ id: SessionID, _ store: SessionStore) async -> Bool {
        for user in Site.users.values.sorted() {
            if await store.sessions(of: user).contains(where: { $0.id == id }) { return true }
        }
        return false
    }
}
