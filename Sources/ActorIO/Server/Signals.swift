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
    public func run(until trigger: Trigger) async throws {
        let watch = SignalWatch(trigger.signals.map(\.number)) { [weak self] count in
            if count == 1 { self?.beginShutdown() } else { _exit(130) }
        }
        defer { watch.end() }
        try await run()
    }
}

/// Turns signals into calls: the handler only writes a byte, as little else is allowed in one.
private final class SignalWatch: Sendable {
    private static let writeEnd = Atomic<Int32>(-1)
    private let numbers: [Int32]
    private let ends: [Int32]
    /// What the signals did before, in the order of `numbers`; nil for what the system does.
    private let former: [Handler?]

    typealias Handler = @convention(c) (Int32) -> Void

    init(_ numbers: [Int32], _ received: @escaping @Sendable (_ count: Int) -> Void) {
        self.numbers = numbers
        var ends: [Int32] = [-1, -1]
        _ = SystemCalls.makePipe(&ends)
        self.ends = ends
        Self.writeEnd.store(ends[1], ordering: .sequentiallyConsistent)
        former = numbers.map { number in
            signal(number) { _ in
                SystemCalls.writeByte(SignalWatch.writeEnd.load(ordering: .relaxed))
            }
        }
        let reader = ends[0]
        LoopThread.start {
            var count = 0
            while SystemCalls.readByte(reader) {
                count += 1
                received(count)
            }
            SystemCalls.closeDescriptor(reader)
        }
    }

    func end() {
        for (number, handler) in zip(numbers, former) { signal(number, handler ?? SIG_DFL) }
        Self.writeEnd.store(-1, ordering: .sequentiallyConsistent)
        SystemCalls.closeDescriptor(ends[1])
    }
}
