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
    @discardableResult
    public func endSession(_ id: SessionID) async throws -> EndedSessions {
        try await end([id])
    }

    /// Ends every session of a user that is in memory, but one.
    @discardableResult
    public func endOtherSessions(
        of user: some LosslessStringConvertible & Sendable,
        keeping id: SessionID
    ) async throws -> EndedSessions {
        try await end(ids(of: user.description).filter { $0 != id })
    }

    /// Ends every session of a user that is in memory: the account was closed, say, or its password
    /// changed.
    @discardableResult
    public func endAllSessions(
        of user: some LosslessStringConvertible & Sendable
    ) async throws -> EndedSessions {
        try await end(ids(of: user.description))
    }

    private func ids(of user: String) -> [SessionID] {
        users[ByteString(user)] ?? []
    }
}
