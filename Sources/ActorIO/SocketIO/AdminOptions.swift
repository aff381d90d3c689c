/// The namespace that the official Admin UI of Socket.IO connects to: who may enter, and what is
/// seen and done there.
///
/// ```swift
/// var options = SocketIO.Options()
/// options.admin = AdminOptions(.password(username: "admin", hash: storedHash))
/// options.allowedOrigins = ["https://admin.socket.io"]
/// let io = SocketIO(options: options) { root in … }
/// ```
/// The handshake chain of the server runs for admins too: an admin is a client like any other. A
/// `connect` chain does not, since admins show a password where others show a token.
public struct AdminOptions: Sendable {
    /// Who is let in.
    public enum Access: Sendable {
        /// Whoever knows a name and a password; only the hash is kept, as `PasswordHash.hash` makes
        /// it.
        case password(username: String, hash: String)
        /// Whoever can reach the server, without being asked anything: every client could see and
        /// disconnect every other one.
        case openToEveryone
    }

    /// How much is seen.
    public enum Mode: Sendable {
        /// Every socket, room and event, with all that events carry; each costs something.
        ///
        /// Of a socket are shown its rooms, its values that are `Encodable`, and of the request
        /// that opened its connection the header fields that every browser sends, and its query
        /// with asterisks for values that are not Engine.IO's own: no cookies, no tokens. Events
        /// that an admin can not take at once are left out.
        case development
        /// Figures every few seconds, and nothing of any single socket or event.
        case production
    }

    /// Who is let in.
    public var access: Access
    /// How much is seen.
    public var mode = Mode.development
    /// Whether admins can only look: emit, join, leave and disconnect are not offered, nor taken.
    public var isReadOnly = false
    /// The namespace; the plan must have none of this name.
    public var namespaceName = "/admin"
    /// What the server is called among others in the UI; nil takes the name of the machine.
    public var serverID: String?
    /// How often figures are sent while an admin is there, from 100 ms up.
    public var statsInterval: Duration = .seconds(2)
    /// How long an admin who comes back need not give the password again.
    public var sessionLifetime: Duration = .seconds(86_400)
    /// How many such logins are remembered, from 1 up; the oldest is forgotten for a new one.
    public var maxSessions = 1_000
    /// How many wrong passwords one address, or one network of IPv6, may try in an
    /// `attemptPeriod`, from 1 up.
    ///
    /// A right one behind them does not clear the count, and none is taken from there when it is
    /// used up: who shares an address with an attacker comes in with the session of an earlier
    /// login.
    public var maxAttempts = 10
    /// What `maxAttempts` are counted in.
    public var attemptPeriod: Duration = .seconds(60)
    /// How many sockets an admin is shown at the beginning, from 1 up.
    ///
    /// Fewer are shown when their list would take more than half of the `outgoingBytes` of
    /// ``EngineOptions``, at which a slow admin is closed.
    public var maxListedSockets = 10_000
    /// How many namespaces the figures are of, from 1 up: those with the most sockets.
    public var maxListedNamespaces = 256
    /// What checks passwords.
    public var hasher: any PasswordHasher = PasswordHash()

    /// Makes the defaults; who is let in has none.
    public init(_ access: Access) {
        self.access = access
    }

    /// The name of the namespace, with the slash it may have been written without.
    var fullName: ByteString {
        let hasSlash = namespaceName.utf8.first == UInt8(ascii: "/")
        return ByteString(hasSlash ? namespaceName : "/" + namespaceName)
    }
}
