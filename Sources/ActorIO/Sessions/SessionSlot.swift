/// What one request and its session have to do with each other.
///
/// Shared by all copies of the request.
final class SessionSlot: Sendable {
    fileprivate enum State: Sendable {
        /// No cookie, a bad one, or one of a session that is dead.
        case none
        /// Has a name already, but nothing was written yet.
        case unwritten(SessionID)
        case live(SessionID)
        case ended
    }

    fileprivate struct Record: Sendable {
        var state: State
        /// The browser must learn the id.
        var cookieIsDue = false
        /// The response is on its way: a cookie can no longer be set.
        var isSealed = false
        var failure: String?
        var failureWasRead = false
    }

    let store: SessionStore
    private let cookie: SessionCookie
    private let headers: Headers
    private let address: String
    private let isSecure: Bool
    private let entry: HandshakeEntry?
    /// The id the request showed, of whatever became of it.
    private let shown: SessionID?
    private let record: Locked<Record>

    /// Enters the connection of a handshake in the session's room and only then asks the store.
    static func open(
        _ request: Request,
        _ store: SessionStore,
        _ cookie: SessionCookie
    ) async throws -> SessionSlot {
        let shown = cookie.id(in: request.headers)
        let entry = request[HandshakeEntry.self]
        var found: OpenedSession?
        if let shown {
            if let entry { await entry.members.enter(shown, as: entry.member) }
            found = try await store.open(
                shown,
                address: request.remoteAddress,
                members: entry?.members,
                cookieLifetime: cookie.policy.lifetime
            )
        }
        // An id the store does not know is never adopted, however well it is signed.
        let state: State = shown.flatMap { found == nil ? nil : .live($0) } ?? .none
        let record = Record(state: state, cookieIsDue: found?.cookieIsDue ?? false)
        return SessionSlot(request, store, cookie, entry, shown, record)
    }

    private init(
        _ request: Request,
        _ store: SessionStore,
        _ cookie: SessionCookie,
        _ entry: HandshakeEntry?,
        _ shown: SessionID?,
        _ record: Record
    ) {
        self.store = store
        self.cookie = cookie
        self.entry = entry
        self.shown = shown
        headers = request.headers
        address = request.remoteAddress
        isSecure = request.isSecure
        self.record = Locked(record)
    }

    var session: Session {
        let id = record.withLock { record -> SessionID in
            switch record.state {
            case .live(let id), .unwritten(let id): return id
            case .none, .ended:
                let id = SessionID()
                if case .none = record.state { record.state = .unwritten(id) }
                return id
            }
        }
        return Session(id: id, store: store, slot: self)
    }

    var liveID: SessionID? {
        record.withLock { $0.state.liveID }
    }

    func isUnwritten(_ id: SessionID) -> Bool {
        record.withLock { record in
            guard case .unwritten(id) = record.state else { return false }
            return true
        }
    }

    func isAlive() async throws -> Bool {
        let state = record.withLock { $0.state }
        switch state {
        case .none, .unwritten: return true
        case .live(let id): return try await store.isAlive(id)
        case .ended: return false
        }
    }

    /// Whether a later request shows what this one showed, or the session it has got since.
    ///
    /// A browser goes on showing the cookie of a dead session, which counts as none.
    func isShown(by headers: Headers) -> Bool {
        let id = cookie.id(in: headers)
        let liveID = liveID
        return id == liveID || (liveID == nil && id == shown)
    }
}

/// Changes of the state.
extension SessionSlot {
    /// The first write.
    func create<Result: Sendable>(
        _ id: SessionID,
        _ body: @Sendable (inout SessionData) throws -> Result
    ) async throws -> Result {
        try checkOpen()
        if let entry { await entry.members.enter(id, as: entry.member) }
        let (result, exists) = try await store.create(id, origin, entry?.members, body)
        guard exists else { return result }
        let isInTime = record.withLock { record in
            if case .unwritten(id) = record.state, !record.isSealed {
                record.state = .live(id)
                record.cookieIsDue = true
            }
            return record.state.liveID == id
        }
        guard isInTime else {
            try await store.end([id])
            throw Self.tooLate
        }
        return result
    }

    /// Begins a new session in the place of the present one, whose sockets are closed.
    func renew(
        keepingData: Bool,
        userID: String?,
        _ write: @Sendable (inout SessionData) -> Void
    ) async throws {
        try checkOpen()
        // Entered before the store knows of it, as everywhere.
        let id = SessionID()
        if let entry { await entry.members.enter(id, as: entry.member) }
        try await store.renew(
            liveID,
            to: id,
            members: entry?.members,
            keepingData: keepingData,
            userID: userID,
            origin,
            write
        )
        let isInTime = record.withLock { record in
            guard !record.isSealed else { return false }
            record.state = .live(id)
            record.cookieIsDue = true
            return true
        }
        guard isInTime else {
            try await store.end([id])
            throw Self.tooLate
        }
    }

    func noteEnd(of id: SessionID) {
        record.withLock { record in
            switch record.state {
            case .live(id): record.state = .ended
            // Nothing ends, but a cookie of an earlier session goes.
            case .unwritten(id): record.state = cookie.isShown(in: headers) ? .ended : .none
            default: break
            }
        }
    }

    private func checkOpen() throws {
        guard !record.withLock({ $0.isSealed }) else { throw Self.tooLate }
    }

    private var origin: SessionOrigin {
        SessionOrigin(address: address, userAgent: headers["user-agent"])
    }

    private static let tooLate = HTTPError(
        .internalServerError,
        "a session can not begin when the response has gone"
    )
}

/// The way out.
extension SessionSlot {
    /// The message a failed login left for this page; it is cleared with the response.
    var failureMessage: String? {
        guard let message = cookie.failure(in: headers) else { return nil }
        record.withLock { $0.failureWasRead = true }
        return message
    }

    func leaveFailure(_ message: String) {
        record.withLock { $0.failure = message }
    }

    /// The last look at the state: after it no session can begin here any more.
    func seal() -> [SetCookie] {
        let now = store.lane.unixTime
        let record = record.withLock { record in
            record.isSealed = true
            return record
        }
        var cookies: [SetCookie] = []
        switch record.state {
        case .live(let id):
            guard record.cookieIsDue else { break }
            cookies.append(cookie.cookie(for: id, isSecure: isSecure, now: now))
        case .ended: cookies.append(cookie.removal(isSecure: isSecure))
        case .none, .unwritten: break
        }
        if let failure = record.failure {
            let set = cookie.cookie(forFailure: failure, isSecure: isSecure, now: now)
            cookies.append(set)
        } else if record.failureWasRead {
            cookies.append(cookie.removalOfFailure(isSecure: isSecure))
        }
        return cookies
    }
}

extension SessionSlot.State {
    fileprivate var liveID: SessionID? {
        guard case .live(let id) = self else { return nil }
        return id
    }
}
