/// Keeps the sessions, and ends them together with their sockets.
///
/// ```swift
/// let store = SessionStore { options in
///     options.idleLifetime = .seconds(3_600)
/// }
/// app.use(.session(store, secret: secret))
/// ```
/// Logout, expiry, login and "end my other devices" all take one path: the session is marked dead,
/// deleted, and then every connection that it holds is closed. A dead id never comes back.
public actor SessionStore {
    /// Lifetimes and bounds.
    public struct Options: Sendable {
        /// A session ends when no request has shown it for so long; a day.
        public var idleLifetime = Duration.seconds(86_400)
        /// A session ends so long after it began, with a login say, however busy it is; thirty
        /// days.
        public var absoluteLifetime = Duration.seconds(30 * 86_400)
        /// Sessions at once.
        ///
        /// When there are so many, a new one takes the place of the anonymous one that was idle
        /// longest; when all belong to users, it is refused with 503.
        public var maxSessions = 100_000
        /// Sessions of one user at once; the one that was idle longest makes room.
        public var maxSessionsPerUser = 100
        /// How long an ended id is remembered: longer than any request can be under way.
        public var memoryOfEnded = Duration.seconds(600)

        /// The defaults.
        public init() {}
    }

    nonisolated let lane = Lane()
    nonisolated let options: Options
    let backing: (any SessionBacking)?
    var entries: [SessionID: SessionEntry] = [:]
    var users: [ByteString: [SessionID]] = [:]
    var tombstones: Tombstones
    /// Anonymous sessions in the order in which they were last known to be seen.
    var anonymous = Deque<(id: SessionID, seen: LoopTime)>()
    var deadlines = TimerHeap<SessionID>()
    var alarm: SessionAlarm?
    var attached: [ObjectIdentifier: AttachedMembers] = [:]
    var savers: [SessionID: [CheckedContinuation<Void, Never>]] = [:]

    /// Pins the store to a loop of the server that uses it.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe lane.asUnownedSerialExecutor()
    }

    /// Makes a store; without a backing its sessions live in memory.
    public init(
        backing: (any SessionBacking)? = nil,
        _ configure: @Sendable (inout Options) -> Void = { _ in }
    ) {
        var options = Options()
        configure(&options)
        self.options = options
        self.backing = backing
        tombstones = Tombstones(limit: max(1_000, options.maxSessions))
    }

    /// How many sessions are kept in memory.
    public var count: Int { entries.count }

    /// Whether a session lives.
    func isAlive(_ id: SessionID) async throws -> Bool {
        try await isLoaded(id)
    }

    /// What a session keeps at this moment, nil when it is dead.
    func data(of id: SessionID) async throws -> SessionData? {
        try await isLoaded(id) ? entries[id]?.data : nil
    }

    func read<Result: Sendable>(
        _ id: SessionID,
        _ body: @Sendable (SessionData) throws -> Result
    ) async throws -> Result {
        guard let data = try await data(of: id) else { throw HTTPError.sessionEnded }
        return try body(data)
    }

    /// Changes a living session in one step; a dead one stays dead.
    func update<Result: Sendable>(
        _ id: SessionID,
        _ body: @Sendable (inout SessionData) throws -> Result
    ) async throws -> Result {
        guard try await isLoaded(id), var data = entries[id]?.data else {
            throw HTTPError.sessionEnded
        }
        let result = try body(&data)
        entries[id]?.data = data
        entries[id]?.version += 1
        try await save(id)
        return result
    }

    /// The first write of a visitor: makes the session, unless nothing was written.
    func create<Result: Sendable>(
        _ id: SessionID,
        _ origin: SessionOrigin,
        _ members: (any SessionMembers)?,
        _ body: @Sendable (inout SessionData) throws -> Result
    ) async throws -> (result: Result, exists: Bool) {
        attach(members)
        // Two writes of one request may both have found nothing.
        guard entries[id] == nil, !tombstones.contains(id) else {
            return (try await update(id, body), true)
        }
        var data = SessionData()
        let result = try body(&data)
        guard !data.isEmpty else { return (result, false) }
        try insert(id, data, userID: nil, origin)
        if let error = await failure({ try await save(id) }) {
            // Nobody will ever get the cookie.
            bury(id)
            throw error
        }
        return (result, true)
    }

    /// Begins a new session in the place of an old one, which is dead from this moment on.
    ///
    /// Returns when the sockets of the old one are closed.
    @discardableResult
    func renew(
        _ old: SessionID?,
        to id: SessionID = SessionID(),
        members: (any SessionMembers)? = nil,
        keepingData: Bool,
        userID: String?,
        _ origin: SessionOrigin,
        _ write: @Sendable (inout SessionData) -> Void
    ) async throws -> SessionID {
        attach(members)
        var data = SessionData()
        if keepingData, let old, let kept = try await self.data(of: old) {
            data = kept
        }
        write(&data)
        // No suspension in between: an update of the old one either came before or fails.
        if let old { bury(old) }
        try insert(id, data, userID: userID, origin)
        let error = await failure { try await save(id) }
        if let old { try await finish([old], mayReconnect: true) }
        guard let error else { return id }
        try await end([id])
        throw error
    }

    private func failure(_ body: () async throws -> Void) async -> (any Error)? {
        do {
            try await body()
            return nil
        } catch {
            return error
        }
    }
}

extension HTTPError {
    /// What `update` and `read` throw for a session that was destroyed or has expired.
    static let sessionEnded = HTTPError(.unauthorized, "the session has ended")
    static let storeIsFull = HTTPError(
        .serviceUnavailable,
        "too many sessions",
        headers: ["Retry-After": "60"]
    )
}
