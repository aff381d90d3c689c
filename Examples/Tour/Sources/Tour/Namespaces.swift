import ActorIO

/// A namespace with a guard; what it says is what the client reads as `connect_error`.
func addGuarded(_ root: inout Namespace) {
    root.namespace("/guarded") { guarded in
        guarded.use { socket in
            guard let pass = try? socket.auth(as: Pass.self) else {
                throw ConnectError("a name, please")
            }
            guard pass.token == "sesame" else {
                throw try ConnectError("wrong word", data: Refusal(name: pass.name, triesLeft: 2))
            }
            socket[Pass.self] = pass
        }
        guarded.onConnection { socket in
            try socket.emit("welcome", socket[Pass.self]?.name)
        }
        guarded.on("handshake") { socket in
            HandshakeFacts(socket.handshake, socket.transport.rawValue)
        }
        guarded.on("tell everyone") { (socket, value: JSONValue) in
            try await socket.namespace.emit("news", value)
        }
    }
}

struct Pass: Codable, Sendable {
    var name: String
    var token: String
}

struct Refusal: Codable, Sendable {
    var name: String
    var triesLeft: Int
}

/// How a connection began.
struct HandshakeFacts: Codable, Sendable {
    var url: String
    var address: String
    var agent: String?
    var colour: String?
    var isSecure: Bool
    var hasOrigin: Bool
    var transport: String

    init(_ handshake: Handshake, _ transport: String) {
        url = handshake.url
        address = handshake.address
        agent = handshake.headers["user-agent"]
        colour = handshake.query["colour"]
        isSecure = handshake.isSecure
        hasOrigin = handshake.hasOrigin
        self.transport = transport
    }
}

/// Namespaces by a pattern: each is made when its first client comes.
func addTenants(_ root: inout Namespace) {
    root.namespaces(matching: "/tenants/:id") { tenant in
        tenant.use { socket in
            let id: Int = try socket.parameter("id")
            guard id > 0 else { throw ConnectError("no such tenant") }
        }
        tenant.on("which") { socket in try socket.parameter("id", as: Int.self) }
        tenant.on("count") { socket in await socket.namespace.count }
        tenant.on("tell everyone") { (socket, value: JSONValue) in
            try await socket.namespace.emit("news", value)
        }
    }
}

/// Namespaces by a predicate, which may wait: it says which games there are.
///
/// Who plays is asked by middleware, since a game that is there is entered without the predicate.
func addGames(_ root: inout Namespace) {
    root.namespaces(where: { request in request.name.hasPrefix("/games/") }) { game in
        game.use { socket in
            guard try socket.auth(as: Pass.self).token == "sesame" else {
                throw ConnectError("not in this game")
            }
        }
        game.on("which") { socket in socket.namespaceName }
    }
}
