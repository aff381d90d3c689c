/// What one request and its session have to do with each other.
///
/// Shared by all copies of the request.
final class SessionSlot: Sendable {
    enum State: Sendable {
        /// No cookie, a bad one, or one of a session that is dead.
        case none
        /// Has a name already, but nothing was written yet.
        case unwritten(SessionID)
        case live(SessionID)
        case ended
    }

    struct Record: Sendable {
        var state: State
        /// The browser must learn the id, or of a longer life of its cookie.
        var cookieIsDue = false
        /// The response is on its way: a cookie can no longer be set.
        var isSealed = false
        var makerTag: UInt64 = 0
    }

    let store: SessionStore
    let cookie: SessionCookie
    let headers: Headers
    let isSecure: Bool
    let entry: HandshakeEntry?
    let record: Locked<Record>
    /// Changes of the cookies beside the session's.
    let notes = Locked<[SideChange]>([])
    /// Whether the client shows a bearer and gets no cookie.
    let isBearer: Bool
    private let address: String
    /// The id the request showed, of whatever became of it.
    private let shown: SessionID?
    /// Kept for the closures of a policy that has some.
    private let request: KeptRequest?

    /// Boxed: most policies have no use for it.
    private final class KeptRequest: Sendable {
        let request: Request

        init(_ request: Request) {
            self.request = request.kept()
        }
    }

    /// Enters the connection of a handshake in the session's room and only then asks the store.
    static func open(
        _ request: Request,
        _ store: SessionStore,
        _ cookie: SessionCookie
    ) async throws -> SessionSlot {
        let shown = cookie.find(in: request.headers)
        let entry = request[HandshakeEntry.self]
        var state = State.none
        var cookieIsDue = false
        if let id = shown.id {
            if let entry { await entry.members.enter(id, as: entry.member) }
            let visit = SessionVisit(
                address: request.remoteAddress,
                key: shown.key,
                cookieLifetime: cookie.policy.lifetime
            )
            // An id the store does not know is never adopted, however well it is signed.
            if let found = try await store.open(id, visit, members: entry?.members) {
                state = .live(id)
                cookieIsDue =
                    found.cookieIsDue || cookie.policy.rolling || !shown.isNewest
            }
        }
        let record = Record(state: state, cookieIsDue: cookieIsDue)
        return SessionSlot(request, store, cookie, entry, shown, record)
    }

    private init(
        _ request: Request,
        _ store: SessionStore,
        _ cookie: SessionCookie,
        _ entry: HandshakeEntry?,
        _ shown: ShownSession,
        _ record: Record
    ) {
        self.store = store
        self.cookie = cookie
        self.entry = entry
        self.shown = shown.id
        isBearer = shown.isBearer
        headers = request.headers
        address = request.remoteAddress
        isSecure = request.isSecure
        self.request = cookie.asksApp ? KeptRequest(request) : nil
        self.record = Locked(record)
    }

    var session: Session {
        let fresh = isNobody ? makeID() : nil
        let id = record.withLock { record -> SessionID in
            switch record.state {
            case .live(let id), .unwritten(let id): return id
            case .none, .ended:
                let id = fresh ?? SessionID()
                if case .none = record.state { record.state = .unwritten(id) }
                return id
            }
        }
        return handle(id)
    }

    func handle(_ id: SessionID) -> Session {
        Session(id: id, store: store, slot: self)
    }

    /// A name for a session that is to begin.
    func makeID() -> SessionID {
        guard let make = cookie.policy.makeID, let request else { return SessionID() }
        return make(request.request)
    }

    /// The last word on a cookie, but for what makes it one of ours.
    func adjusted(_ cookie: SetCookie) -> SetCookie {
        guard let adjust = self.cookie.policy.adjustCookie, let request else { return cookie }
        var adjusted = cookie
        adjust(&adjusted, request.request)
        adjusted.name = cookie.name
        adjusted.value = cookie.value
        return adjusted
    }

    private var isNobody: Bool {
        record.withLock { record in
            switch record.state {
            case .none, .ended: true
            case .live, .unwritten: false
            }
        }
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
        let id = cookie.find(in: headers).id
        let liveID = liveID
        return id == liveID || (liveID == nil && id == shown)
    }

    /// Whether a request of which this one was a part shows a session where there was none.
    ///
    /// One that has a name and is kept nowhere is none: when the handshake is answered it can not
    /// begin any more.
    func isOvertaken(by later: Request) -> Bool {
        guard shown == nil, liveID == nil else { return false }
        return cookie.find(in: later.headers).id != nil
    }

    var origin: SessionOrigin {
        SessionOrigin(address: address, userAgent: headers["user-agent"])
    }
}

extension SessionSlot.Record {
    /// Whether the browser has to hear of its session.
    var hasNews: Bool {
        switch state {
        case .live: return cookieIsDue
        case .ended: return true
        case .none, .unwritten: return false
        }
    }
}

extension SessionSlot.State {
    var liveID: SessionID? {
        guard case .live(let id) = self else { return nil }
        return id
    }
}
