public import ActorIO

/// Somebody who takes part in a simulated run, on a lane of its own.
public actor Player: LoopActor {
    package nonisolated let loop: EventLoop
    /// The lane of this player.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }
    /// What it is called in the trace.
    public nonisolated let name: String
    private nonisolated let world: World
    private nonisolated let random: Locked<SplitMix64>

    init(_ name: String, _ world: World, on loop: EventLoop, seed: UInt64) {
        self.name = name
        self.world = world
        self.loop = loop
        random = Locked(SplitMix64(seed))
    }

    func run(_ body: @Sendable (Player) async throws -> Void) async -> (any Error)? {
        do {
            try await body(self)
            return nil
        } catch {
            return error
        }
    }

    /// A browser without cookies that reaches a server through the simulated network.
    public nonisolated func browser(_ server: SimulatedServer) -> Browser {
        server.browser(name, on: loop)
    }

    /// Draws a number from 0 up to, and without, a bound; the seed decides, for each player apart.
    public nonisolated func draw(_ bound: Int) -> Int { random.withLock { $0.next(below: bound) } }

    /// Draws true in one of so many cases.
    public nonisolated func chance(in count: Int) -> Bool { draw(count) == 0 }

    /// Draws one of several; nil of none.
    public nonisolated func pick<Value>(_ values: [Value]) -> Value? {
        values.isEmpty ? nil : values[draw(values.count)]
    }

    /// Waits on the time of the run.
    public func rest(for duration: Duration) async {
        await withCheckedContinuation { continuation in
            _ = loop.schedule(at: loop.now + duration, ClosureTimer { continuation.resume() })
        }
    }

    /// Waits until the time of the run is the next multiple of a duration: whoever else does so
    /// goes on at the same moment.
    ///
    /// Time passes when nobody has anything left to do, so players that rest for different times
    /// hardly ever meet, and what never meets shows no race.
    public func meet(every duration: Duration) async {
        let step = max(1, duration.nanoseconds)
        await rest(for: .nanoseconds(step - loop.now.nanoseconds % step))
    }

    /// Lets the others go on.
    public func yield() async {
        await withCheckedContinuation { continuation in
            loop.execute { continuation.resume() }
        }
    }

    /// Writes a line into the trace, which only a failing run shows.
    public nonisolated func note(_ text: @autoclosure () -> String) {
        world.note("\(name): \(text())")
    }
}
