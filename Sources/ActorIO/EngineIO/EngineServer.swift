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

    /// What becomes of a session that is to be added.
    enum Addition {
        case done
        /// The server is closing or full: no session may begin now.
        case noRoom
        /// Another session has this id.
        case taken
    }

    func add(_ session: EngineSession) -> Addition {
        guard !isClosed, sessions.count < limit else { return .noRoom }
        guard sessions[session.id] == nil else { return .taken }
        sessions[session.id] = session
        return .done
    }

    nonisolated func removed(_ session: EngineSession) {
        lane.run { self.onLane { $0.remove(session) } }
    }

    private func remove(_ session: EngineSession) {
        // An app may have given the id to another session since.
        guard sessions[session.id] === session else { return }
        sessions[session.id] = nil
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
    let onEvent: (@Sendable (EngineEvent, EngineConnection) -> Void)?
    /// The message that follows the handshake, its type included; empty for none.
    let initialMessage: [UInt8]
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
        onEvent = options.onEvent
        initialMessage = Self.initialMessage(options)
        server = EngineServer(limit: options.maxSessions)
        pollingRest = Self.rest(options, .polling)
        webSocketRest = Self.rest(options, .webSocket)
        self.log = log
        self.makeReceiver = makeReceiver
    }

    func removed(_ session: EngineSession) {
        server.removed(session)
        onRemoved(session)
    }

    /// The handshake's five members, which is all that clients and their test suites accept.
    func handshakeJSON(_ id: EngineID, on transport: EngineTransport) -> [UInt8] {
        let rest = transport == .polling ? pollingRest : webSocketRest
        var json: [UInt8] = []
        json.reserveCapacity(32 + rest.count)
        json.append("{\"sid\":")
        id.append(toJSON: &json)
        json.append(contentsOf: rest)
        return json
    }

    /// What follows the id, which is the same for all.
    private static func rest(_ options: EngineOptions, _ transport: EngineTransport) -> [UInt8] {
        let upgrades = options.upgrades(from: transport).map { "\"\($0.rawValue)\"" }
        let json =
            ",\"upgrades\":[\(upgrades.joined(separator: ","))],"
            + "\"pingInterval\":\(milliseconds(options.pingInterval)),"
            + "\"pingTimeout\":\(milliseconds(options.pingTimeout)),"
            + "\"maxPayload\":\(options.maxPayload)}"
        return Array(json.utf8)
    }

    /// The id a client names; only an app that makes its own can have given out any other.
    func id(named text: String) -> EngineID? {
        options.makeID == nil ? EngineID(text) : EngineID(custom: text)
    }

    private static func initialMessage(_ options: EngineOptions) -> [UInt8] {
        guard let text = options.initialMessage else { return [] }
        guard !text.utf8.contains(PayloadParser.separator) else { return [] }
        return Array("4".utf8) + Array(text.utf8)
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
