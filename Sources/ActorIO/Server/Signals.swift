internal import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Server {
    /// What ends a run.
    public struct Trigger: Sendable {
        let signals: [Signal]

        /// The first of these signals; a second one stops at once.
        public static func signals(_ signals: Signal...) -> Trigger {
            Trigger(signals: signals)
        }
    }

    /// A signal of the operating system's.
    public enum Signal: Sendable {
        /// What service managers and container runtimes send (SIGTERM).
        case terminate
        /// What Ctrl-C sends (SIGINT).
        case interrupt

        var number: Int32 { self == .terminate ? SIGTERM : SIGINT }
    }

    /// Serves until a signal comes, then lets open requests end.
    ///
    /// Of several servers in one process each is told of each signal it runs until.
    public func run(until trigger: Trigger) async throws {
        let watch = try SignalWatches.begin(trigger.signals.map(\.number)) { [weak self] count in
            if count == 1 { self?.beginShutdown() } else { _exit(130) }
        }
        defer { SignalWatches.end(watch) }
        try await run()
    }
}

/// Turns signals into calls: the handler only writes a byte, as little else is allowed in one.
///
/// ```
/// handler ─► pipe ─► thread ─► every watch of that signal
/// ```
/// The process has one pipe, from its first watch on and for good: a handler may be about to write
/// while the last watch ends, and by then the descriptor must not be anybody else's.
private struct SignalWatches: Sendable {
    private struct Watch: Sendable {
        let numbers: Set<Int32>
        let received: @Sendable (_ count: Int) -> Void
        var count = 0
    }

    typealias Handler = @convention(c) (Int32) -> Void

    private static let shared = Locked(SignalWatches())
    /// Known before the first handler is there, which may take no lock.
    private static let writeEnd = Atomic<Int32>(-1)

    private var watches: [Int: Watch] = [:]
    private var lastID = 0
    /// What a signal did before its first watch; nil for what the system does.
    private var former: [Int32: Handler?] = [:]

    static func begin(
        _ numbers: [Int32],
        _ received: @escaping @Sendable (_ count: Int) -> Void
    ) throws -> Int {
        try shared.withLock { try $0.begin(Watch(numbers: Set(numbers), received: received)) }
    }

    static func end(_ id: Int) {
        shared.withLock { $0.end(id) }
    }

    private mutating func begin(_ watch: Watch) throws -> Int {
        if Self.writeEnd.load(ordering: .relaxed) < 0 { try Self.makePipe() }
        lastID += 1
        watches[lastID] = watch
        for number in watch.numbers where !former.keys.contains(number) {
            let before = signal(number) { number in
                let end = SignalWatches.writeEnd.load(ordering: .relaxed)
                SystemCalls.writeByte(UInt8(truncatingIfNeeded: number), to: end)
            }
            former.updateValue(before, forKey: number)
        }
        return lastID
    }

    private mutating func end(_ id: Int) {
        for number in watches.removeValue(forKey: id)?.numbers ?? [] {
            guard !watches.values.contains(where: { $0.numbers.contains(number) }),
                let before = former.removeValue(forKey: number)
            else { continue }
            signal(number, before ?? SIG_DFL)
        }
    }

    private static func makePipe() throws {
        let (reader, writer) = try SystemCalls.makePipe()
        writeEnd.store(writer, ordering: .sequentiallyConsistent)
        LoopThread.start {
            while let number = SystemCalls.readByte(reader) { came(Int32(number)) }
        }
    }

    /// Outside the lock: what is told of a signal may end a watch.
    private static func came(_ number: Int32) {
        for (received, count) in shared.withLock({ $0.count(number) }) { received(count) }
    }

    private mutating func count(
        _ number: Int32
    ) -> [(received: @Sendable (_ count: Int) -> Void, count: Int)] {
        watches.keys.sorted().compactMap { id in
            guard var watch = watches[id], watch.numbers.contains(number) else { return nil }
            watch.count += 1
            watches[id] = watch
            return (watch.received, watch.count)
        }
    }
}
