/// What a backing was asked for, in its order, and the one thread's work on it.
///
/// ```
/// asked ─► waiting ─► begun: files written ─► files synced, several at once ─┐
///             ▲                                                              ▼
///             └── next ◄─ answered ◄─ old files removed ◄─ directory synced ◄─ renamed, removed
/// ```
final class FileBackingQueue: Sendable {
    struct State: Sendable {
        var index: FileBackingIndex
        /// The number of the last file that was begun.
        var sequence: Int64
        /// How often the directory was synced.
        var syncs = 0
        var clock = FileBackingClock()
        var waiting = Deque<FileBackingWork>()
        var isWorking = false
        var isClosed = false

        mutating func wait(
            _ kind: FileBackingWork.Kind,
            _ id: SessionID?,
            _ now: LoopTime,
            _ answer: FileBackingWork.Answer?
        ) {
            let work = FileBackingWork(kind: kind, id: id, now: now, answer: answer)
            waiting.append(work)
        }
    }

    let directory: any FileDirectory
    let options: FileBacking.Options
    let state: Locked<State>
    private let threads: FileBackingThreads
    /// After which a removal that has failed, and nobody asks for any more, is tried again.
    private static let pause = Duration.seconds(60)

    init(
        _ directory: any FileDirectory,
        _ options: FileBacking.Options,
        _ threads: FileBackingThreads,
        _ found: FileBackingScan
    ) {
        self.directory = directory
        self.options = options
        self.threads = threads
        state = Locked(State(index: found.index, sequence: found.sequence))
    }

    /// Returns when the work is done, and for changes that means: when the disk has them.
    @discardableResult
    func run(_ kind: FileBackingWork.Kind, _ id: SessionID?) async throws -> SessionRecord? {
        try await withCheckedThrowingContinuation { answer in
            do {
                if try add(kind, id, answer) { threads.run { self.next() } }
            } catch {
                answer.resume(throwing: error)
            }
        }
    }

    /// True when nobody works yet.
    private func add(
        _ kind: FileBackingWork.Kind,
        _ id: SessionID?,
        _ answer: FileBackingWork.Answer
    ) throws -> Bool {
        try state.withLock { state throws -> Bool in
            guard !state.isClosed else { throw SystemError.closed("the session directory") }
            if case .close = kind { state.isClosed = true }
            guard state.isClosed || state.waiting.count < options.maxWaiting else {
                throw HTTPError.diskIsBusy
            }
            let now = state.clock.now()
            for due in state.index.popDue(now, limit: FileBackingBatch.limit) {
                state.wait(.sweep, due, now, nil)
            }
            state.wait(kind, id, now, answer)
            return !exchange(&state.isWorking, with: true)
        }
    }

    /// Begins what waits, as far as it may reach the disk together.
    private func next() {
        var batch = FileBackingBatch()
        while let work = take(after: batch) {
            do {
                try begin(work, &batch)
            } catch {
                work.answer?.resume(throwing: error)
            }
        }
        guard !batch.isEmpty else { return }
        threads.sync(batch.writes.map(\.file)) { [self, batch] failures in
            commit(batch, failures)
            threads.run { self.next() }
        }
    }

    private func take(after batch: FileBackingBatch) -> FileBackingWork? {
        state.withLock { state in
            guard let first = state.waiting.first, !batch.comesBefore(first) else {
                state.isWorking = !batch.isEmpty
                return nil
            }
            return state.waiting.popFirst()
        }
    }

    private func begin(_ work: FileBackingWork, _ batch: inout FileBackingBatch) throws {
        guard let id = work.id else {
            directory.unlock()
            work.answer?.resume(returning: nil)
            return
        }
        switch work.kind {
        case .load:
            work.answer?.resume(returning: try read(id))
        case .save(let record):
            try write(record, id, work, &batch)
        case .touch(let lastSeenAt, let expiresAt):
            // The whole file once more: its first line vouches for all of it, so nothing in it
            // can be changed in place that a loss of power could not tear. It is rare enough.
            guard var record = try read(id) else {
                work.answer?.resume(returning: nil)
                return
            }
            record.lastSeenAt = lastSeenAt
            record.expiresAt = expiresAt
            try write(record, id, work, &batch)
        case .delete, .sweep, .close:
            remove(id, work, &batch)
        }
    }

    private func remove(_ id: SessionID, _ work: FileBackingWork, _ batch: inout FileBackingBatch) {
        guard let entry = entry(id), isWanted(work, entry) else {
            work.answer?.resume(returning: nil)
            return
        }
        batch.add(
            FileBackingBatch.Removal(id: id, retry: work.now + Self.pause, answer: work.answer)
        )
    }

    /// A session that was saved after its sweep was thought of stays.
    private func isWanted(_ work: FileBackingWork, _ entry: FileBackingIndex.Entry) -> Bool {
        guard case .sweep = work.kind else { return true }
        return entry.deadline <= work.now
    }

    /// Whether a reader need not ask the disk: nothing is there, and nothing is on its way.
    func isAbsent(_ id: SessionID) -> Bool {
        state.withLock { state in
            guard !state.isWorking, !state.isClosed else { return false }
            return state.index[id].map { $0.isCondemned } ?? true
        }
    }

    func entry(_ id: SessionID) -> FileBackingIndex.Entry? {
        state.withLock { $0.index[id] }
    }

    func file(_ id: SessionID, _ place: FileBackingPlace) -> String {
        FileBackingName.file(FileBackingName.stem(id), place)
    }
}

extension HTTPError {
    static let diskIsBusy = HTTPError(
        .serviceUnavailable,
        "too many sessions wait for the disk",
        headers: ["Retry-After": "5"]
    )
}
