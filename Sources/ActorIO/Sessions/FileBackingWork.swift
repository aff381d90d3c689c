/// One thing that a backing of files was asked for, and who waits for it.
struct FileBackingWork: Sendable {
    enum Kind: Sendable {
        case load
        case save(SessionRecord)
        case touch(lastSeenAt: Int64, expiresAt: Int64)
        case delete
        /// Removes the file if its deadline is still over.
        case sweep
        case close
    }

    typealias Answer = CheckedContinuation<SessionRecord?, any Error>

    let kind: Kind
    let id: SessionID?
    /// When it was asked for.
    let now: LoopTime
    let answer: Answer?
}

/// Changes that reach the disk together.
struct FileBackingBatch {
    /// A file that is written, and not synced.
    struct Write {
        let id: SessionID
        let file: any NewFile
        let unfinished: String
        let target: FileBackingPlace
        /// What the index will have.
        let entry: FileBackingIndex.Entry
        let answer: FileBackingWork.Answer?
    }

    struct Removal {
        let id: SessionID
        /// When it is tried again if it fails.
        let retry: LoopTime
        let answer: FileBackingWork.Answer?
    }

    /// Enough for the disk to be busy, and few enough for the first not to wait long.
    static let limit = 64

    var writes: [Write] = []
    var removals: [Removal] = []
    private(set) var ids: Set<SessionID> = []
    /// How many sessions more there will be.
    private(set) var growth = 0

    var isEmpty: Bool { writes.isEmpty && removals.isEmpty }

    /// Whether it must reach the disk before this work begins: things that happen to one session
    /// happen in their order.
    func comesBefore(_ work: FileBackingWork) -> Bool {
        guard !isEmpty else { return false }
        guard ids.count < Self.limit, let id = work.id else { return true }
        return ids.contains(id)
    }

    mutating func add(_ write: Write, isNew: Bool) {
        writes.append(write)
        ids.insert(write.id)
        if isNew { growth += 1 }
    }

    mutating func add(_ removal: Removal) {
        removals.append(removal)
        ids.insert(removal.id)
        growth -= 1
    }
}
