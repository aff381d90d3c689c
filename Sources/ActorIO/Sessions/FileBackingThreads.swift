/// Where the blocking work of a backing runs: one thread decides, and some wait for the disk.
///
/// Measured on ext4 (two cores, disk shared with others, 600-byte records): one save after the
/// other 100 in a second; groups of 64 that share the directory's sync, but sync their files one
/// by one, 200; the same with four threads that sync at once 530 to 2,000, for the file system
/// then writes several files with one journal commit. Sixteen threads add nothing. With these four
/// it is 140 saves in a second one after the other, 1,300 with 16 callers, 2,400 with 256. They are
/// threads of their own because the global pool has one for each core: two slow syncs there would
/// stop every task of the program that is not on a loop.
final class FileBackingThreads: Sendable {
    private let loops: [EventLoop]
    private let start: @Sendable (@escaping @Sendable () -> Void) -> Void

    init(_ count: Int) {
        let loops = (0..<max(1, count)).map { _ in EventLoop() }
        self.loops = loops
        start = { loops[0].execute($0) }
    }

    /// No threads: `start` runs what it is given, now or later, one piece at a time.
    init(_ start: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void) {
        loops = []
        self.start = start
    }

    deinit {
        guard !loops.isEmpty else { return }
        // Not from here: this may be the thread that would have to be waited for.
        Task { [loops] in
            for loop in loops { await loop.stop() }
        }
    }

    /// Runs a piece of work behind those that were given before.
    func run(_ work: @escaping @Sendable () -> Void) {
        start(work)
    }

    /// Syncs files, several at once, and then runs `done` as `run` does with what failed, by the
    /// place of the file.
    func sync(
        _ files: [any NewFile],
        _ done: @escaping @Sendable ([Int: any Error]) -> Void
    ) {
        let hands = min(loops.count, files.count)
        guard hands > 1 else { return done(Self.sync(files, every: 1, from: 0)) }
        let round = Locked((left: hands, failures: [Int: any Error]()))
        for hand in 0..<hands {
            loops[hand].execute {
                let failures = Self.sync(files, every: hands, from: hand)
                let all = round.withLock { round -> [Int: any Error]? in
                    round.left -= 1
                    round.failures.merge(failures) { first, _ in first }
                    return round.left == 0 ? round.failures : nil
                }
                if let all { self.run { done(all) } }
            }
        }
    }

    private static func sync(
        _ files: [any NewFile],
        every step: Int,
        from start: Int
    ) -> [Int: any Error] {
        var failures: [Int: any Error] = [:]
        for place in stride(from: start, to: files.count, by: step) {
            do {
                try files[place].sync()
            } catch {
                failures[place] = error
            }
        }
        return failures
    }
}
