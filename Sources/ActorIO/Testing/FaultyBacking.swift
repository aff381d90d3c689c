public import ActorIO

/// Keeps sessions for a simulated store as a database on a bad day does: late, or not, or with an
/// error though it did.
///
/// ```swift
/// let backing = FaultyBacking(world)
/// let store = SessionStore(backing: backing)
/// ```
/// It lives on a lane of its own. A second store with the same backing is the same server after a
/// restart, or another node.
public final class FaultyBacking: SessionBacking {
    /// How many of 1,000 calls go wrong, and how.
    public struct Faults: Sendable {
        /// Calls that take up to ``longest``.
        public var slow = 200
        /// Calls that throw and do nothing.
        public var failing = 30
        /// Calls that do what they should, and throw.
        public var torn = 30
        /// The longest pause of a slow call.
        public var longest = Duration.seconds(2)

        /// What a bad day brings.
        public init() {}

        /// A backing that is only slow.
        public static var slow: Faults {
            var faults = Faults()
            (faults.failing, faults.torn) = (0, 0)
            return faults
        }
    }

    /// What a call throws that goes wrong.
    public struct Failure: Error, Sendable {
        /// The call.
        public let call: String
    }

    private let desk: Desk

    /// An empty one; in a run that is made smaller without faults it has none.
    public init(_ world: World, faults: Faults = Faults()) {
        desk = Desk(world.makeLane("backing"), world, faults)
    }

    /// What was saved last under an id, or nil.
    public func load(_ id: SessionID) async throws -> SessionRecord? {
        try await desk.run("load") { $0.records[id] }
    }

    /// Keeps a record.
    public func save(_ record: SessionRecord, for id: SessionID) async throws {
        try await desk.run("save") { $0.records[id] = record }
    }

    /// Forgets a session.
    public func delete(_ id: SessionID) async throws {
        try await desk.run("delete") { $0.records[id] = nil }
    }

    /// Restarts the idle time of what is there.
    public func touch(_ id: SessionID, lastSeenAt: Int64, expiresAt: Int64) async throws {
        try await desk.run("touch") { desk in
            desk.records[id]?.lastSeenAt = lastSeenAt
            desk.records[id]?.expiresAt = expiresAt
        }
    }

    /// Ids saved for a user.
    public func sessions(of userID: String) async throws -> [SessionID] {
        try await desk.run("sessions") { desk in
            desk.records.filter {
                $0.value.userID.map { $0.utf8.elementsEqual(userID.utf8) } ?? false
            }
            .map(\.key).sorted { $0.description < $1.description }
        }
    }

    /// All ids it has, without delay or fault.
    public var ids: [SessionID] {
        get async { await desk.records.keys.sorted { $0.description < $1.description } }
    }

    private actor Desk: LoopActor {
        package nonisolated let loop: EventLoop
        nonisolated var unownedExecutor: UnownedSerialExecutor {
            unsafe loop.asUnownedSerialExecutor()
        }
        private let world: World
        private let faults: Faults
        private var random: SplitMix64
        var records: [SessionID: SessionRecord] = [:]

        init(_ loop: EventLoop, _ world: World, _ faults: Faults) {
            self.loop = loop
            self.world = world
            self.faults = faults
            random = SplitMix64(world.seed &+ 4)
        }

        func run<Result: Sendable>(
            _ call: String,
            _ body: @Sendable (isolated Desk) -> Result
        ) async throws -> Result {
            // All drawn at once, so that a calmer run draws the same.
            let (draw, part) = (random.next(below: 1_000), random.next(below: 1_000))
            let isSlow = random.next(below: 1_000) < faults.slow
            guard !world.isFaultless else { return body(self) }
            if isSlow { await pause(faults.longest * part / 1_000) }
            if draw < faults.failing {
                world.note("backing: \(call) fails")
                throw Failure(call: call)
            }
            let result = body(self)
            if draw < faults.failing + faults.torn {
                world.note("backing: \(call) is done, and fails")
                throw Failure(call: call)
            }
            return result
        }

        private func pause(_ duration: Duration) async {
            await withCheckedContinuation { continuation in
                let timer = ClosureTimer { continuation.resume() }
                _ = loop.schedule(at: loop.now + duration, timer)
            }
        }
    }
}
