internal import Synchronization

/// What the loops of one simulated run share: one thread, and the work that belongs to no loop.
package final class SimulationSeat: Sendable {
    /// Where the virtual time of a run begins.
    package let start = LoopTime(nanoseconds: 1_000_000_000)
    private let thread = LoopThread.current
    private let pooled = Locked<[UnownedJob]>([])
    private let escapes = Atomic<Int>(0)
    private let executor = PoolTasks()

    /// Made on the thread that runs the simulation.
    package init() {}

    var isHere: Bool { LoopThread.current == thread }

    /// How often work came from another thread: what a run can neither order nor repeat.
    package var escapeCount: Int { escapes.load(ordering: .relaxed) }
    func noteEscape() { escapes.add(1, ordering: .relaxed) }

    /// Jobs that production would run on the global pool, in any order and at the same time.
    package var pooledCount: Int { pooled.withLock { $0.count } }

    func pool(_ job: UnownedJob) { pooled.withLock { $0.append(job) } }

    /// Runs one of them.
    package func runPooled(_ index: Int) {
        let job = pooled.withLock { $0.remove(at: index) }
        unsafe job.runSynchronously(on: executor.asUnownedTaskExecutor())
    }
}

/// As what jobs of the global pool run in a simulation.
private final class PoolTasks: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        GlobalPool.enqueue(UnownedJob(job))
    }
}

/// The loops of a run that have something to do at this moment.
package final class ReadyLanes {
    package private(set) var numbers: [Int] = []
    private var loops: [EventLoop] = []

    package init() {}

    /// Loops are numbered in the order in which they come.
    fileprivate func add(_ loop: EventLoop) -> Int {
        loops.append(loop)
        return loops.count - 1
    }

    fileprivate func list(_ turn: SimulatedTurn) {
        guard !turn.isListed else { return }
        turn.isListed = true
        numbers.append(turn.number)
    }

    /// Takes the next step of a loop, by its place in the list.
    package func runStep(at place: Int) -> EventLoop.Step? {
        let loop = loops[numbers[place]]
        let step = loop.runStep()
        // Others may have been listed meanwhile, behind it.
        if let turn = loop.simulated, !loop.hasWork {
            turn.isListed = false
            numbers.remove(at: place)
        }
        return step
    }

    /// Time has passed: timers may be due.
    package func setTime(_ time: LoopTime) {
        for loop in loops {
            loop.setVirtualTime(time)
            if let turn = loop.simulated, loop.hasWork { list(turn) }
        }
    }

    package var nextDeadline: LoopTime? {
        var next: LoopTime?
        for loop in loops {
            guard let deadline = loop.nextDeadline else { continue }
            next = next.map { min($0, deadline) } ?? deadline
        }
        return next
    }

    /// Breaks the circle of a run that is over.
    package func clear() {
        loops = []
        numbers = []
    }
}

/// Where a simulated loop is in its turn, which has the order of a real one.
///
/// ```
/// jobs ─► timers ─► turn ends ─► each event with its jobs ─► what arrived from elsewhere ─► jobs
/// ```
final class SimulatedTurn {
    enum Phase {
        case jobs
        case timers
        case ends
        case events
        case arrivals
    }

    let seat: SimulationSeat
    var phase = Phase.jobs
    /// Jobs from other loops: they wait for the next turn, as in the inbox of a real loop.
    var arrived: [LoopJob] = []
    /// What descriptors would bring.
    var events = Deque<LoopJob>()

    private let ready: ReadyLanes
    fileprivate(set) var number = 0
    fileprivate var isListed = false

    init(_ seat: SimulationSeat, _ ready: ReadyLanes) {
        self.seat = seat
        self.ready = ready
    }

    func enter(_ loop: EventLoop) {
        number = ready.add(loop)
    }

    func wake() { ready.list(self) }

    func arrive(_ job: LoopJob) {
        guard seat.isHere else { return seat.noteEscape() }
        arrived.append(job)
        wake()
    }
}

/// One loop of a simulation, step by step.
extension EventLoop {
    /// The smallest things a loop does without interruption.
    package enum Step: String, Sendable {
        case job
        case timer
        case write
        case event
    }

    /// Whether there is anything to do at this moment of its time.
    fileprivate var hasWork: Bool {
        guard let simulated else { return false }
        if !jobs.isEmpty || !simulated.arrived.isEmpty || !simulated.events.isEmpty { return true }
        if !turnEnds.isEmpty { return true }
        guard let deadline = timers.nextDeadline else { return false }
        return deadline <= now
    }

    /// Runs the next step of its turn as its thread would; nil when there is none.
    fileprivate func runStep() -> Step? {
        guard let simulated else { return nil }
        claim()
        defer { release() }
        // A whole round may be needed to find that there is nothing.
        for _ in 0..<6 {
            if let step = runStep(simulated) { return step }
        }
        return nil
    }

    private func runStep(_ turn: SimulatedTurn) -> Step? {
        if turn.phase != .timers, turn.phase != .ends, let job = jobs.popFirst() {
            job.run()
            return .job
        }
        switch turn.phase {
        case .jobs: turn.phase = .timers
        case .timers:
            if let target = timers.popDue(now) {
                target.timerFired()
                return .timer
            }
            turn.phase = .ends
        case .ends:
            turn.phase = .events
            guard !turnEnds.isEmpty else { return nil }
            endTurn()
            return .write
        case .events:
            if let event = turn.events.popFirst() {
                event.run()
                return .event
            }
            turn.phase = .arrivals
        case .arrivals:
            for job in exchange(&turn.arrived, with: []) { jobs.append(job) }
            turn.phase = .jobs
        }
        return nil
    }

    /// Runs `event` as the readiness of a descriptor runs: when the turn has come so far.
    package func happen(_ event: @escaping @Sendable () -> Void) {
        simulated?.events.append(LoopJob(event))
        simulated?.wake()
    }

    /// Runs `body` as if a turn of this loop had brought it, to look at what lives there.
    package func inspect<Result>(_ body: () throws -> Result) rethrows -> Result {
        claim()
        defer { release() }
        return try body()
    }
}
