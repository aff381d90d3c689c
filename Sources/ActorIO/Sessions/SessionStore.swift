/// Keeps the sessions, and ends them together with their sockets.
///
/// ```swift
/// let store = SessionStore { options in
///     options.idleLifetime = .seconds(3_600)
/// }
/// app.use(.session(store, secret: secret))
/// ```
/// Logout, expiry, login and "end my other devices" all take one path: the session is marked dead,
/// every connection that it holds is closed, and the backing deletes it. A dead id never comes
/// back.
public actor SessionStore {
    nonisolated let lane = Lane()
    nonisolated let options: Options
    /// Logins that outlive their session, and end with it when it is ended on purpose.
    nonisolated let remembered = Locked<[any RememberedEnds]>([])
    let backing: (any SessionBacking)?
    var entries: [SessionID: SessionEntry] = [:]
    var users: [ByteString: [SessionID]] = [:]
    var tombstones: Tombstones
    var unstored: UnstoredEnds
    var loads = PendingLoads()
    var clock: SessionClock
    /// Anonymous sessions in the order in which they were last known to be seen.
    var anonymous = Deque<(id: SessionID, seen: LoopTime)>()
    var deadlines = TimerHeap<SessionID>()
    var alarm: SessionAlarm?
    var attached: [ObjectIdentifier: AttachedMembers] = [:]
    var savers: [SessionID: [SessionSaver]] = [:]

    /// Pins the store to a loop of the server that uses it.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe lane.asUnownedSerialExecutor()
    }

    /// Makes a store; without a backing its sessions live in memory.
    public init(
        backing: (any SessionBacking)? = nil,
        _ configure: @Sendable (inout Options) -> Void = { _ in }
    ) {
        self.init(backing: backing, clock: SessionClock(), configure)
    }

    init(
        backing: (any SessionBacking)?,
        clock: SessionClock,
        _ configure: @Sendable (inout Options) -> Void
    ) {
        var options = Options()
        configure(&options)
        self.options = options
        self.backing = backing
        self.clock = clock
        tombstones = Tombstones(limit: max(1_000, options.maxSessions))
        unstored = UnstoredEnds(limit: options.maxUnstoredEnds)
        (backing as? FileBacking)?.keepTime(by: lane)
    }

    /// Seconds since 1970, on this store's clock.
    var unixTime: Int64 { clock.unixTime(on: lane.loop) }

    /// How many ends its backing does not know of yet, such as to wait for when a server stops.
    public var unstoredEnds: Int { unstored.count }

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
    ///
    /// Nobody sees a change before the backing has it. When that refuses one, those that were made
    /// on top of it have not been made either.
    func update<Result: Sendable>(
        _ id: SessionID,
        _ body: @Sendable (inout SessionData) throws -> Result
    ) async throws -> Result {
        guard try await isLoaded(id), let entry = entries[id] else {
            throw HTTPError.sessionEnded
        }
        var data = entry.draft ?? entry.data
        let result = try body(&data)
        guard backing != nil else {
            entries[id]?.data = data
            return result
        }
        entries[id]?.draft = data
        entries[id]?.version += 1
        try await save(id)
        return result
    }

    /// The first write of a visitor: makes the session, unless nothing was written.
    func create<Result: Sendable>(
        _ birth: SessionBirth,
        _ members: (any SessionMembers)?,
        evenIfEmpty: Bool = false,
        _ body: @Sendable (inout SessionData) throws -> Result
    ) async throws -> (result: Result, exists: Bool) {
        attach(members)
        let id = birth.id
        if birth.isNamedByApp { _ = try await isLoaded(id) }
        // Two writes of one request may both have found nothing.
        if let maker = birth.maker, entries[id]?.maker == maker {
            return (try await update(id, body), true)
        }
        try checkName(id)
        var data = SessionData()
        let result = try body(&data)
        guard evenIfEmpty || !data.isEmpty else { return (result, false) }
        try insert(birth, SessionRenewal(login: nil, keepingData: false), nil) { $0 = data }
        if let error = await failure({ try await save(id) }) {
            // Nobody will ever get the cookie, and the backing may have it all the same.
            endLater([id], isHarmless: true)
            throw error
        }
        return (result, true)
    }

    /// Begins a new session in the place of an old one, which is dead from this moment on.
    ///
    /// Returns when the sockets of the old one are closed; their clients may come back.
    func renew(
        _ old: SessionID?,
        by birth: SessionBirth,
        _ renewal: SessionRenewal,
        members: (any SessionMembers)? = nil,
        _ write: @Sendable (inout SessionData) -> Void
    ) async throws {
        attach(members)
        if birth.isNamedByApp { _ = try await isLoaded(birth.id) }
        if renewal.keepsData, let old { _ = try await isLoaded(old) }
        try checkName(birth.id)
        // No suspension in between: an update of the old one either came before or fails.
        let before = old.flatMap { entries[$0] }
        guard before != nil || !renewal.isSameLogin else { throw HTTPError.sessionEnded }
        if let old { bury(old) }
        try insert(birth, renewal, before, write)
        if let old { _ = await closeSockets(of: [old], mayReconnect: true) }
        let error = await failure { try await save(birth.id) }
        // Reported by the log, and tried again: who has logged in need not care.
        if let old { _ = await failure { try await deleteStored(old) } }
        guard let error else { return }
        _ = await failure { try await end([birth.id]) }
        throw error
    }

    /// An app's own ids are no reason to take over a session that is there, or has been.
    private func checkName(_ id: SessionID) throws {
        guard entries[id] == nil else { throw HTTPError.idInUse }
        guard !isDead(id) else { throw HTTPError.sessionEnded }
    }
}

extension HTTPError {
    static let idInUse = HTTPError(.internalServerError, "an app's session id is in use")
    /// What `update` and `read` throw for a session that was destroyed or has expired.
    static let sessionEnded = HTTPError(
        .unauthorized,
        "the session has ended",
        code: "session_ended"
    )
    static let storeIsFull = HTTPError(
        .serviceUnavailable,
        "too many sessions",
        headers: ["Retry-After": "60"]
    )
}
