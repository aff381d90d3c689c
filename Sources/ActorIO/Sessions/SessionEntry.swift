/// What a store keeps of one session.
struct SessionEntry: Sendable {
    /// What everybody sees.
    var data: SessionData
    /// What the backing has not got yet; nil when there is no such change.
    var draft: SessionData?
    var userID: String?
    var origin: SessionOrigin
    /// The secret under which it was shown last.
    var key: SigningKey?
    /// Whose first write made it; two writes of one request may both be the first.
    var maker: UInt64?
    var created: LoopTime
    var createdAt: Int64
    var lastSeen: LoopTime
    var lastSeenAt: Int64
    /// The moment it ends unless it is seen again.
    var deadline: LoopTime
    /// Its place among the deadlines; that one may be earlier than the true one, never later.
    var timer: TimerID?
    /// When its cookie was set last.
    var cookieSet: LoopTime
    /// How often it was changed.
    var version = 1
    /// A call of the backing is under way; there is one at a time.
    var isSaving = false
    /// A write has failed, and nobody knows how much of it the backing has.
    var isUncertain = false
    /// When the backing was last told that the session was seen.
    var savedSeen: LoopTime

    mutating func see(_ now: LoopTime, _ unixTime: Int64, _ visit: SessionVisit?) {
        lastSeen = now
        lastSeenAt = unixTime
        guard let visit else { return }
        origin.address = visit.address
        key = visit.key ?? key
    }
}

/// Where a session was seen.
struct SessionOrigin: Sendable {
    var address: String
    var userAgent: String

    init(address: String, userAgent: String?) {
        self.address = address
        // A header may be long; a list of devices need not be.
        self.userAgent = (userAgent ?? "").prefix(bytes: 200)
    }
}

/// One session in a list of devices; moments are seconds since 1970.
public struct SessionInfo: Sendable, Identifiable, Equatable {
    /// The id: good for ending it, useless as a cookie because that is signed.
    public let id: SessionID
    /// The text of the logged-in user's id.
    public let userID: String?
    /// When it began.
    public let createdAt: Int64
    /// The last request that showed it.
    public let lastSeenAt: Int64
    /// Where that request came from.
    public let address: String
    /// The browser that began it, in its own words.
    public let userAgent: String

    init(_ id: SessionID, _ entry: SessionEntry) {
        self.id = id
        userID = entry.userID
        createdAt = entry.createdAt
        lastSeenAt = entry.lastSeenAt
        address = entry.origin.address
        userAgent = entry.origin.userAgent
    }
}
