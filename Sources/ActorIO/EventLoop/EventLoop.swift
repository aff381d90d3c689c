internal import Synchronization

/// One thread, its descriptors, its timers, and the serial executor of every actor pinned to it.
///
/// A turn: jobs, due timers, then one write per connection that has something to say, then the wait
/// for descriptors. Whatever is not marked otherwise may be touched on the loop's own thread only.
package final class EventLoop: SerialExecutor, @unchecked Sendable {
    private struct Inbox {
        var jobs: [LoopJob] = []
        var sleeping = false
        var heir: EventLoop?
    }

    private let inbox = Locked(Inbox())
    private let thread = Atomic<UInt>(0)
    private let virtualTime = Atomic<Int64>(0)
    private let poller: (any Poller)?
    var jobs = Deque<LoopJob>()
    /// The turn of a loop in a simulation; nil on every other loop.
    let simulated: SimulatedTurn?
    private var targets: [Slot] = []
    private(set) var turnEnds: [any TurnTarget] = []
    private var turnEndsSpare: [any TurnTarget] = []
    private var stopping = false
    private var hasFinished = false
    private var onStopped: [@Sendable () -> Void] = []
    private var onTasksEnded: [@Sendable () -> Void] = []
    private var cachedNow = LoopTime(nanoseconds: 0)
    private var laneList: [Lane] = []
    /// Handlers and requests that have begun and not ended; see `taskBegan`.
    package private(set) var runningTasks = 0
    var timers = TimerHeap<any TimerTarget>()
    var spareBuffers: [[UInt8]] = []
    /// Where every connection of this loop reads into: one buffer a loop, not one a connection.
    var readBuffer: [UInt8]
    package private(set) lazy var taskExecutor = LoopTasks(self)
    private let siblings = Atomic(false)
    /// Called, on any thread, when a manual loop is given work by somebody else than its cranker.
    private let onForeignWork = Locked<(@Sendable () -> Void)?>(nil)

    private struct Slot {
        var target: (any PollTarget)?
        var generation: UInt32
    }

    /// A loop on a thread of its own, which starts at once.
    init(poller: any Poller = EventLoop.systemPoller()) {
        self.poller = poller
        simulated = nil
        readBuffer = [UInt8](repeating: 0, count: Self.bufferSize)
        LoopThread.start { self.run() }
    }

    /// A loop that runs only when it is cranked, on time that passes only when it is told to.
    package init(manualAt start: LoopTime) {
        poller = nil
        simulated = nil
        readBuffer = [UInt8](repeating: 0, count: Self.bufferSize)
        virtualTime.store(start.nanoseconds, ordering: .relaxed)
        _ = taskExecutor  // made now: later it is asked for from any thread
    }

    /// One of several loops that a simulation runs on its thread, as production runs them on many.
    package init(in seat: SimulationSeat, _ ready: ReadyLanes, buffer: Int) {
        poller = nil
        let turn = SimulatedTurn(seat, ready)
        simulated = turn
        readBuffer = [UInt8](repeating: 0, count: buffer)
        virtualTime.store(seat.start.nanoseconds, ordering: .relaxed)
        _ = taskExecutor
        turn.enter(self)
    }

    static var bufferSize: Int { 65_536 }

    static func systemPoller() -> any Poller {
        #if os(Linux)
            EpollPoller()
        #elseif canImport(Darwin)
            KqueuePoller()
        #else
            PollPoller()
        #endif
    }

    /// Runs what outlives every server: work for stopped loops and for lanes that have no server
    /// yet.
    static let fallback = EventLoop()

    /// Whether it is cranked by a test, and its tasks prefer it; in a simulation they do not.
    package var isManual: Bool { poller == nil && simulated == nil }
    private var hasVirtualTime: Bool { poller == nil }
    package var isCurrent: Bool { thread.load(ordering: .relaxed) == LoopThread.current }
    /// What the library's own tasks prefer: nothing, or every hop between two actors of this loop
    /// would queue two jobs.
    ///
    /// A manual loop must see all work, so there they prefer the loop.
    package var preference: (any TaskExecutor)? { isManual ? taskExecutor : nil }

    /// Whether connections of one client may be read by several loops, in any order.
    package var hasSiblings: Bool {
        get { siblings.load(ordering: .relaxed) }
        set { siblings.store(newValue, ordering: .relaxed) }
    }

    package var now: LoopTime {
        guard !hasVirtualTime else {
            return LoopTime(nanoseconds: virtualTime.load(ordering: .relaxed))
        }
        return isCurrent && !hasFinished ? cachedNow : SystemClock.monotonic
    }

    /// Seconds since 1970: what cookies and logs show.
    package var unixTime: Int64 { unixMilliseconds / 1_000 }
    /// Milliseconds since 1970: what clients are shown.
    package var unixMilliseconds: Int64 {
        guard hasVirtualTime else { return SystemClock.unixMilliseconds }
        return 1_800_000_000_000 + now.nanoseconds / 1_000_000
    }

    // SerialExecutor

    package func enqueue(_ job: consuming ExecutorJob) {
        add(unsafe LoopJob(UnownedJob(job), on: asUnownedSerialExecutor()))
    }

    package func checkIsolated() {
        precondition(isCurrent, "not on the event loop of this actor")
    }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }

    /// Runs `work` on the loop: in this turn when called on it, else in its next.
    package func execute(_ work: @escaping @Sendable () -> Void) {
        add(LoopJob(work))
    }

    func add(_ job: LoopJob) {
        guard !isCurrent else { return jobs.append(job) }
        if let simulated { return simulated.arrive(job) }
        let notice = isManual ? onForeignWork.withLock { $0 } : nil
        // All of it under the lock: the runtime keeps no executor alive, and once the job can run,
        // it may be what lets this loop end and be freed.
        let heir = inbox.withLock { inbox -> EventLoop? in
            guard inbox.heir == nil else { return inbox.heir }
            inbox.jobs.append(job)
            if exchange(&inbox.sleeping, with: false) { poller?.wake() }
            return nil
        }
        if let heir { return heir.add(job) }
        notice?()
    }

    // The turn

    private func run() {
        thread.store(LoopThread.current, ordering: .relaxed)
        cachedNow = SystemClock.monotonic
        repeat { turn() } while !stopping
        finish()
    }

    private func turn() {
        runJobs(limit: 4096)
        fireTimers()
        endTurn()
        let timeout = timeToSleep()
        var isWaiting = true
        poller?.wait(timeout) { tag, readiness in
            // It may have slept for long: a deadline armed by an event counts from the event.
            if isWaiting { cachedNow = SystemClock.monotonic }
            isWaiting = false
            dispatch(tag, readiness)
        }
        if isWaiting { cachedNow = SystemClock.monotonic }
        inbox.withLock { $0.sleeping = false }
    }

    /// Zero when there is work; otherwise announces the sleep, so that others know to wake us.
    private func timeToSleep() -> Duration? {
        guard jobs.isEmpty, turnEnds.isEmpty, !stopping else { return .zero }
        let mustStay = inbox.withLock { inbox in
            inbox.sleeping = inbox.jobs.isEmpty
            return !inbox.sleeping
        }
        guard !mustStay else { return .zero }
        guard let deadline = timers.nextDeadline else { return nil }
        return max(.zero, deadline - SystemClock.monotonic)
    }

    private func collect() {
        let arrived = inbox.withLock { inbox -> [LoopJob] in
            guard !inbox.jobs.isEmpty else { return [] }
            return exchange(&inbox.jobs, with: [])
        }
        for job in arrived { jobs.append(job) }
    }

    /// Runs what is ready; the limit keeps two chatting actors from starving the descriptors.
    @discardableResult
    private func runJobs(limit: Int) -> Bool {
        collect()
        var left = limit
        while left > 0, let job = jobs.popFirst() {
            job.run()
            left -= 1
        }
        return left < limit
    }

    private func fireTimers() {
        guard let next = timers.nextDeadline, next <= now else { return }
        let due = now
        while let target = timers.popDue(due) { target.timerFired() }
    }

    /// Asks for `turnEnded` once, when this turn's work is done.
    func atTurnEnd(_ target: any TurnTarget) {
        turnEnds.append(target)
    }

    /// A few rounds only: who has more to say, such as a large file to a fast reader, lets the
    /// others of this loop have their turn first.
    func endTurn() {
        for _ in 0..<4 where !turnEnds.isEmpty {
            swap(&turnEnds, &turnEndsSpare)
            for target in turnEndsSpare { target.turnEnded() }
            turnEndsSpare.removeAll(keepingCapacity: turnEndsSpare.capacity < 4096)
        }
    }

    private func dispatch(_ tag: UInt64, _ readiness: Readiness) {
        let index = Int(tag & 0xFFFF_FFFF)
        guard index < targets.count else { return }
        let slot = targets[index]
        // The descriptor may have been closed, and its number used again, earlier in this turn.
        guard slot.generation == UInt32(tag >> 32), let target = slot.target else { return }
        target.ready(readiness)
        if jobs.count > 0 { runJobs(limit: 256) }
    }

    // Descriptors

    func register(_ descriptor: Int32, _ interest: Readiness, _ target: any PollTarget) -> Bool {
        let index = Int(descriptor)
        while targets.count <= index { targets.append(Slot(target: nil, generation: 0)) }
        targets[index].target = target
        return poller?.add(descriptor, interest, tag: tag(index)) ?? false
    }

    func change(_ descriptor: Int32, _ interest: Readiness) {
        poller?.change(descriptor, interest, tag: tag(Int(descriptor)))
    }

    /// `closing` says that the descriptor is closed next, which ends its registration by itself.
    func unregister(_ descriptor: Int32, closing: Bool = false) {
        let index = Int(descriptor)
        guard index < targets.count, targets[index].target != nil else { return }
        targets[index].target = nil
        targets[index].generation &+= 1
        closing ? poller?.closing(descriptor) : poller?.remove(descriptor)
    }

    private func tag(_ index: Int) -> UInt64 {
        UInt64(targets[index].generation) << 32 | UInt64(index)
    }

    // Stopping

    /// Ends the loop's thread after the jobs it has; returns when the thread runs no more of them.
    func stop() async {
        await withCheckedContinuation { continuation in
            execute { [self] in
                guard !hasFinished else { return continuation.resume() }
                stopping = true
                onStopped.append { continuation.resume() }
            }
        }
    }

    func adopt(_ lane: Lane) {
        laneList.append(lane)
    }

    /// Whatever still arrives for this loop's actors runs on the fallback loop, as if it were this
    /// one.
    private func finish() {
        runWhatIsLeft()
        for lane in laneList { lane.release(from: self) }
        laneList = []
        // Streams and their owners hold each other: what is still open would stay open for ever.
        for slot in targets { slot.target?.loopEnded() }
        targets = []
        timers = TimerHeap()
        runWhatIsLeft()
        hasFinished = true
        // From here on this thread is nobody's, and its number may be given to another one.
        thread.store(0, ordering: .relaxed)
        let heir = EventLoop.fallback
        // The first job of all that are passed on: the heir's thread, which may only just begin,
        // is this loop's thread from then on.
        heir.execute { [self] in thread.store(LoopThread.current, ordering: .relaxed) }
        let rest = inbox.withLock { inbox -> [LoopJob] in
            inbox.heir = heir
            return exchange(&inbox.jobs, with: [])
        }
        for job in rest { heir.add(job) }
        for notify in exchange(&onStopped, with: []) { notify() }
    }

    private func runWhatIsLeft() {
        while runJobs(limit: .max) || !turnEnds.isEmpty { endTurn() }
    }

    // Manual mode

    /// Makes the calling thread this loop's thread until `release`; it sees all that the one before
    /// did.
    package func claim() {
        _ = thread.exchange(LoopThread.current, ordering: .acquiring)
    }

    package func release() {
        thread.store(0, ordering: .releasing)
    }

    /// Tells `notice` of work that arrives while nobody cranks.
    package func noticeForeignWork(_ notice: (@Sendable () -> Void)?) {
        onForeignWork.withLock { $0 = notice }
    }

    /// Runs one step of what is ready at this instant: false when there was nothing to run.
    package func crank() -> Bool {
        var worked = runJobs(limit: 1024)
        if let next = timers.nextDeadline, next <= now {
            fireTimers()
            worked = true
        }
        if !turnEnds.isEmpty {
            endTurn()
            worked = true
        }
        return worked
    }

    /// Runs a single job, or without one what `crank` runs next: false when there was nothing.
    package func step() -> Bool {
        collect()
        guard let job = jobs.popFirst() else { return crank() }
        job.run()
        return true
    }

    /// A task of the library's has begun on this loop: a request or an event with its handler.
    func taskBegan() { runningTasks += 1 }
    func taskEnded() {
        runningTasks -= 1
        guard runningTasks == 0, !onTasksEnded.isEmpty else { return }
        for notify in exchange(&onTasksEnded, with: []) { notify() }
    }

    /// Calls `notify` once, when no task of the library's runs on this loop.
    func whenTasksEnd(_ notify: @escaping @Sendable () -> Void) {
        runningTasks == 0 ? notify() : onTasksEnded.append(notify)
    }

    /// The next deadline on virtual time.
    package var nextDeadline: LoopTime? { timers.nextDeadline }
    /// How many timers are armed.
    package var timerCount: Int { timers.count }

    package func setVirtualTime(_ time: LoopTime) {
        virtualTime.store(max(time.nanoseconds, now.nanoseconds), ordering: .relaxed)
    }
}

/// Puts a new value and hands back the old one.
func exchange<Value>(_ place: inout Value, with value: consuming Value) -> Value {
    var other = value
    swap(&place, &other)
    return other
}
