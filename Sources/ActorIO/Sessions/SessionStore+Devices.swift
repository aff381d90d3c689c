/// "My devices", and what an administrator does: sessions of a user and their ends.
///
/// Every ending is idempotent and returns when the sockets are closed.
extension SessionStore {
    /// The living sessions of a user, the latest first.
    ///
    /// Those in memory: what only a backing holds is found when it is used again, or by
    /// ``allSessions(of:)``.
    public func sessions(of user: some LosslessStringConvertible & Sendable) -> [SessionInfo] {
        ids(of: user.description)
            .compactMap { id in entries[id].map { SessionInfo(id, $0) } }
            .sorted { $0.lastSeenAt > $1.lastSeenAt }
    }

    /// The same with those that only the backing knew, which are in memory from then on.
    public func allSessions(
        of user: some LosslessStringConvertible & Sendable
    ) async throws -> [SessionInfo] {
        for id in try await backing?.sessions(of: user.description) ?? [] {
            _ = try await isLoaded(id)
        }
        return sessions(of: user)
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
        try await end(all: user.description, but: id, mayReconnect: mayReconnect)
    }

    /// Ends every session of a user: the account was closed, say, or its password changed.
    @discardableResult
    public func endAllSessions(
        of user: some LosslessStringConvertible & Sendable,
        mayReconnect: Bool = false
    ) async throws -> EndedSessions {
        try await end(all: user.description, but: nil, mayReconnect: mayReconnect)
    }

    private func ids(of user: String) -> [SessionID] {
        users[ByteString(user)] ?? []
    }
}
