/// A session as a handler holds it: a name and a store, never a copy of what is kept.
///
/// ```swift
/// let count = try await request.session.update { data in
///     data[Visits.self].count += 1
///     return data[Visits.self].count
/// }
/// ```
/// A visitor who is nobody yet has a session too, but the store learns of it, and the browser gets
/// a cookie, with the first value that is written.
public struct Session: Sendable {
    /// The id; a login gives the browser another one.
    public let id: SessionID
    let store: SessionStore
    let slot: SessionSlot

    /// Looks at the values of this moment; 401 is thrown when the session has ended.
    public func read<Result: Sendable>(
        _ body: @Sendable (SessionData) throws -> Result
    ) async throws -> Result {
        guard !slot.isUnwritten(id) else { return try body(SessionData()) }
        return try await store.read(id, body)
    }

    /// Changes values in one step, so that of two concurrent changes none is lost.
    ///
    /// The closure runs inside the store: keep it short. When it throws, nothing was changed; nor
    /// was it when the backing refuses the change, which others see once it is stored.
    /// 401 is thrown when the session has ended: no late request brings it back.
    public func update<Result: Sendable>(
        _ body: @Sendable (inout SessionData) throws -> Result
    ) async throws -> Result {
        guard slot.isUnwritten(id) else {
            let result = try await store.update(id, body)
            slot.noteChange(of: id)
            return result
        }
        return try await slot.create(id, body)
    }

    /// Ends the session and returns when it is gone and every socket of it is closed.
    ///
    /// The cookie is cleared with the response. Destroying twice is no error. When a backing can
    /// not delete it, ``SessionEndNotStored`` is thrown, and the session is over all the same.
    @discardableResult
    public func destroy(mayReconnect: Bool = false) async throws -> EndedSessions {
        slot.noteEnd(of: id)
        return try await store.end([id], mayReconnect: mayReconnect)
    }

    /// Gives the browser a session with another id, for whenever somebody may do more than before.
    ///
    /// The old one is dead and its sockets are closed on return; their clients come back. What was
    /// kept and the login go along, or the new session is empty. The absolute lifetime goes on.
    @discardableResult
    public func regenerate(keepingData: Bool = true) async throws -> Session {
        try await slot.regenerate(keepingData: keepingData)
        return slot.session
    }

    /// Whether the session has not ended.
    public var isAlive: Bool {
        get async throws {
            if slot.isUnwritten(id) { return true }
            return try await store.isAlive(id)
        }
    }

    /// Restarts the idle time, as a request does: for sockets that work for hours without one.
    public func touch() async {
        await store.wasUsed(id)
    }

    /// The signed id, for clients without cookies: they show it as `Authorization: Bearer`.
    ///
    /// Good until the session ends or the secret is withdrawn. Whoever has it is that user: give
    /// it to nobody but the client that logged in, over TLS.
    public var token: String { slot.cookie.token(for: id) }

    /// Sets the cookie with this response, though nothing was changed.
    public func renewCookie() {
        slot.noteVisit(of: id)
    }

    /// A handler for a page that talks over its socket alone: its cookie lives on.
    ///
    /// ```swift
    /// app.post("/session", Session.renewal)
    /// // in the page, a few times in the cookie's life: fetch("/session", { method: "POST" })
    /// ```
    /// Answers 204, or 401 when there is no session to go on with.
    public static let renewal: Handler = { request in
        let session = try request.session
        guard session.slot.liveID != nil else { throw HTTPError.sessionEnded }
        session.renewCookie()
        return Response(status: .noContent, headers: ["Cache-Control": "no-store"])
    }
}

extension Request {
    /// The session of this request.
    ///
    /// Throws when no session middleware ran before, or this path is outside its cookie's.
    public var session: Session {
        get throws { try sessionSlot.session }
    }

    var sessionSlot: SessionSlot {
        get throws {
            guard let slot = self[SessionSlot.self] else {
                throw HTTPError(.internalServerError, "no session middleware ran for this path")
            }
            return slot
        }
    }

    /// Whether the session this request showed still lives; true for one that showed none.
    ///
    /// Asked again at CONNECT, because a handshake may be old by then.
    func isSessionAlive() async throws -> Bool {
        guard let slot = self[SessionSlot.self] else { return true }
        return try await slot.isAlive()
    }

    /// Whether a later request of the same connection shows the session this handshake showed.
    func sharesSession(with later: Request) -> Bool {
        guard let slot = self[SessionSlot.self] else { return true }
        return slot.isShown(by: later.headers)
    }
}
