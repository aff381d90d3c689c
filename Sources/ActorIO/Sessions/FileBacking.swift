/// Keeps sessions in the files of one directory, so that they survive a restart and a crash.
///
/// ```swift
/// let backing = try await FileBacking.open(directory: "sessions") { options in
///     options.maxSessions = 50_000
/// }
/// let store = SessionStore(backing: backing)
/// ```
/// What was saved when a call returned is there, and what was deleted is gone, after the process
/// was killed at any point or the machine lost power. A new state is written beside the old one,
/// synced and renamed, and the directory is synced, before anybody is told; changes that come at
/// the same time share the last step. The directory is for its owner alone, so are the files, and
/// their names tell nothing of the ids. One process at a time has a directory; it must be on a
/// file system of this machine, for on a network's the lock and the syncs may promise less.
public final class FileBacking: SessionBacking {
    /// Bounds, and where it is told what was found.
    public struct Options: Sendable {
        /// Sessions at once; one more is refused with 503.
        ///
        /// Those that a directory holds already are taken, however many they are. Give it more
        /// than the store's `maxSessions`: who has expired is removed a while later.
        public var maxSessions = 200_000
        /// Bytes of one session's file; a session that needs more is not saved.
        public var maxFileSize = 1_048_576
        /// Calls that may wait for the disk; one more is refused with 503.
        public var maxWaiting = 10_000
        /// Told of files that can not be read, and of a directory that lets others in.
        public var log = Log.standardError

        /// The defaults.
        public init() {}
    }

    /// The directory is locked: another process has it, or another backing of this one.
    public struct InUse: Error, Sendable, CustomStringConvertible {
        /// The directory, as it was named to `open`.
        public let directory: String
        /// The number of the process that has it, where it could be found out.
        public let process: Int?

        /// Which directory it is, and who has it.
        public var description: String {
            let holder = process.map { "process \($0)" } ?? "another process"
            return "the session directory \(directory) is in use by \(holder)"
        }
    }

    private let queue: FileBackingQueue

    init(_ queue: FileBackingQueue) {
        self.queue = queue
    }

    /// Opens a directory, after making it when it is missing; its parent must exist.
    ///
    /// Every file in it is read once, to know whose sessions there are: some 20,000 in a second.
    /// What an interrupted save has left is removed; a file that can not be read, because it is
    /// damaged or of another version, is renamed to `….unreadable` and counts as absent.
    /// `InUse` is thrown when somebody has the directory, and `SystemError` when it can not be
    /// made, read or written.
    public static func open(
        directory: String,
        _ configure: (inout Options) -> Void = { _ in }
    ) async throws -> FileBacking {
        var options = Options()
        configure(&options)
        let threads = FileBackingThreads(4)
        return try await withCheckedThrowingContinuation { answer in
            threads.run { [options] in
                answer.resume(with: Result { try open(directory, options, threads) })
            }
        }
    }

    private static func open(
        _ path: String,
        _ options: Options,
        _ threads: FileBackingThreads
    ) throws -> FileBacking {
        do {
            let directory = try DiskDirectory.open(path)
            if directory.isOpenToOthers {
                options.log.warning("others may enter the session directory", ["path": path])
            }
            return try FileBacking(directory, options, threads)
        } catch let error as DiskDirectory.Taken {
            throw InUse(directory: path, process: error.process)
        }
    }

    convenience init(
        _ directory: any FileDirectory,
        _ options: Options,
        _ threads: FileBackingThreads
    ) throws {
        let found = try FileBackingScan(directory, options)
        self.init(FileBackingQueue(directory, options, threads, found))
    }

    /// How many sessions it holds, those included that have expired and are not removed yet.
    public var count: Int { queue.state.withLock { $0.index.count } }

    /// Finishes what was begun and gives the directory back; every later call fails.
    ///
    /// Not needed before the process ends.
    public func close() async throws {
        try await queue.run(.close, nil)
    }

    /// What was saved last under an id; asks the disk only for what is there.
    public func load(_ id: SessionID) async throws -> SessionRecord? {
        if queue.isAbsent(id) { return nil }
        return try await queue.run(.load, id)
    }

    /// Returns when the record will survive a loss of power; when it throws the one before it is
    /// what is read.
    public func save(_ record: SessionRecord, for id: SessionID) async throws {
        try await queue.run(.save(record), id)
    }

    /// Returns when the session will not come back after a loss of power.
    ///
    /// When it throws, the session is not read any more, but only another call that returns makes
    /// sure of its end.
    public func delete(_ id: SessionID) async throws {
        try await queue.run(.delete, id)
    }

    /// Changes the two moments and nothing else, and only of a session that is there.
    public func touch(_ id: SessionID, lastSeenAt: Int64, expiresAt: Int64) async throws {
        try await queue.run(.touch(lastSeenAt: lastSeenAt, expiresAt: expiresAt), id)
    }

    /// Ids saved for a user, living or not, from memory.
    public func sessions(of userID: String) async throws -> [SessionID] {
        queue.state.withLock { $0.index.sessions(of: userID) }
    }

    /// Expired files are removed by the time of the store that uses them.
    func keepTime(by lane: Lane) {
        queue.state.withLock { $0.clock.lane = lane }
    }
}
