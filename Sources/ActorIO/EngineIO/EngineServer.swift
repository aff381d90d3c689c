/// All sessions of Engine.IO on this node, by their ids.
actor EngineServer: LaneActor {
    nonisolated let lane = Lane()
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe lane.asUnownedSerialExecutor()
    }

    private var sessions: [EngineID: EngineSession] = [:]
    private var isClosed = false

    /// How many clients there are, with or without a namespace.
    var count: Int { sessions.count }
    var all: [EngineSession] { Array(sessions.values) }

    func session(_ id: EngineID) -> EngineSession? { sessions[id] }

    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// False when the server is closing or full: no session may begin now.
    func add(_ session: EngineSession) -> Bool {
        guard !isClosed, sessions.count < limit else { return false }
        sessions[session.id] = session
        return true
    }

    nonisolated func removed(_ id: EngineID) {
        lane.run { self.assumeIsolated { $0.remove(id) } }
    }

    private func remove(_ id: EngineID) {
        sessions[id] = nil
        if sessions.isEmpty, sessions.capacity > 1024 { sessions = [:] }
    }

    func reopen() {
        isClosed = false
    }

    /// Ends every session, and lets none begin.
    func close() async {
        isClosed = true
        for session in all { await session.close(.serverShuttingDown) }
    }

    /// What could not be said until now is said no more.
    func end() async {
        for session in all { await session.finish(.serverShuttingDown) }
    }
}

/// What the sessions of one server share.
final class EngineShared: Sendable {
    let options: EngineOptions
    let log: Log
    let server: EngineServer
    private let pollingRest: [UInt8]
    private let webSocketRest: [UInt8]
    /// DOOR to the room above: makes what gets a session's messages.
    let makeReceiver: @Sendable (isolated EngineSession) -> any EngineReceiver

    private let onRemoved: @Sendable (EngineSession) -> Void

    init(
        options: EngineOptions,
        log: Log,
        makeReceiver: @escaping @Sendable (isolated EngineSession) -> any EngineReceiver,
        onRemoved: @escaping @Sendable (EngineSession) -> Void
    ) {
        self.onRemoved = onRemoved
        let options = options.bounded()
        self.options = options
        server = EngineServer(limit: options.maxSessions)
        pollingRest = Self.rest(options, .polling)
        webSocketRest = Self.rest(options, .webSocket)
        self.log = log
        self.makeReceiver = makeReceiver
    }

    func removed(_ session: EngineSession) {
        server.removed(session.id)
        onRemoved(session)
    }

    /// The handshake's five members, which is all that clients and their test suites accept.
    func handshakeJSON(_ id: EngineID, on transport: EngineTransport) -> [UInt8] {
        let rest = transport == .polling ? pollingRest : webSocketRest
        var json: [UInt8] = []
        json.reserveCapacity(32 + rest.count)
        json.append("{\"sid\":\"")
        json.append(id.description)
        json.append(contentsOf: rest)
        return json
    }

    /// What follows the id, which is the same for all.
    private static func rest(_ options: EngineOptions, _ transport: EngineTransport) -> [UInt8] {
        let upgrades = options.upgrades(from: transport).map { "\"\($0.rawValue)\"" }
        let json =
            "\",\"upgrades\":[\(upgrades.joined(separator: ","))],"
            + "\"pingInterval\":\(milliseconds(options.pingInterval)),"
            + "\"pingTimeout\":\(milliseconds(options.pingTimeout)),"
            + "\"maxPayload\":\(options.maxPayload)}"
        return Array(json.utf8)
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        duration.nanoseconds / 1_000_000
    }
}

extension Response {
    /// A refusal that every client of Engine.IO can read.
    init(_ error: EngineError) {
        self = .bytes(error.json, type: MediaType.json, status: error.status)
    }
}
