/// One client in one namespace: an actor on the loop of its connection.
///
/// Handlers run inside it, so they reach its state without `await`:
///
/// ```swift
/// root.on("move") { (socket, x: Int, y: Int) in
///     socket[Position.self] = Position(x, y)
///     try socket.emit("moved", x, y)
/// }
/// ```
public actor Socket: LoopActor, Outlet {
    enum State {
        /// The namespace's middleware is deciding.
        case connecting
        /// CONNECT is answered; events wait until the connection handlers have returned.
        case starting
        case connected
        case disconnected
    }

    /// The public name of this socket.
    public nonisolated let id: SocketID
    nonisolated let runtime: NamespaceRuntime
    nonisolated let session: EngineSession
    /// Nil when it sent none, as most do.
    private nonisolated let authentication: Authentication?
    nonisolated let recovery: SocketRecovery?
    /// As whom it is here; nil where the handshake has said that for all namespaces.
    nonisolated let identity: SocketIdentity?

    /// The loop of the socket's connection.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }
    package nonisolated var loop: EventLoop { session.loop }
    nonisolated var member: HandshakeMember? { session.member }
    nonisolated var territory: Territory { runtime.territory }

    var state = State.connecting
    var acks = Acks()
    /// Events that came before the connection handlers had returned.
    var waitingEvents: [IncomingEvent] = []
    /// What rooms sent before the answer to CONNECT was written.
    var early: [EncodedEvent] = []
    /// What has to wait until events of its own have got their numbers; nil when nothing does.
    var held: HeldMessages?
    var tasks: [UInt32: Task<Void, Never>] = [:]
    var nextTask: UInt32 = 0
    var endedTask: UInt32?
    var isPausing = false
    /// A handler is on its way to its first step, see `holdUp`.
    var isHeldUp = false
    var heldBack: HeldBack?
    /// Middleware waits for something before the event it looks at goes on.
    var isFiltering = false
    var isRunningWaiting = false
    /// The namespace's middleware, while it runs.
    var decision: Task<Void, Never>?
    private(set) var values: SocketValues

    init(
        _ runtime: NamespaceRuntime,
        _ session: EngineSession,
        auth: Arguments,
        _ recovery: SocketRecovery? = nil,
        _ identity: SocketIdentity? = nil
    ) {
        let saved = recovery?.resumption?.content?.socket
        id = saved?.id ?? SocketID()
        values = saved?.values as? SocketValues ?? SocketValues()
        self.recovery = recovery
        self.identity = identity
        self.runtime = runtime
        self.session = session
        authentication = auth.isEmpty ? nil : Authentication(auth)
    }

    private final class Authentication: Sendable {
        let arguments: Arguments

        init(_ arguments: Arguments) {
            self.arguments = arguments
        }
    }

    /// The request that opened the connection, with the user and the session its chain put on it.
    ///
    /// With a `connect` chain it is what that made of it for this socket; a fresh token, see
    /// ``reauthenticate(_:)``, puts another in its place.
    public nonisolated var request: Request { identity?.request ?? session.request }
    nonisolated var login: SavedLogin? { identity?.login }
    /// The name of the namespace, `/` for the root.
    public nonisolated var namespaceName: String { runtime.name }
    /// Whether events can be sent and received.
    public var isConnected: Bool { state == .connected || state == .starting }
    /// What carries the connection at the moment.
    public var transport: EngineTransport { session.onLoop { $0.transport } }

    /// What the client sent as `auth` when it connected to this namespace.
    ///
    /// A client that sent none counts as one that sent `{}`; an optional value is nil then.
    public nonisolated func auth<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value
    {
        try (authentication?.arguments ?? Arguments()).auth(as: type)
    }

    /// What stands in the name of its namespace for a name of the pattern; throws what refuses the
    /// socket when it is not there or can not be read.
    public nonisolated func parameter<Value: LosslessStringConvertible>(
        _ name: String,
        as type: Value.Type = Value.self
    ) throws -> Value {
        let found = runtime.parameters.first { $0.name.utf8.elementsEqual(name.utf8) }
        // Int("+5") is 5, so the way back must give the same text.
        guard let found, let value = Value(found.value),
            !(value is any BinaryInteger) || value.description == found.value
        else { throw ConnectError("Invalid namespace") }
        return value
    }

    /// A value of this socket, found by its type.
    public subscript<Value: Sendable>(_ type: Value.Type) -> Value? {
        get { values[type] }
        set {
            values[type] = newValue
            runtime.desk?.updated(self)
        }
    }

    /// The values of some sockets of this one's loop, as they are now.
    func values(of outlets: [any Outlet]) -> [SocketValues] {
        outlets.map { outlet in (outlet as? Socket)?.onLoop { $0.values } ?? SocketValues() }
    }

    /// Its values as an admin is shown them.
    var shownValues: JSONObject { values.shown }

    /// Disconnects this socket from its namespace; with `close` the whole connection, and with it
    /// all namespaces.
    ///
    /// The client does not reconnect by itself.
    public func disconnect(close: Bool = false) {
        guard state != .disconnected else { return }
        let socket = self
        session.onLoop { session in
            guard let client = session.receiver as? Client else { return }
            if close {
                client.disconnectAll(in: session)
            } else {
                client.disconnect(socket, in: session)
            }
        }
    }
}
