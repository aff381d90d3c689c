/// "My devices", and what an administrator does: sessions of a user and their ends.
///
/// Every ending is idempotent and returns when the sockets are closed.
extension SessionStore {
    /// The living sessions of a user, the latest first.
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

    /// Ends every session of a user but one.
    @discardableResult
    public func endOtherSessions(
        of user: some LosslessStringConvertible & Sendable,
        keeping id: SessionID
    ) async throws -> EndedSessions {
        try await end(ids(of: user.description).filter { $0 != id })
    }

    /// Ends every session of a user, because the account was closed or its password changed, say.
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
