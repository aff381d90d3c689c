/// A Socket.IO server: what its namespaces do, and the handle to reach their sockets.
///
/// ```swift
/// let io = SocketIO(handshake: [session, passport.session, .require(User.self)]) { root in
///     root.on("chat message") { (socket, text: String) in
///         try await socket.namespace.emit("chat message", text)
///     }
/// }
/// try await Server(app, io, port: 3000).run()
/// ```
/// A value that can be passed around freely; its plan can not be changed any more.
public struct SocketIO: Broadcasting {
    package let core: SocketIOCore

    /// Makes a server from the plan of its root namespace.
    ///
    /// `handshake` runs for the request that opens a connection, before anything of it exists; a
    /// thrown ``HTTPError`` is a real HTTP answer there, also for a WebSocket. `everyRequest` runs
    /// for each poll, post and upgrade besides, whether they are valid or not; what is thrown
    /// behind one of its steps comes back to it as a response.
    ///
    /// `connect` runs each time a client joins a namespace, on the request of the handshake, with a
    /// token from the client's `auth` as its `Authorization: Bearer`. What it throws is the
    /// client's `connect_error`; what it puts on the request is on ``Socket/request``. A connection
    /// belongs to one user: where its handshake, or another of its namespaces, has found another,
    /// the socket is refused.
    public init(
        handshake: [Middleware] = [],
        everyRequest: [Middleware] = [],
        connect: [Middleware] = [],
        options: Options = Options(),
        _ build: (inout Namespace) -> Void = { _ in }
    ) {
        var root = Namespace("/")
        build(&root)
        core = SocketIOCore(
            root,
            handshake: handshake,
            everyRequest: everyRequest,
            connect: connect,
            options: options
        )
    }

    /// All sockets of the root namespace.
    public var audience: Audience { core.plan.root.audience }

    /// Another namespace; nil when there is none of that name, or not yet.
    public func namespace(_ name: String) -> NamespaceHandle? {
        core.plan.namespaces.existing(ByteString(name)).map(NamespaceHandle.init)
    }

    /// All namespaces there are at the moment, in no order: those of the plan, and those made for
    /// clients.
    public var namespaces: [NamespaceHandle] {
        core.plan.namespaces.all.map(NamespaceHandle.init)
    }

    /// The namespaces whose names are of this form, such as `/tenants/:id`, as they are now.
    ///
    /// ```swift
    /// try await io.namespaces(matching: "/tenants/:id").emit("news", "the prices have changed")
    /// ```
    public func namespaces(matching pattern: String) -> [NamespaceHandle] {
        let pattern = NamespacePattern(pattern)
        return namespaces.filter { pattern.match($0.name) != nil }
    }

    /// How many clients are connected, those that have joined no namespace included.
    public var clientCount: Int {
        get async { await core.engine.server.count }
    }
}
