extension SocketIO {
    /// Limits and timings of a Socket.IO server.
    ///
    /// ```swift
    /// var options = SocketIO.Options()
    /// options.engine.pingInterval = .seconds(10)
    /// let io = SocketIO(options: options) { root in … }
    /// ```
    public struct Options: Sendable {
        /// Those of the connection below: path, transports, heartbeat, sizes.
        public var engine = EngineOptions()
        /// How packets are written and read, such as ``MessagePackParser``; nil is the protocol's
        /// text.
        ///
        /// Every client must use the same. The client that is served below the path speaks text
        /// only; see ``clientDirectory`` for others.
        public var parser: (any CustomParser)?
        /// How long a client may take to join its first namespace, from 1 ms up.
        public var connectTimeout: Duration = .seconds(45)
        /// Foreign origins, such as `https://shop.example`, whose pages may connect; `*` for all.
        ///
        /// With `*` a cookie proves nothing: any page can open a WebSocket with its visitor's.
        public var allowedOrigins: [String] = []
        /// Binary values in one packet, whoever sends it, from 0 up; clients of today take 10.
        public var maxAttachments = 10
        /// Values in the JSON of one packet, from 1 up; a packet with more closes its connection.
        public var maxElements = 100_000
        /// How deep arrays and objects of one packet may be nested, from 1 to 512.
        public var maxDepth = 64
        /// The size of a CONNECT with its `auth`, in bytes from 1 up; each namespace keeps one.
        public var maxAuth = 65_536
        /// Namespaces on one connection, from 1 up.
        public var maxNamespaces = 32
        /// Namespaces that were made for clients by a pattern or predicate, from 0 up; one that
        /// nobody is in makes room for another.
        public var maxChildNamespaces = 10_000
        /// Whether such a namespace is forgotten when its last socket leaves, sockets counted that
        /// are still being decided about.
        public var cleansUpEmptyNamespaces = false
        /// Rooms of one socket, from 1 up.
        public var maxRooms = 256
        /// Handlers of one socket that may be suspended before its connection is read no further,
        /// from 1 up.
        public var maxUnfinishedHandlers = 64
        /// Whether a client that loses its connection finds its socket again as it was; nil: never.
        public var recovery: RecoveryOptions?
        /// How long a user whose last connection was lost is still told to be online, from zero up;
        /// see ``SocketIO/presenceChanges``.
        ///
        /// A page that is loaded again and a client that connects again make no change then. A
        /// login that has ended is not waited for.
        public var presenceGrace: Duration = .seconds(5)
        /// Changes of presence that are kept one by one for each reader, from 1 up; beyond, the
        /// newest state of a user takes the place of earlier ones.
        public var presenceBuffer = 1_000
        /// Whether browsers find our client below the path, as `socket.io.js` and
        /// `socket.io.esm.js`.
        public var servesClient = true
        /// A folder whose files are served below the path instead of our client, such as the
        /// official bundles.
        public var clientDirectory: String?
        /// How tokens are shown, and what happens when they expire.
        public var tokens = TokenOptions()
        /// The namespace of the official Admin UI; nil for none.
        public var admin: AdminOptions?
        /// Where the server says what happened.
        public var log = Log.standardError

        /// The way to the other nodes of a cluster.
        var adapter: (any Adapter)?

        /// Makes the defaults.
        public init() {}
    }
}
