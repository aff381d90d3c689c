/// The plan of a namespace: who may enter, and what its events do.
///
/// Filled in the closure that `SocketIO` is made with, and frozen when that returns, so that no
/// handler can be registered too late and none is looked up under a lock.
public struct Namespace: Sendable {
    typealias SocketStep = @Sendable (isolated Socket) async throws -> Void
    typealias DisconnectStep = @Sendable (isolated Socket, DisconnectReason) async -> Void

    let name: String
    var handlers: [ByteString: EventHandlers] = [:]
    var watchers: [EventStep] = []
    var filters: [EventStep] = []
    var outgoing: [@Sendable (isolated Socket, OutgoingEvent) -> Void] = []
    var roomChanged: [@Sendable (RoomChange) -> Void] = []
    var middleware: [SocketStep] = []
    var connected: [SocketStep] = []
    var disconnecting: [DisconnectStep] = []
    var disconnected: [DisconnectStep] = []
    var failed: (@Sendable (any Error, FailedEvent) -> Void)?
    var children: [Namespace] = []
    var families: [NamespaceFamily] = []
    var serverSide: [ByteString: ServerStep] = [:]
    var created: [@Sendable (NamespaceHandle) -> Void] = []

    init(_ name: String) {
        self.name = name
    }

    /// Another namespace on the same connections, such as `/admin`; its name begins with a slash.
    public mutating func namespace(_ name: String, _ build: (inout Namespace) -> Void) {
        var child = Namespace(name.utf8.first == UInt8(ascii: "/") ? name : "/" + name)
        build(&child)
        children.append(child)
    }

    /// Runs before a socket is connected, in the order they are written; throwing refuses it.
    ///
    /// The client gets the error as `connect_error`; a ``ConnectError`` says what it reads there.
    public mutating func use(
        _ step: @escaping @Sendable (isolated Socket) async throws -> Void
    ) {
        middleware.append(step)
    }

    /// Runs when a socket is connected, before any of its events.
    ///
    /// An error disconnects the socket again.
    public mutating func onConnection(
        _ step: @escaping @Sendable (isolated Socket) async throws -> Void
    ) {
        connected.append(step)
    }

    /// Runs when a socket begins to leave, while its rooms are still there.
    public mutating func onDisconnecting(
        _ step: @escaping @Sendable (isolated Socket, DisconnectReason) async -> Void
    ) {
        disconnecting.append(step)
    }

    /// Runs when a socket has left, once for each that was connected.
    public mutating func onDisconnect(
        _ step: @escaping @Sendable (isolated Socket, DisconnectReason) async -> Void
    ) {
        disconnected.append(step)
    }

    /// Told of every error that a handler threw, once, and of packets that broke the protocol.
    ///
    /// A connection that brings such a packet is closed: its sockets are disconnected right after,
    /// with the reason ``DisconnectReason/forcedClose``.
    public mutating func onError(
        _ report: @escaping @Sendable (_ error: any Error, _ event: FailedEvent) -> Void
    ) {
        failed = report
    }

    /// Every namespace below this one.
    var allChildren: [Namespace] { children + children.flatMap(\.allChildren) }

    /// Adds a handler behind those the event has already.
    mutating func add(_ name: String, _ body: EventHandler.Body) {
        append(name, EventHandler(body: body, answers: false))
    }

    /// Adds a handler whose result is the answer.
    mutating func answer(_ name: String, _ body: EventHandler.Body) {
        append(name, EventHandler(body: body, answers: true))
    }

    private mutating func append(_ name: String, _ handler: EventHandler) {
        precondition(!SocketPacket.isReserved(name), "\(name) is reserved by the protocol")
        let key = ByteString(name)
        handlers[key] = handlers[key]?.adding(handler) ?? .one(handler)
    }
}

/// Which event failed, and whose.
public struct FailedEvent: Sendable {
    /// The socket it came from.
    public let socket: SocketID
    /// The namespace.
    public let namespace: String
    /// The event's name; `connection` for the handler of new sockets, `error` for a packet that
    /// broke the protocol.
    public let name: String
}
