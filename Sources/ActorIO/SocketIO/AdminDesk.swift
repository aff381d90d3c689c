internal import Synchronization

/// What is known of admins: who is there, what they are told, and when.
///
/// It lives on the lane of the registry, so that what is told and what the registry says never
/// contradict each other. Without an admin it costs a check for each event, and in production not
/// even that.
actor AdminDesk: LaneActor {
    nonisolated let lane: Lane
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe lane.asUnownedSerialExecutor()
    }
    nonisolated let options: AdminOptions
    nonisolated let features: [AdminFeature]
    nonisolated let meter = AdminMeter()
    /// The admins' namespace.
    nonisolated let name: ByteString
    nonisolated let registry: RoomRegistry
    nonisolated let log: Log
    nonisolated let flow: AdminFlow
    /// The size that the list of sockets may have in bytes.
    nonisolated let listBytes: Int
    /// The same for the list of namespaces.
    nonisolated let spacesBytes: Int
    private nonisolated let isWatched = Atomic<Bool>(false)
    private nonisolated let places = Locked(Places())

    /// Weak, since the namespaces hold this desk.
    private struct Places: Sendable {
        weak var table: NamespaceTable?
        weak var own: Territory?
    }

    var logins: AdminLogins
    private var admins: [SocketID: EventLoop] = [:]
    private var timer: LaneTimer?
    private var startedAt: LoopTime?
    /// How often a socket has changed in what a list of all sockets says of it.
    private(set) var changes = 0

    /// `outgoing` is how many bytes may wait for one client.
    init(_ options: AdminOptions, _ registry: RoomRegistry, _ log: Log, outgoing: Int) {
        flow = AdminFlow(maxBytes: outgoing)
        listBytes = outgoing / 2
        spacesBytes = outgoing / 8
        self.options = options
        self.log = log
        lane = registry.lane
        features = AdminFeature.all(of: options)
        self.registry = registry
        name = options.fullName
        logins = AdminLogins(options)
    }

    /// Whether every socket and event is told of.
    nonisolated var tellsAll: Bool { options.mode == .development }
    /// Whether anybody is there to be told of them.
    nonisolated var isListening: Bool { isWatched.load(ordering: .relaxed) }
    nonisolated var namespaces: NamespaceTable? { places.withLock { $0.table } }
    /// Nil only before the server is made.
    nonisolated var territory: Territory? { places.withLock { $0.own } }

    nonisolated func watch(_ namespaces: NamespaceTable) {
        let own = namespaces.existing(name)?.territory
        places.withLock { places in
            places.table = namespaces
            places.own = own
        }
    }

    /// True when nobody is there and nothing is armed.
    var isAtRest: Bool { admins.isEmpty && timer == nil }

    // Coming and going

    /// The server starts.
    func opened() {
        startedAt = lane.now
        close()
    }

    func entered(_ admin: SocketID, on loop: EventLoop) {
        let isFirst = admins.isEmpty
        admins[admin] = loop
        if isFirst { open() }
        tell("server_stats", stats([]), to: admin)
    }

    func left(_ admin: SocketID) {
        admins[admin] = nil
        if admins.isEmpty { close() }
    }

    private func open() {
        isWatched.store(tellsAll, ordering: .relaxed)
        meter.count(true)
        arm()
    }

    private func close() {
        admins = [:]
        isWatched.store(false, ordering: .relaxed)
        meter.count(false)
        timer?.cancel()
        timer = nil
    }

    // Telling

    /// Sends an event to all admins, on the lane.
    func publish(_ event: EncodedEvent, to admin: SocketID? = nil) {
        guard !admins.isEmpty, let territory else { return }
        var audience = Audience(territory)
        if let admin { audience.rooms = [.socket(admin)] }
        registry.assumeIsolated { [audience] in $0.broadcast(event, audience) }
    }

    /// Sends an event to those admins that can take it at once, on the lane.
    ///
    /// It is on its way until it has been everywhere where an admin is.
    func publish(_ event: EncodedEvent, volatile passage: AdminFlow.Passage) {
        guard !admins.isEmpty, let territory else { return }
        registry.assumeIsolated { $0.broadcast(event, Audience(territory).volatile) }
        var loops: [ObjectIdentifier: EventLoop] = [:]
        for loop in admins.values where !loop.isCurrent { loops[ObjectIdentifier(loop)] = loop }
        // Behind the event, which took the same way.
        for loop in loops.values { loop.execute { withExtendedLifetime(passage) {} } }
    }

    func tell(_ name: String, _ value: some Encodable, to admin: SocketID? = nil) {
        guard let event = encode(name, { try .reply(value) }) else { return }
        publish(event, to: admin)
    }

    nonisolated func encode(
        _ name: String,
        _ arguments: () throws -> EncodedArguments
    ) -> EncodedEvent? {
        do {
            return try territory?.encode(name, arguments())
        } catch {
            log.debug("admins can not be told of an event", ["error": "\(error)"])
            return nil
        }
    }

    func noteChange() {
        changes &+= 1
    }

    // Statistics

    private func arm() {
        let interval = max(.milliseconds(100), options.statsInterval)
        timer?.cancel()
        timer = lane.schedule(at: lane.now + interval) { [lane] in
            lane.run { self.assumeIsolated { $0.tick() } }
        }
    }

    private func tick() {
        guard !admins.isEmpty else { return close() }
        tell("server_stats", stats(meter.take(at: lane.loop.unixMilliseconds)))
        arm()
    }

    private func stats(_ figures: [AdminStats.Figure]) -> AdminStats {
        let hostname = ThisProcess.hostname
        let uptime = startedAt.map { lane.now - $0 } ?? .zero
        return AdminStats(
            serverId: options.serverID ?? hostname,
            hostname: hostname,
            pid: ThisProcess.id,
            uptime: Double(uptime.nanoseconds / 1_000_000) / 1_000,
            clientsCount: meter.clientCount,
            pollingClientsCount: meter.pollingClientCount,
            aggregatedEvents: figures,
            namespaces: listedSpaces()
        )
    }

    /// The namespaces there are, by name.
    var spaces: [NamespaceRuntime] {
        (namespaces?.all ?? []).sorted { $0.name < $1.name }
    }
}
