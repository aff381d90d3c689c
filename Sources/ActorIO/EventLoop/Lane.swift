/// The serial executor of an actor that is made before any server runs and is pinned when one
/// starts.
///
/// `SessionStore`, `RoomRegistry` and `EngineServer` have one each. Until a server binds it, and
/// after that server has stopped, a lane's work runs on the fallback loop, so such an actor is
/// usable at any time.
public final class Lane: SerialExecutor, @unchecked Sendable {
    private let binding = Locked<EventLoop?>(nil)

    init() {}

    /// The loop this lane runs on at the moment.
    package var loop: EventLoop { binding.withLock { Self.bound(&$0) } }

    private static func bound(_ binding: inout EventLoop?) -> EventLoop {
        if let loop = binding { return loop }
        let loop = EventLoop.fallback
        binding = loop
        return loop
    }

    /// Queues a job of this lane's actor; called by the Swift runtime.
    public func enqueue(_ job: consuming ExecutorJob) {
        add(UnownedJob(job))
    }

    private func add(_ job: UnownedJob) {
        // Under the lock, so that no job reaches a loop after the lane has left it.
        binding.withLock { binding in
            Self.bound(&binding).add(LoopJob(job, lane: self))
        }
    }

    /// A job that was queued before the lane moved follows it.
    func run(_ job: UnownedJob) {
        guard loop.isCurrent else { return add(job) }
        unsafe job.runSynchronously(on: asUnownedSerialExecutor())
    }

    /// Called by the Swift runtime to check isolation.
    public func checkIsolated() {
        precondition(loop.isCurrent, "not on the loop of this lane")
    }

    /// Called by the Swift runtime to check isolation.
    public func isIsolatingCurrentContext() -> Bool? { loop.isCurrent }

    /// Pins the lane to a starting server's loop; a lane that a running server holds stays there.
    package func bind(to target: EventLoop) {
        let old = binding.withLock { binding -> EventLoop? in
            if binding == nil { binding = target }
            return binding
        }
        if old === target { return adopt(target) }
        guard let old, old === EventLoop.fallback else { return }
        // Moved by the loop that serves it now, between two of its jobs.
        old.execute {
            self.binding.withLock { if $0 === old { $0 = target } }
            self.adopt(target)
        }
    }

    private func adopt(_ target: EventLoop) {
        target.execute { target.adopt(self) }
    }

    /// The loop is ending: the next job finds another.
    package func release(from loop: EventLoop) {
        binding.withLock { if $0 === loop { $0 = nil } }
    }

    /// Runs `work` on the lane: now when the caller is there already, else in a turn of its own.
    func run(_ work: @escaping @Sendable () -> Void) {
        let loop = self.loop
        guard !loop.isCurrent else { return work() }
        // The lane may have moved before the turn comes.
        loop.execute { self.run(work) }
    }

    var now: LoopTime { loop.now }
    var unixTime: Int64 { loop.unixTime }
}
