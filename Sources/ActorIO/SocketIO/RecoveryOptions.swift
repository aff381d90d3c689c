/// Connection state recovery: for how long, and how much is kept for it.
///
/// ```swift
/// var options = SocketIO.Options()
/// options.recovery = RecoveryOptions()
/// let io = SocketIO(options: options) { root in
///     root.onConnection { socket in
///         if !socket.isRecovered { await socket.join("lobby") }
///     }
/// }
/// ```
/// A client that loses its connection and comes back in time has its socket again: the same id,
/// rooms and values, and the events it missed, in front of the answer to its CONNECT. It must come
/// as the same login: with another session or user, or with a session that has ended, it gets a new
/// socket, as it does whenever anything does not fit. So does one that comes back before the
/// `onDisconnecting` handlers have returned.
///
/// Events that are kept carry one more argument to their client, a text, by which it says how far
/// it has got; acknowledged and volatile events are not kept.
public struct RecoveryOptions: Sendable {
    /// How long a socket can come back, from 1 ms up to a day.
    ///
    /// Its events are kept a little longer, since a connection is known to be dead only when a
    /// heartbeat has failed.
    public var maxDisconnectionDuration: Duration = .seconds(120)

    /// Whether a socket that comes back passes by the middleware of its namespace.
    ///
    /// It passed once, and its login is checked again in any case. Say no when the middleware
    /// decides by what the client sends as `auth`, or by what may have changed since.
    public var skipsMiddleware = true

    /// As whom a request comes, where logins are no sessions of this library: the subject of its
    /// token, say.
    ///
    /// Nobody gets the socket of another identity, nor of nobody. Sessions and users of this
    /// library count in any case.
    public var identity: (@Sendable (Request) -> String?)?

    /// Bytes of events kept for all namespaces together, from 0 up; the oldest make room.
    ///
    /// A client that lacks one that is gone gets a new socket.
    public var maxPacketBytes = 10_000_000

    /// Namespaces whose events are kept, from 0 up; the clients of any others get new sockets.
    ///
    /// A namespace counts as long as somebody is in it, or may come back to it.
    public var maxNamespaces = 10_000

    /// Sockets that may be away at once, from 0 up; the one that left first makes room.
    public var maxSockets = 10_000

    /// Makes the defaults.
    public init() {}
}

extension RecoveryOptions {
    /// A client is silent for an interval and two timeouts at most: it answers a ping late, then
    /// the next one never.
    func limits(_ engine: EngineOptions) -> RecoveryStore.Limits {
        let engine = engine.bounded()
        var limits = RecoveryStore.Limits()
        limits.disconnection = min(
            max(maxDisconnectionDuration, .milliseconds(1)),
            .seconds(86_400)
        )
        limits.silence = engine.pingInterval + engine.pingTimeout * 2 + .seconds(1)
        limits.logBytes = max(0, maxPacketBytes)
        limits.logs = max(0, maxNamespaces)
        limits.sockets = max(0, maxSockets)
        limits.replayBytes = engine.outgoingBytes
        limits.replayPackets = engine.outgoingPackets
        return limits
    }
}
