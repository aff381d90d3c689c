import ActorIO

struct User: Codable, Identifiable, Sendable {
    var id: Int
    var username: String
}

enum Chat {
    static let foo = Event<String>("foo")
    static let whoami = Call<String>("whoami")
}

/// The application of Socket.IO's page "How to use with Passport.js".
func makePassportExample() -> (App, SocketIO) {
    let session = Middleware.session(SessionStore(), secret: "changeit")

    let passport = Passport<User>.local { username, password in
        username == "john" && password == "changeit" ? User(id: 1, username: username) : nil
    }

    let io = SocketIO(handshake: [session, passport.session, .require(User.self)]) { root in
        root.onConnection { socket in
            let user = try socket.request.require(User.self)
            await socket.join(.user(user.id))
        }
        root.on(Chat.whoami) { socket in
            try socket.request.require(User.self).username
        }
        addProbes(&root)
    }

    var app = App()
    app.use(session, passport.session)
    app.get("/") { request in
        request.user(User.self) == nil ? .redirect(to: "/login") : .html(Pages.index)
    }
    app.get("/login") { request in
        guard request.user(User.self) == nil else { return .redirect(to: "/") }
        return .html(Pages.login(request.failureMessage))
    }
    app.post("/login", passport.authenticate(success: "/", failure: "/"))
    app.post("/logout") { request in
        let session = try request.session
        try await session.destroy()
        try await io.in(.session(session.id)).disconnectSockets()
        return .status(.noContent)
    }
    app.get("/users/:id/online") { request in
        let id: Int = try request.parameter("id")
        return try .json(["online": await io.presence(of: .user(id)).isOnline])
    }
    return (app, io)
}

/// Handlers by which any client can see that its connection works.
func addProbes(_ root: inout Namespace) {
    root.on("echo") { (_, arguments: Arguments) in arguments }
    root.on("echo-event") { (socket, arguments: Arguments) in
        try socket.emit("echo-event", passing: arguments)
    }
    root.on("notify-user") { (socket, value: JSONValue) in
        let user = try socket.request.require(User.self)
        try await socket.namespace.in(.user(user.id)).emit("foo", value)
    }
    root.on("user-connected") { socket in
        let user = try socket.request.require(User.self)
        return await socket.namespace.in(.user(user.id)).count
    }
    root.on("ask-back") { (socket, value: JSONValue) async throws -> JSONValue in
        try await socket.call("ask-back", value)
    }
}
