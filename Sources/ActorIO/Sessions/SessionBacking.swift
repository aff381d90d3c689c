/// The door to a place where sessions outlive the process.
///
/// Without one a store keeps them in memory. A backing is asked when memory does not know a
/// session, and has answered before a cookie leaves or an update returns. Each call is about one
/// session; for one session there is one `save` at a time.
public protocol SessionBacking: Sendable {
    /// What was saved last under an id, or nil.
    func load(_ id: SessionID) async throws -> SessionRecord?
    /// Keeps a record until its `expiresAt`, in the place of an earlier one.
    func save(_ record: SessionRecord, for id: SessionID) async throws
    /// Forgets a session; no error when there is none.
    func delete(_ id: SessionID) async throws
    /// Restarts the idle time of a session that is kept.
    ///
    /// Never makes one: it may come after the session was deleted, and then does nothing.
    func touch(_ id: SessionID, lastSeenAt: Int64, expiresAt: Int64) async throws
    /// The ids of a user's sessions, as `userID` of their records has it; some may have expired.
    func sessions(of userID: String) async throws -> [SessionID]
}

/// A session as a backing keeps it; moments are seconds since 1970.
public struct SessionRecord: Sendable, Codable, Equatable {
    /// When it began.
    public var createdAt: Int64
    /// The last request that showed it.
    public var lastSeenAt: Int64
    /// When it ends unless it is seen again.
    public var expiresAt: Int64
    /// The text of the logged-in user's id.
    public var userID: String?
    /// Where the session was seen last.
    public var address: String
    /// The browser that began it, in its own words.
    public var userAgent: String
    /// JSON by name.
    public var values: [String: [UInt8]]
}
