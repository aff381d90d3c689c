/// "My devices", and what an administrator does: sessions of a user and their ends.
///
/// Every ending is idempotent and returns when the sockets are closed.
extension SessionStore {
    /// The living sessions of a user, the latest first.
    ///
    /// Those in memory: what only a backing holds is found when it is used again.
    public func sessions(of user: some LosslessStringConvertible & Sendable) -> [SessionInfo] {
        ids(of: user.description)
            .compactMap { id in entries[id].map { SessionInfo(id, $0) } }
            .sorted { $0.lastSeenAt > $1.lastSeenAt }
    }

    /// Ends one session.
    ///
    /// Its clients are told to stay away, unless they may reconnect: then their connections close,
    /// and they come back by themselves, through the whole handshake chain.
    @discardableResult
    public func endSession(
        _ id: SessionID,
        mayReconnect: Bool = false
    ) async throws -> EndedSessions {
        try await end([id], mayReconnect: mayReconnect)
    }

    /// Ends every session of a user but one, those included that only the backing holds.
    @discardableResult
    public func endOtherSessions(
        of user: some LosslessStringConvertible & Sendable,
        keeping id: SessionID,
        mayReconnect: Bool = false
    ) async throws -> EndedSessions {
        try await end(all: user.description, but: id, mayReconnect)
    }

    /// Ends every session of a user: the account was closed, say, or its password changed.
    @discardableResult
    public func endAllSessions(
        of user: some LosslessStringConvertible & Sendable,
        mayReconnect: Bool = false
    ) async throws -> EndedSessions {
        try await end(all: user.description, but: nil, mayReconnect)
    }

    /// What is in memory ends before the backing is asked for the others.
    private func end(
        all user: String,
        but kept: SessionID?,
        _ mayReconnect: Bool
    ) async throws -> EndedSessions {
        let known = ids(of: user).filter { $0 != kept }
        var ended = try await end(known, mayReconnect: mayReconnect)
        let stored = try await backing?.sessions(of: user) ?? []
        let rest = stored.filter { $0 != kept && !known.contains($0) }
        let more = try await end(rest, mayReconnect: mayReconnect)
        ended.sessions += more.sessions
        ended.sockets += more.sockets
        return ended
    }

    private func ids(of user: String) -> [SessionID] {
        users[ByteString(user)] ?? []
    }
}
