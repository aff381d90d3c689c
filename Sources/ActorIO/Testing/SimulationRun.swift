internal import ActorIO

/// One plan, to be run as often as one likes.
struct SimulationRun {
    struct Outcome {
        var failure: String?
        var steps = 0
        var actors = 0
        var connections = 0
        var faults = 0
        var fingerprint: UInt64 = 0
        var trace: [String] = []
    }

    let plan: SimulationPlan
    private let options: Simulation.Options
    private let body: @Sendable (World) async throws -> Void

    init(
        _ plan: SimulationPlan,
        _ options: Simulation.Options,
        _ body: @escaping @Sendable (World) async throws -> Void
    ) {
        self.plan = plan
        self.options = options
        self.body = body
    }

    func perform(isTraced: Bool) -> Outcome {
        GlobalPool.makeHashingRepeatable()
        let conductor = Conductor(plan, options, isTraced: isTraced)
        let here = ThreadBound(())
        SeededTokens.begin(SplitMix64.mix(plan.seed &+ 3)) { here.isHere }
        defer { SeededTokens.end() }
        guard GlobalPool.capture(by: conductor.seat) else {
            return Outcome(failure: "this runtime has no hook: link it dynamically")
        }
        defer { GlobalPool.release() }
        run(conductor)
        return Outcome(
            failure: conductor.failure,
            steps: conductor.trace.step,
            actors: conductor.spawnCount,
            connections: conductor.network.connectionCount,
            faults: conductor.network.faultCount,
            fingerprint: conductor.trace.fingerprint,
            trace: conductor.trace.text
        )
    }

    private func run(_ conductor: Conductor) {
        let world = World(conductor)
        world.start("set-up", -1) { [body] _ in try await body(world) }
        conductor.runCrews()
        conductor.trace.note("everybody has ended: the clients go")
        conductor.network.cutAll()
        conductor.settle(options.settling)
        guard conductor.failure == nil else { return conductor.end() }
        let checks = conductor.lastChecks + conductor.servers.flatMap(\.leakChecks)
        world.start("last checks", -2) { _ in
            for check in checks where try await !check.body() {
                world.fail("at the end it does not hold that \(check.name)")
            }
        }
        conductor.runCrews()
        conductor.end()
    }

    func with(_ plan: SimulationPlan) -> SimulationRun { SimulationRun(plan, options, body) }
}
