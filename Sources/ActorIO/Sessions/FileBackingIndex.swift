/// What a backing of files knows without reading any: which sessions there are, whose, and until
/// when.
struct FileBackingIndex: Sendable {
    struct Entry: Sendable {
        /// Where its living state is.
        var place: FileBackingPlace
        /// Since how many syncs of the directory the other place is empty; nil when something may
        /// be in it.
        var otherGone: Int?
        var userID: ByteString?
        /// When the file may be removed by us, though nobody deleted it.
        var deadline: LoopTime
        var timer: TimerID?
        /// A deletion was tried and has failed: not there for readers, but there to be deleted.
        var isCondemned = false
    }

    private var entries: [SessionID: Entry] = [:]
    private var users: [ByteString: [SessionID]] = [:]
    private var deadlines = TimerHeap<SessionID>()

    var count: Int { entries.count }

    subscript(id: SessionID) -> Entry? { entries[id] }

    func sessions(of user: String) -> [SessionID] { users[ByteString(user)] ?? [] }

    mutating func put(_ id: SessionID, _ entry: Entry) {
        remove(id)
        var entry = entry
        entry.timer = deadlines.schedule(at: entry.deadline, id)
        entries[id] = entry
        if let user = entry.userID { users[user, default: []].append(id) }
    }

    /// Notes what became of the files of a session that is there.
    mutating func note(_ id: SessionID, _ change: (inout Entry) -> Void) {
        guard var entry = entries[id] else { return }
        change(&entry)
        entries[id] = entry
    }

    mutating func remove(_ id: SessionID) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        if let timer = entry.timer { deadlines.cancel(timer) }
        guard let user = entry.userID else { return }
        users[user]?.removeAll { $0 == id }
        if users[user]?.isEmpty == true { users[user] = nil }
    }

    /// A deletion has failed: readers are told of no such session from now on.
    mutating func condemn(_ id: SessionID, retryAt deadline: LoopTime) {
        guard var entry = entries[id] else { return }
        entry.isCondemned = true
        if entry.timer == nil {
            entry.deadline = deadline
            entry.timer = deadlines.schedule(at: deadline, id)
        }
        entries[id] = entry
    }

    /// Sessions whose deadlines have come, so many at most; they are not named again.
    mutating func popDue(_ now: LoopTime, limit: Int) -> [SessionID] {
        var due: [SessionID] = []
        while due.count < limit, let id = deadlines.popDue(now) {
            entries[id]?.timer = nil
            due.append(id)
        }
        return due
    }
}
