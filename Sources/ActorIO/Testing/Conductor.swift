internal import ActorIO

/// Runs one plan on one thread: at every step it draws which loop takes its next step, or that the
/// network delivers, or that time passes.
///
/// ```
/// set-up ─► workload … until all have ended ─► clients cut ─► time to forget ─► last checks
/// ```
final class Conductor {
    /// How a run leans; drawn, because different faults need different schedules.
    private enum Style {
        /// Any lane at any step.
        case uniform
        /// A lane goes on for a while.
        case sticky
        /// Lanes have ranks that change rarely: some are starved for long.
        case ranks
    }

    /// One workload actor, or a stage of the run itself.
    struct Crew {
        let name: String
        let loop: EventLoop
        var isDone = false
    }

    let plan: SimulationPlan
    let options: Simulation.Options
    let seat: SimulationSeat
    let trace: SimulationTrace
    let network: SimulationNetwork
    let serverLoops: [EventLoop]
    private(set) var crews: [Crew] = []
    private let ready = ReadyLanes()
    private var names: [String] = []
    private var random: SplitMix64
    private(set) var layout: SplitMix64
    private let style: Style
    private var ranks: [UInt64] = []
    private var lastLane = 0
    private(set) var now: LoopTime
    var conditions: [(name: String, holds: @Sendable () -> Bool)] = []
    var restConditions: [(name: String, holds: @Sendable () -> Bool)] = []
    var lastChecks: [(name: String, body: @Sendable () async throws -> Bool)] = []
    var servers: [SimulatedServer] = []
    private(set) var failure: String?
    /// Workload actors that were left out, so that their numbers stay.
    var spawnCount = 0

    private static let pool = -1
    private static let net = -2

    init(_ plan: SimulationPlan, _ options: Simulation.Options, isTraced: Bool) {
        self.plan = plan
        self.options = options
        let seat = SimulationSeat()
        self.seat = seat
        now = seat.start
        trace = SimulationTrace(isWritten: isTraced)
        random = SplitMix64(
            SplitMix64.mix(plan.seed &+ UInt64(truncatingIfNeeded: plan.order) << 32)
        )
        layout = SplitMix64(SplitMix64.mix(plan.seed &+ 1))
        let faults = plan.isFaultless ? .none : options.faults
        let networkSeed = SplitMix64.mix(plan.seed &+ 2)
        network = SimulationNetwork(networkSeed, faults, now, trace)
        let (low, high) = (max(1, options.loops.lowerBound), max(1, options.loops.upperBound))
        let drawn = low + layout.next(below: high - low + 1)
        let count = plan.isOnOneLoop ? 1 : drawn
        style = [.uniform, .sticky, .ranks][layout.next(below: 3)]
        let lanes = ready
        serverLoops = (0..<count).map { _ in EventLoop(in: seat, lanes, buffer: 8_192) }
        for (index, loop) in serverLoops.enumerated() { add(loop, "loop \(index)") }
    }

    private func add(_ loop: EventLoop, _ name: String) {
        loop.setVirtualTime(now)
        names.append(name)
        ranks.append(random.next())
    }

    // Workload

    /// A lane of its own for one workload actor.
    func makeCrew(_ name: String) -> Int {
        crews.append(Crew(name: name, loop: makeLane(name)))
        return crews.count - 1
    }

    func makeLane(_ name: String) -> EventLoop {
        let loop = EventLoop(in: seat, ready, buffer: 0)
        add(loop, name)
        return loop
    }

    func crewEnded(_ index: Int, _ error: (any Error)?) {
        crews[index].isDone = true
        switch error {
        case nil: break
        case is ConnectionLost, is CancellationError:
            trace.note("\(crews[index].name) ends: its connection is lost")
        case let error?: fail("\(crews[index].name) threw \(error)")
        }
    }

    func fail(_ text: String) {
        guard failure == nil else { return }
        trace.note("VIOLATION: \(text)")
        trace.close()
        failure = text
    }

    private func unfinished() -> [String] { crews.filter { !$0.isDone }.map(\.name) }

    // The run

    /// Runs until every crew has ended, or something is wrong.
    func runCrews() {
        let deadline = now + options.longest
        while failure == nil, crews.contains(where: { !$0.isDone }) {
            guard step() || passTime(until: deadline) else { return failAsStuck() }
        }
    }

    /// Goes on until nothing is left to do before `pause` has passed, also after a failure: tasks
    /// that are left in the middle would never be freed.
    func settle(_ pause: Duration) {
        let deadline = now + pause
        let limit = trace.step + 100_000
        while trace.step < limit, step() || passTime(until: deadline) {}
        if trace.step >= limit {
            fail("the server does not come to rest when its clients have gone")
        }
    }

    private func failAsStuck() {
        let waiting = unfinished().joined(separator: ", ")
        fail(
            "\(waiting) waits for what no lane can bring: a deadlock, or work that left the"
                + " simulation (a thread, Dispatch, Task.sleep)"
        )
    }

    /// Takes one step of one lane; false when nothing is ready.
    private func step() -> Bool {
        let pooled = seat.pooledCount > 0
        let count = ready.numbers.count + (pooled ? 1 : 0) + (network.dueCount > 0 ? 1 : 0)
        guard count > 0 else { return false }
        let place = count == 1 ? 0 : choose(count)
        if place < ready.numbers.count {
            lastLane = ready.numbers[place]
            // Named before it runs, so that what it does stands behind it in the trace.
            trace.took(lastLane, "step", names[lastLane])
            let step = ready.runStep(at: place)
            trace.mix(UInt64(step?.rawValue.utf8.first ?? 0))
        } else if pooled, place == ready.numbers.count {
            takePooled()
        } else {
            takeDelivery()
        }
        if seat.escapeCount > 0 {
            fail("work came from a thread outside of the simulation: such a run can not repeat")
        }
        if trace.step >= options.maxSteps { fail("no end after \(trace.step) steps") }
        check()
        return true
    }

    private func takePooled() {
        lastLane = Self.pool
        trace.took(Self.pool, "job", "pool")
        seat.runPooled(isDrawing ? random.next(below: seat.pooledCount) : 0)
    }

    private func takeDelivery() {
        lastLane = Self.net
        trace.took(Self.net, "delivery", "network")
        let index = isDrawing ? random.next(below: network.dueCount) : 0
        network.deliver(index, draws: isDrawing)
    }

    private func check() {
        guard failure == nil else { return }
        for condition in conditions where !condition.holds() {
            return fail("it does not hold that \(condition.name)")
        }
    }

    private func checkRest() {
        guard failure == nil else { return }
        for condition in restConditions where !condition.holds() {
            return fail("at rest it does not hold that \(condition.name)")
        }
    }

    private var isDrawing: Bool { plan.draws.map { trace.step < $0 } ?? true }

    /// A place among the lanes that are ready, the pool and the network.
    private func choose(_ count: Int) -> Int {
        let last = place(of: lastLane, count)
        guard isDrawing else { return last ?? 0 }
        switch style {
        case .uniform: break
        case .sticky:
            if random.chance(7, in: 8), let last { return last }
        case .ranks:
            if random.chance(1, in: 64) { ranks[random.next(below: ranks.count)] = random.next() }
            if random.chance(15, in: 16) { return highest(count) }
        }
        return random.next(below: count)
    }

    private func place(of lane: Int, _ count: Int) -> Int? {
        let lanes = ready.numbers
        switch lane {
        case Self.pool: return seat.pooledCount > 0 ? lanes.count : nil
        case Self.net: return network.dueCount > 0 ? count - 1 : nil
        default: return lanes.firstIndex(of: lane)
        }
    }

    /// The lane of the highest rank; pool and network are in the middle.
    private func highest(_ count: Int) -> Int {
        let lanes = ready.numbers
        var best = (place: lanes.count, rank: count > lanes.count ? UInt64.max / 2 : 0)
        for (place, lane) in lanes.enumerated() where ranks[lane] >= best.rank {
            best = (place, ranks[lane])
        }
        // Of the two in the middle now this one, now that.
        guard best.place >= lanes.count else { return best.place }
        return lanes.count + random.next(below: count - lanes.count)
    }

    // Time

    /// Steps to the next deadline or arrival; false when there is none before `limit`.
    private func passTime(until limit: LoopTime) -> Bool {
        checkRest()
        let times = [network.nextArrival, ready.nextDeadline].compactMap { $0 }
        guard let next = times.min(), next <= limit else { return false }
        now = max(now, next)
        trace.note("time: \(now - seat.start)")
        trace.mix(UInt64(bitPattern: now.nanoseconds))
        ready.setTime(now)
        network.setTime(now)
        return true
    }

    func drawLayout(below bound: Int) -> Int { layout.next(below: bound) }

    /// No task of the server's may be left, and nothing of this run may keep itself alive.
    func end() {
        if failure == nil {
            for (index, loop) in serverLoops.enumerated() where loop.runningTasks != 0 {
                fail("\(loop.runningTasks) tasks are left on loop \(index)")
            }
        }
        network.clear()
        ready.clear()
        (conditions, restConditions, lastChecks, servers) = ([], [], [], [])
    }
}
