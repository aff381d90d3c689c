import ActorIO

/// Plain HTTP that reaches the sockets from outside.
func addPages(_ app: inout App, _ io: SocketIO) {
    app.get("/") { _ in .text("See /counts, or connect.") }
    app.get("/counts") { _ in
        let names = io.namespaces.map(\.name).sorted()
        return try .json(
            Counts(clients: await io.clientCount, sockets: await io.count, namespaces: names)
        )
    }
    app.post("/news") { request in
        try await io.emit("news", request.json(as: JSONValue.self))
        return .status(.noContent)
    }
    app.post("/tenants/news") { request in
        let news = try await request.json(as: JSONValue.self)
        try await io.namespaces(matching: "/tenants/:id").emit("news", news)
        return .status(.noContent)
    }
}

struct Counts: Codable, Sendable {
    /// Connections, whatever namespaces they are in.
    var clients: Int
    /// Sockets of the root namespace.
    var sockets: Int
    var namespaces: [String]
}
