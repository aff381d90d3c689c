/// Why a socket was disconnected: the same set in handlers and logs.
public enum DisconnectReason: String, Sendable, Hashable {
    /// The client left the namespace.
    case clientDisconnect = "client namespace disconnect"
    /// The server disconnected it: by `disconnect`, or because its login session ended.
    case serverDisconnect = "server namespace disconnect"
    /// The server closed the connection, such as after a packet that broke the protocol.
    case forcedClose = "forced close"
    /// The client did not answer a ping in time.
    case pingTimeout = "ping timeout"
    /// The client, or the network, closed the connection.
    case transportClose = "transport close"
    /// The connection failed, or the client broke the rules of its transport.
    case transportError = "transport error"
    /// What came was no packet of Engine.IO.
    case parseError = "parse error"
    /// The client did not take what was sent to it.
    case overBudget = "client too slow"
    /// What the client was authenticated by has expired; see ``TokenOptions``.
    case tokenExpired = "token expired"
    /// The server is shutting down.
    case serverShuttingDown = "server shutting down"

    init(_ reason: EngineCloseReason) {
        switch reason {
        case .pingTimeout: self = .pingTimeout
        case .transportClose: self = .transportClose
        case .transportError: self = .transportError
        case .parseError: self = .parseError
        case .forcedClose, .connectTimeout, .tokenExpired: self = .forcedClose
        case .overBudget: self = .overBudget
        case .sessionEnded: self = .serverDisconnect
        case .serverShuttingDown: self = .serverShuttingDown
        }
    }
}
