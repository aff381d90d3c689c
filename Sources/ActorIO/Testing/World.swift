public import ActorIO

/// One run of a simulation: what takes part in it, and what must hold.
public final class World: Sendable {
    private let bound: ThreadBound<Conductor>
    let seed: UInt64
    let isFaultless: Bool

    init(_ conductor: Conductor) {
        bound = ThreadBound(conductor)
        seed = conductor.plan.seed
        isFaultless = conductor.plan.isFaultless
    }

    var conductor: Conductor { bound.value }

    // Servers

    /// Starts a server on the loops of this run, which were drawn by the seed, as were the loops of
    /// its stores and registries.
    ///
    /// Make the app, the sockets and the store anew in each run.
    public func serve(
        _ app: App = App(),
        _ io: SocketIO? = nil,
        options: Server.Options = Server.Options()
    ) async throws -> SimulatedServer {
        let server = Server(app, io, port: 0, options: options)
        let loops = conductor.serverLoops
        // In production all lanes are on the first loop; elsewhere more of their races show.
        let isSpread = loops.count > 1 && conductor.drawLayout(below: 2) == 0
        for lane in server.lanes {
            lane.bind(to: isSpread ? loops[conductor.drawLayout(below: loops.count)] : loops[0])
        }
        try await server.start(on: EventLoopGroup(loops), listens: false)
        let simulated = SimulatedServer(server, io, self)
        conductor.servers.append(simulated)
        return simulated
    }

    func connect(
        _ server: Server,
        _ who: String,
        _ loop: EventLoop
    ) throws -> LoopBound<any ByteStream> {
        // A client that polls may be between two connections when all of them are cut.
        guard !conductor.network.isCalm else { throw ConnectionLost() }
        let pair = conductor.network.connect(who)
        let far = ThreadBound(pair.server)
        server.accept { LoopBound(far.value, on: $0) }
        return LoopBound(pair.client, on: loop)
    }

    // Workload

    /// How much time of the run has passed, for what a workload itself knows of deadlines.
    public var now: Duration { conductor.now - conductor.seat.start }

    /// Adds somebody who does something, on a lane of its own: a client, say, or a colleague's
    /// task.
    ///
    /// What it throws fails the run, but for ``ConnectionLost`` and cancellation: networks break
    /// here.
    public func spawn(_ name: String, _ body: @escaping @Sendable (Player) async throws -> Void) {
        let conductor = conductor
        let number = conductor.spawnCount
        conductor.spawnCount += 1
        guard !conductor.plan.left.contains(number) else { return }
        start(name, number, body)
    }

    func start(
        _ name: String,
        _ number: Int,
        _ body: @escaping @Sendable (Player) async throws -> Void
    ) {
        let index = conductor.makeCrew(name)
        let player = Player(
            name,
            self,
            on: conductor.crews[index].loop,
            seed: SplitMix64.mix(seed &+ UInt64(truncatingIfNeeded: number + 100))
        )
        Task {
            let error = await player.run(body)
            self.conductor.crewEnded(index, error)
        }
    }

    /// A lane for something that takes part without being waited for.
    func makeLane(_ name: String) -> EventLoop { conductor.makeLane(name) }

    /// Draws a number from 0 up to, and without, a bound: what this run is like.
    public func draw(_ bound: Int) -> Int { conductor.drawLayout(below: bound) }

    // What must hold

    /// Looks at a condition after every step of the run, from outside of every actor.
    ///
    /// Say what should be true: "nobody is served twice". Keep it cheap; what it looks at must be
    /// readable without `await`.
    public func always(_ name: String, _ condition: @escaping @Sendable () -> Bool) {
        conductor.conditions.append((name, condition))
    }

    /// Looks at a condition whenever nobody has anything left to do until time passes.
    ///
    /// What takes some steps, such as the way from a closed connection to the rooms it was in, is
    /// over by then.
    public func atRest(_ name: String, _ condition: @escaping @Sendable () -> Bool) {
        conductor.restConditions.append((name, condition))
    }

    /// Looks at a condition once, when everybody has ended, the clients have gone, and the time has
    /// passed in which servers forget them.
    public func finally(_ name: String, _ check: @escaping @Sendable () async throws -> Bool) {
        conductor.lastChecks.append((name, check))
    }

    /// Says that something is wrong.
    public func fail(_ what: String) { conductor.fail(what) }

    /// Writes a line into the trace, which only a failing run shows.
    public func note(_ text: @autoclosure () -> String) { conductor.trace.note(text()) }
}

/// A server in a simulation.
public final class SimulatedServer: Sendable {
    /// The server itself.
    public let server: Server
    let io: SocketIO?
    private let world: World
    private let reasons = Reasons()

    init(_ server: Server, _ io: SocketIO?, _ world: World) {
        self.server = server
        self.io = io
        self.world = world
        let reasons = reasons
        io?.core.watchDisconnects { reasons.record($0, $1) }
    }

    /// Who is in a room `user:` or `session:` at this moment, for conditions; nil without sockets.
    public func presence(of room: Room) -> Presence? { io?.core.presenceNow(of: room) }

    func browser(_ name: String, on loop: EventLoop) -> Browser {
        let door = ServerDoor(
            driver: Driver(real: loop),
            host: "test.example",
            connect: { [world, server] in try world.connect(server, name, $0) },
            reasons: reasons
        )
        return Browser(door, path: io?.core.mountPath ?? "/socket.io", parser: io?.core.parser)
    }
}
