/// What a store keeps of one session.
struct SessionEntry: Sendable {
    var data: SessionData
    var userID: String?
    var origin: SessionOrigin
    let created: LoopTime
    let createdAt: Int64
    var lastSeen: LoopTime
    var lastSeenAt: Int64
    /// The moment it ends unless it is seen again.
    var deadline: LoopTime
    /// Its place among the deadlines; that one may be earlier than the true one, never later.
    var timer: TimerID?
    /// When its cookie was set last.
    var cookieSet: LoopTime
    /// How often it was changed, and which of these states the backing has.
    var version = 1
    var savedVersion = 0
    var isSaving = false
    /// When the backing was last told that the session was seen.
    var savedSeen: LoopTime
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

/// What an ending took with it.
public struct EndedSessions: Sendable, Equatable {
    /// Sessions that were alive before.
    public var sessions = 0
    /// Connections that were closed; they are closed when this is known.
    public var sockets = 0
}

/// Ids of sessions that ended, for as long as a request that saw them alive may be under way.
struct Tombstones: Sendable {
    private var ids: Set<SessionID> = []
    private var order = Deque<Stone>()
    private let limit: Int

    private struct Stone: Sendable {
        let id: SessionID
        let until: LoopTime
    }

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { ids.count }

    func contains(_ id: SessionID) -> Bool {
        ids.contains(id)
    }

    mutating func insert(_ id: SessionID, now: LoopTime, until: LoopTime) {
        sweep(now)
        guard ids.insert(id).inserted else { return }
        order.append(Stone(id: id, until: until))
        while order.count > limit, let oldest = order.popFirst() {
            ids.remove(oldest.id)
        }
    }

    mutating func sweep(_ now: LoopTime) {
        while let oldest = order.first, oldest.until <= now {
            order.popFirst()
            ids.remove(oldest.id)
        }
    }
}
