internal import ActorIO

/// What can happen between two ends of a connection in memory, drawn by the seed.
///
/// Bytes of one direction keep their order, as TCP keeps it; between connections there is none.
final class SimulationNetwork {
    /// What becomes of one connection.
    enum Fate: Equatable {
        case fine
        case reset(after: Int)
        case stall(after: Int, for: Duration)
        case halfClose(after: Int)
    }

    private var due: [SimulatedStream] = []
    private var delayed: [SimulatedStream] = []
    private var open: [SimulatedStream] = []
    private var random: SplitMix64
    private let faults: Simulation.Faults
    private let trace: SimulationTrace
    private(set) var connectionCount = 0
    private(set) var faultCount = 0
    /// The present moment of the run.
    private(set) var now: LoopTime
    /// Set when a run comes to its end: nothing is broken any more.
    var isCalm = false

    init(_ seed: UInt64, _ faults: Simulation.Faults, _ now: LoopTime, _ trace: SimulationTrace) {
        random = SplitMix64(seed)
        self.faults = faults
        self.now = now
        self.trace = trace
    }

    // Connections

    /// Two ends; the first is the client's.
    func connect(_ who: String) -> (client: SimulatedStream, server: SimulatedStream) {
        connectionCount += 1
        let name = "connection \(connectionCount) of \(who)"
        let address = "10.0.0.\(connectionCount % 250)"
        let client = SimulatedStream(self, name, isServer: false, peer: .unix("server"))
        let server = SimulatedStream(self, name, isServer: true, peer: .ipv4(address, port: 0))
        client.other = server
        server.other = client
        let (fated, fate) = random.chance(1, in: 2) ? (client, drawFate()) : (server, drawFate())
        fated.fate = fate
        for end in [client, server] { end.latency = drawLatency() }
        open.append(client)
        return (client, server)
    }

    private func drawFate() -> Fate {
        let draw = random.next(below: 1_000)
        // Drawn in any case, so that another probability leaves the rest as it is.
        let bytes = random.next(below: 600)
        let pause = Duration.milliseconds(1 + random.next(below: 60_000))
        guard !isCalm else { return .fine }
        let (reset, stall) = (faults.resets, faults.stalls)
        if draw < reset { return .reset(after: bytes) }
        if draw < reset + stall { return .stall(after: bytes, for: pause) }
        if draw < reset + stall + faults.halfCloses { return .halfClose(after: bytes) }
        return .fine
    }

    private func drawLatency() -> Duration {
        let milliseconds = random.next(below: 200)
        let isSlow = random.next(below: 1_000) < faults.delays
        return isSlow && !isCalm ? .milliseconds(milliseconds) : .zero
    }

    func closed(_ stream: SimulatedStream) {
        guard let other = stream.other, other.isClosed else { return }
        stream.other = nil
        other.other = nil
        open.removeAll { $0 === stream || $0 === other }
    }

    /// Cuts every connection: the clients are gone.
    func cutAll() {
        isCalm = true
        for stream in open { stream.reset() }
    }

    func clear() {
        for stream in open { stream.forget() }
        (due, delayed, open) = ([], [], [])
    }

    // Deliveries

    var dueCount: Int { due.count }

    /// A stream has something under way, or something to tell.
    func touch(_ stream: SimulatedStream) {
        guard !stream.isQueued, stream.hasSomething else { return }
        stream.isQueued = true
        stream.readyAt <= now ? due.append(stream) : delayed.append(stream)
    }

    /// Brings what one stream has next; `draws` says whether that is cut somewhere.
    func deliver(_ index: Int, draws: Bool) {
        let stream = due.remove(at: index)
        stream.isQueued = false
        stream.arrive(draws && !isCalm ? piece(of: stream.flyingCount) : .max)
        touch(stream)
    }

    private func piece(of count: Int) -> Int {
        guard count > 1 else { return count }
        let draw = random.next(below: 1_000)
        let cut = 1 + random.next(below: count)
        guard draw < faults.splits else { return count }
        return draw % 4 == 0 ? 1 : cut
    }

    var nextArrival: LoopTime? { delayed.map(\.readyAt).min() }

    func setTime(_ time: LoopTime) {
        now = time
        guard !delayed.isEmpty else { return }
        due += delayed.filter { $0.readyAt <= time }
        delayed.removeAll { $0.readyAt <= time }
    }

    func noteFault(_ text: @autoclosure () -> String) {
        faultCount += 1
        trace.note("network: \(text())")
    }

    func note(_ text: @autoclosure () -> String) {
        trace.note("network: \(text())")
    }
}
