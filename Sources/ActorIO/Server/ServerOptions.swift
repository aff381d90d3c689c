extension Server {
    /// How a server listens and what it allows.
    ///
    /// ```swift
    /// var options = Server.Options()
    /// options.trustedProxies = ["127.0.0.1"]
    /// let server = Server(app, io, port: 8080, options: options)
    /// ```
    public struct Options: Sendable {
        /// Event loops, each a thread; one per core by default, from 1 up.
        public var loops = EventLoopGroup.processorCount
        /// HTTP connections at once, over all loops, from 1 up; the next ones wait in the kernel.
        ///
        /// One that has become a WebSocket is counted no more.
        public var maxConnections = 100_000
        /// Connections that may wait in the kernel to be accepted.
        public var backlog = 4_096
        /// How much of a request is read before it is refused.
        public var limits = HTTPLimits()
        /// How long a peer may take.
        public var deadlines = HTTPDeadlines()
        /// Proxies whose word on the client's address and on TLS is believed.
        public var trustedProxies: TrustedProxies = []
        /// How long open requests may take to end, unless `shutdown(within:)` says otherwise.
        public var shutdownTimeout: Duration = .seconds(10)
        /// Where the server says what happened.
        public var log = Log.standardError

        /// Makes the defaults.
        public init() {}
    }
}
