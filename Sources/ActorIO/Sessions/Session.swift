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
    /// The closure runs inside the store: keep it short. When it throws, nothing was changed.
    /// 401 is thrown when the session has ended: no late request brings it back.
    public func update<Result: Sendable>(
        _ body: @Sendable (inout SessionData) throws -> Result
    ) async throws -> Result {
        guard slot.isUnwritten(id) else { return try await store.update(id, body) }
        return try await slot.create(id, body)
    }

    /// Ends the session and returns when it is gone and every socket of it is closed.
    ///
    /// The cookie is cleared with the response. Destroying twice is no error.
    @discardableResult
    public func destroy() async throws -> EndedSessions {
        slot.noteEnd(of: id)
        return try await store.end([id])
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
        await store.touch(id)
    }
}

extension Request {
    /// The session of this request; throws when no session middleware ran before.
    public var session: Session {
        get throws { try sessionSlot.session }
    }

    var sessionSlot: SessionSlot {
        get throws {
            guard let slot = self[SessionSlot.self] else {
                throw HTTPError(.internalServerError, "no session middleware ran")
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
