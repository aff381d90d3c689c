internal import ActorIO

/// Runs a server and its clients again and again, each time in another order: what can go wrong
/// between two steps goes wrong here, and again from the same seed.
///
/// ```swift
/// try await Simulation(schedules: 1_000).run { world in
///     let (app, io) = makeSite()
///     let server = try await world.serve(app, io)
///     for name in ["john", "jane"] {
///         world.spawn(name) { player in
///             let browser = player.browser(server)
///             try await browser.post("/login", form: ["username": name, "password": "changeit"])
///             let tab = try await browser.connect()
///             _ = try? await browser.post("/logout")
///         }
///     }
///     world.always("no order is paid twice") { orders.areSound }
/// }
/// ```
/// Everything runs on one thread. At each step the seed decides which loop of the server, which
/// client, or which task of the global pool goes on, what the network does to whom, or that time
/// passes. Each run is made anew by the closure, which must not keep anything between runs.
public struct Simulation: Sendable {
    /// How many of 1,000 connections or deliveries a network spoils.
    public struct Faults: Sendable, Equatable {
        /// Connections that break for both ends after some bytes.
        public var resets = 60
        /// Connections that bring nothing for up to a minute after some bytes.
        public var stalls = 60
        /// Connections of which one direction ends after some bytes.
        public var halfCloses = 30
        /// Directions of connections that take up to 200 milliseconds.
        public var delays = 200
        /// Deliveries that bring a part of the bytes under way, at times a single one.
        public var splits = 250

        /// What a bad day brings.
        public init() {}

        /// A network without any.
        public static var none: Faults {
            var faults = Faults()
            (faults.resets, faults.stalls, faults.halfCloses) = (0, 0, 0)
            (faults.delays, faults.splits) = (0, 0)
            return faults
        }
    }

    /// What runs are like, and their bounds.
    public struct Options: Sendable {
        /// How many event loops a server has; drawn for each run.
        public var loops = 1...4
        /// What the network does.
        public var faults = Faults()
        /// The longest run, in steps; one that takes more has failed.
        public var maxSteps = 1_000_000
        /// The longest run, in its own time; who waits longer waits for ever.
        public var longest = Duration.seconds(3_600)
        /// How long servers may take to forget clients that are gone, in the time of the run.
        public var settling = Duration.seconds(120)
        /// How many runs may be spent on finding a smaller failure.
        public var shrinking = 800
        /// The command that repeats a failing run, told the text of its plan; printed with it.
        public var command: @Sendable (String) -> String = {
            "Simulation(replaying: \"\($0)\") with SWIFT_DETERMINISTIC_HASHING=1"
        }

        /// The defaults.
        public init() {}
    }

    /// The result of runs of which none failed.
    public struct Report: Sendable, Equatable {
        /// Runs.
        public var schedules = 0
        /// Steps of all of them.
        public var steps = 0
        /// Connections that were opened.
        public var connections = 0
        /// Connections that the network spoiled.
        public var faults = 0
        /// The same for the same schedules, and hardly for others.
        public var fingerprint: UInt64 = 0
    }

    private let schedules: Int
    private let seed: UInt64
    private let replay: SimulationPlan?
    private let options: Options

    /// So many runs, of which the first has this seed, and the next ones the next seeds.
    public init(
        schedules: Int = 1_000,
        seed: UInt64 = 1,
        _ configure: (inout Options) -> Void = { _ in }
    ) {
        var options = Options()
        configure(&options)
        self.options = options
        self.schedules = schedules
        self.seed = seed
        replay = nil
    }

    /// The one run that a failure named; nil when the text is not of its form.
    public init?(replaying text: String, _ configure: (inout Options) -> Void = { _ in }) {
        guard let plan = SimulationPlan(text) else { return nil }
        var options = Options()
        configure(&options)
        self.options = options
        schedules = 1
        seed = plan.seed
        replay = plan
    }

    /// Runs them all; throws ``SimulationFailure`` for the first that fails, made as small as it
    /// gets.
    @discardableResult
    public func run(
        _ body: @escaping @Sendable (World) async throws -> Void
    ) async throws -> Report {
        let result = await SimulationThread.run { [self] in explore(body) }
        return try result.get()
    }

    private func explore(
        _ body: @escaping @Sendable (World) async throws -> Void
    ) -> Result<Report, SimulationFailure> {
        var report = Report()
        for number in 0..<max(0, schedules) {
            let plan = replay ?? SimulationPlan(seed: seed &+ UInt64(number))
            let run = SimulationRun(plan, options, body)
            let outcome = run.perform(isTraced: false)
            report.add(outcome)
            guard let found = outcome.failure else { continue }
            var shrinker = Shrinker(run, attempts: replay == nil ? options.shrinking : 0)
            shrinker.shrink()
            return .failure(SimulationFailure(report, first: plan, found, shrinker.best, options))
        }
        return .success(report)
    }

    /// What one run does, step by step, whether it fails or not.
    public func trace(
        _ body: @escaping @Sendable (World) async throws -> Void
    ) async -> [String] {
        await SimulationThread.run { [self] in
            let plan = replay ?? SimulationPlan(seed: seed)
            return SimulationRun(plan, options, body).perform(isTraced: true).trace
        }
    }
}

extension Simulation.Report {
    mutating func add(_ outcome: SimulationRun.Outcome) {
        schedules += 1
        steps += outcome.steps
        connections += outcome.connections
        faults += outcome.faults
        fingerprint = SplitMix64.mix(fingerprint ^ outcome.fingerprint)
    }
}
