extension SessionStore {
    /// What a socket does for the life of its session.
    public enum SocketActivity: Sendable {
        /// Nothing: only requests count.
        case ignored
        /// What a client sends counts, its heartbeats do not.
        case events
        /// A connected socket is enough: the session lives on while somebody answers pings.
        case connected
    }

    /// Lifetimes and bounds.
    public struct Options: Sendable {
        /// A session ends when it has not been used for so long; a day.
        public var idleLifetime = Duration.seconds(86_400)
        /// A session ends so long after it began, with a login say, however busy it is; thirty
        /// days.
        public var absoluteLifetime = Duration.seconds(30 * 86_400)
        /// Whether sockets keep their session alive, and by what; events do, heartbeats do not.
        ///
        /// Ten times in an idle lifetime are noticed, of each socket.
        public var socketActivity = SocketActivity.events
        /// Sessions at once.
        ///
        /// When there are so many, a new one takes the place of the anonymous one that was idle
        /// longest; when all belong to users, it is refused with 503.
        public var maxSessions = 100_000
        /// Sessions of one user at once; the one that was idle longest makes room.
        public var maxSessionsPerUser = 100
        /// How long an ended id is remembered: longer than any request can be under way.
        public var memoryOfEnded = Duration.seconds(600)
        /// Ends that the backing does not know of yet; their sessions are refused meanwhile.
        ///
        /// When there are so many and another session ends, every session that began before that
        /// moment and is not in memory is refused as well, for as long as the process runs. One
        /// that says it begins later than now moves that moment: a clock was wrong.
        public var maxUnstoredEnds = 100_000
        /// Where a store says what its backing could not do.
        public var log = Log.standardError

        /// The defaults.
        public init() {}

        /// Ten in an idle lifetime are enough to be right within a tenth of it.
        var touchPause: Duration { max(.milliseconds(1), idleLifetime / 10) }
    }
}
