/// Ends that the backing does not know of yet: what they name stays dead for as long as it takes.
///
/// ```
/// begin ──► the backing deletes ──► confirmed, forgotten
///              │ fails                 ▲
///              ▼                       │
///           waits for the next round ──┘     1 s, 2 s, 4 s … a minute apart
/// ```
/// When it is full, what comes is not remembered one by one: everything that began before that
/// moment and would have to be loaded is refused instead. So a failing backing can cost people
/// their login, and never bring a session back.
///
/// What a record says of its beginning was said by the clock of that time. Where all sessions of a
/// user are meant it is not asked: what this process began is in memory, so what has to be loaded
/// is refused.
struct UnstoredEnds: Sendable {
    /// A session, or all sessions of a user while nobody could say which these are.
    enum Key: Hashable, Sendable {
        case session(SessionID)
        case user(ByteString)
    }

    private struct End: Sendable {
        /// A save or touch is under way and may come behind the deletion.
        var isWriting = false
        var isQueued = false
        /// Of a user: which session is not meant, and by which call.
        var kept: SessionID?
        var ticket = 0
    }

    private let limit: Int
    private var ends: [Key: End] = [:]
    private var queue = Deque<Key>()
    private var attempts = 0
    private var tickets = 0
    /// When to try again what has failed.
    private(set) var retryAt: LoopTime?
    /// Sessions that began no later are refused when they are loaded.
    private(set) var horizon: Int64?

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    var count: Int { ends.count }
    var waiting: Int { queue.count }

    func contains(_ id: SessionID) -> Bool { ends[.session(id)] != nil }

    /// Whether a record that was loaded is of a session that has ended.
    mutating func refuses(
        _ record: SessionRecord,
        _ id: SessionID,
        at unixTime: Int64
    ) -> Bool {
        if let horizon {
            // A clock was ahead when it began, so others may be on the wrong side of the horizon.
            let isAhead = record.createdAt > unixTime
            let known = isAhead ? max(horizon, record.createdAt) : horizon
            self.horizon = known
            if record.createdAt <= known { return true }
        }
        guard !ends.isEmpty, let user = record.userID, let end = ends[.user(ByteString(user))]
        else {
            return false
        }
        return id != end.kept
    }

    // Beginning

    /// False when there is no room.
    ///
    /// One that has expired is refused by its own record as well, and one that was never given out
    /// is shown by nobody.
    mutating func begin(
        _ id: SessionID,
        isWriting: Bool,
        isHarmless: Bool,
        at unixTime: Int64
    ) -> Bool {
        guard ends[.session(id)] == nil else { return true }
        guard hasRoom(unless: isHarmless, unixTime) else { return false }
        ends[.session(id)] = End(isWriting: isWriting)
        return true
    }

    /// All sessions of a user but one; the ticket confirms it.
    mutating func begin(_ user: ByteString, but kept: SessionID?, at unixTime: Int64) -> Int {
        tickets += 1
        let isKnown = ends[.user(user)] != nil
        guard isKnown || hasRoom(unless: false, unixTime) else { return tickets }
        let pending = ends[.user(user)]
        // What an end that is still pending did not keep, a later one can not keep either.
        let isKept = pending == nil || pending?.kept == kept
        ends[.user(user)] = End(
            isQueued: pending?.isQueued ?? false,
            kept: isKept ? kept : nil,
            ticket: tickets
        )
        return tickets
    }

    private mutating func hasRoom(unless isHarmless: Bool, _ unixTime: Int64) -> Bool {
        guard ends.count >= limit else { return true }
        if !isHarmless { horizon = max(horizon ?? .min, unixTime) }
        return false
    }

    // What becomes of it

    /// The backing has deleted it: over, unless a write may still come behind that.
    mutating func deleted(_ id: SessionID) {
        attempts = 0
        guard ends[.session(id)]?.isWriting == false else { return }
        ends[.session(id)] = nil
    }

    /// The write that was under way has ended: what it wrote must go as well.
    mutating func wrote(_ id: SessionID) {
        ends[.session(id)]?.isWriting = false
    }

    /// The backing has said which sessions a user has.
    mutating func listed(_ user: ByteString, _ ticket: Int) {
        attempts = 0
        guard ends[.user(user)]?.ticket == ticket else { return }
        ends[.user(user)] = nil
    }

    /// It has to be tried again.
    mutating func failed(_ key: Key, now: LoopTime) {
        guard let end = ends[key], !end.isQueued else { return }
        ends[key]?.isQueued = true
        queue.append(key)
        if retryAt == nil { retryAt = now + pause }
    }

    // Trying again

    /// A round begins: every end that waits is due, one after the other, until one fails.
    mutating func beginRound(_ now: LoopTime) -> Bool {
        guard let retryAt, retryAt <= now else { return false }
        self.retryAt = nil
        return true
    }

    mutating func next() -> (key: Key, kept: SessionID?, ticket: Int)? {
        while let key = queue.popFirst() {
            guard let end = ends[key] else { continue }
            ends[key]?.isQueued = false
            return (key, end.kept, end.ticket)
        }
        return nil
    }

    /// The round is over, because all is done or one has failed.
    mutating func endRound(_ now: LoopTime, hasFailed: Bool) {
        attempts = hasFailed ? min(attempts + 1, 10) : 0
        retryAt = queue.isEmpty ? nil : now + pause
    }

    /// A second after the first failure, twice as long after each further one, a minute at most.
    private var pause: Duration {
        min(.seconds(1) * (1 << attempts), .seconds(60))
    }
}
