import ActorIO

/// The demo: the page's login, live chat, who is online, and "my devices".
///
/// It reads from top to bottom: stores, passport, sockets, routes. Whoever serves it lets `People`
/// watch, too.
func makeDemo() -> (App, SocketIO, People) {
    let store = SessionStore()
    let session = Middleware.session(store, secret: "changeit")
    let passport = Passport<User>.local { username, password in
        try await Accounts.find(username, password)
    }
    let people = People(store)
    let room = ChatRoom()

    let io = SocketIO(handshake: [session, passport.session, .require(User.self)]) { root in
        root.onConnection { socket in
            await people.changed(socket.userID)
        }
        root.onDisconnect { socket, _ in
            await people.changed(socket.userID)
        }
        root.on(Events.whoami) { socket in
            let user = try socket.request.require(User.self)
            let device = await people.device(try socket.request.session.id, of: user.id)
            return Me(id: user.id, name: user.name, device: device)
        }
        addChat(&root, room)
    }

    var app = App()
    app.use(Headers.security, session, passport.session)
    addPages(&app)
    app.post("/login", passport.authenticate(success: "/", failure: "/login?failed"))
    app.use(.require(User.self))
    addLogouts(&app, store, people)
    return (app, io, people)
}

/// What everybody writes to everybody.
private func addChat(_ root: inout Namespace, _ room: ChatRoom) {
    root.on(Events.history) { _ in await room.latest }
    root.on(Events.say) { socket, text in
        let user = try socket.request.require(User.self)
        guard let message = await room.add(text, from: user) else { return nil }
        try await socket.broadcast.emit(Events.message, message)
        return message
    }
    root.on(Events.isTyping) { socket in
        let user = try socket.request.require(User.self)
        let typist = Typist(id: user.id, name: user.name)
        try await socket.broadcast.volatile.emit(Events.typing, typist)
    }
}

/// The two pages and what they load.
private func addPages(_ app: inout App) {
    app.get("/") { request in
        request.user(User.self) == nil ? .redirect(to: "/login") : .html(Pages.index)
    }
    app.get("/login") { request in
        request.user(User.self) == nil ? .html(Pages.login) : .redirect(to: "/")
    }
    app.get("/assets/style.css") { _ in .bytes(Pages.style, type: "text/css; charset=utf-8") }
    app.get("/assets/app.js") { _ in .bytes(Pages.script, type: "text/javascript; charset=utf-8") }
}

/// The ends of sessions: this device, another one, all others.
private func addLogouts(_ app: inout App, _ store: SessionStore, _ people: People) {
    app.post("/logout") { request in
        let user = try request.require(User.self)
        try await request.logout()
        await people.changed(user.id)
        return .status(.noContent)
    }
    app.post("/devices/logout-others") { request in
        let user = try request.require(User.self)
        try await store.endOtherSessions(of: user.id, keeping: request.session.id)
        await people.changed(user.id)
        return .status(.noContent)
    }
    app.post("/devices/:id/logout") { request in
        let user = try request.require(User.self)
        let device: String = try request.parameter("id")
        guard let ended = await people.session(of: user.id, device: device) else {
            throw HTTPError(.notFound)
        }
        if ended == (try request.session.id) {
            try await request.logout()
        } else {
            try await store.endSession(ended)
        }
        await people.changed(user.id)
        return .status(.noContent)
    }
}

extension Socket {
    /// Who is on the other end; the handshake let nobody in without.
    nonisolated var userID: Int? { request.user(User.self)?.id }
}

extension Headers {
    /// What every page of the demo tells browsers to refuse.
    static let security = Middleware { request, next in
        var response = try await next(request)
        response.headers["Content-Security-Policy"] =
            "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
    }
}

/// The pages, which are in the binary.
enum Pages {
    static let index = PackageResources.index_html
    static let login = PackageResources.login_html
    static let style = PackageResources.style_css
    static let script = PackageResources.app_js
}
