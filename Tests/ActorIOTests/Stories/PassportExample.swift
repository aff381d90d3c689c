import ActorIO
import ActorIOTesting

struct Member: Codable, Identifiable, Sendable {
    var id: Int
    var username: String
}

enum Chat {
    static let foo = Event<String>("foo")
    static let whoami = Call<String>("whoami")
}

/// The page's application, as its users write it, with more than one user.
func makePassportExample(
    options: SocketIO.Options = quiet,
    store: SessionStore = SessionStore(),
    _ extend: (inout Namespace) -> Void = { _ in }
) -> (App, SocketIO, SessionStore) {
    let session = Middleware.session(store, secret: "changeit")
    let names = ["john": 1, "jane": 2]
    let passport = Passport<Member>.local { username, password in
        guard password == "changeit", let id = names[username] else { return nil }
        return Member(id: id, username: username)
    }
    let chain = [session, passport.session, .require(Member.self)]
    let io = SocketIO(handshake: chain, options: options) { root in
        root.onConnection { socket in
            let user = try socket.request.require(Member.self)
            await socket.join(.user(user.id))
        }
        root.on(Chat.whoami) { socket in
            try socket.request.require(Member.self).username
        }
        extend(&root)
    }
    var app = App()
    app.log = .disabled
    app.use(session, passport.session)
    app.get("/") { request in
        request.user(Member.self) == nil ? .redirect(to: "/login") : .html("index")
    }
    app.get("/login") { request in
        let message = request.failureMessage ?? ""
        return request.user(Member.self) == nil ? .html("login \(message)") : .redirect(to: "/")
    }
    app.post("/login", passport.authenticate(success: "/", failure: "/login"))
    app.post("/logout") { request in
        let session = try request.session
        try await session.destroy()
        try await io.in(.session(session.id)).disconnectSockets()
        return .status(.noContent)
    }
    return (app, io, store)
}

/// Options of a server that logs nothing.
let quiet: SocketIO.Options = {
    var options = SocketIO.Options()
    options.log = .disabled
    return options
}()

extension Browser {
    /// Logs in by the form.
    func logIn(_ username: String = "john") async throws {
        try await post("/login", form: ["username": username, "password": "changeit"])
    }
}
