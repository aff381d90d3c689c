/// What all handles of one Socket.IO server share.
package final class SocketIOCore: Sendable {
    let plan: FrozenPlan
    let engine: EngineShared
    private let handshake: [Middleware]
    let everyRequest: [Middleware]
    private let connect: [Middleware]

    init(
        _ root: Namespace,
        handshake: [Middleware],
        everyRequest: [Middleware],
        connect: [Middleware],
        options: SocketIO.Options
    ) {
        self.handshake = handshake
        self.everyRequest = everyRequest
        self.connect = connect
        let plan = FrozenPlan(root, options, connect)
        self.plan = plan
        let registry = plan.registry
        engine = EngineShared(
            options: plan.desk?.watching(options.engine) ?? options.engine,
            log: options.log,
            makeReceiver: { session in Client(plan, in: session) },
            onRemoved: { session in session.member.map(registry.forget) }
        )
    }

    var options: SocketIO.Options { plan.options }
    var registry: RoomRegistry { plan.registry }

    /// The HTTP door: everything below the path.
    func handler() -> Handler {
        let registry = plan.registry
        let doors = HandshakeDoors(
            members: registry,
            admit: { session in await within(registry) { $0.admit(session) } },
            forget: { registry.forget($0) }
        )
        return EngineHandler(
            shared: engine,
            doors: doors,
            handshake: handshake,
            everyRequest: everyRequest,
            asksLater: plan.connect != nil,
            allowedOrigins: options.allowedOrigins
        ).handler()
    }

    /// The executors that a starting server pins.
    package var lanes: [Lane] {
        [registry.lane, engine.server.lane] + (handshake + everyRequest + connect).flatMap(\.lanes)
    }

    /// Whether nothing is kept of any client, for the test kit.
    package var isEmpty: Bool {
        get async {
            let clients = await engine.server.count
            return await registry.isEmpty && clients == 0
        }
    }

    /// Who is in a room, for simulations: without waiting, from outside of all loops.
    package func presenceNow(of room: Room) -> Presence {
        registry.lane.loop.inspect {
            registry.assumeIsolated { $0.presence(of: room) }
        }
    }

    /// What the clients of the test kit have to speak.
    package var parser: (any CustomParser)? { options.parser }

    /// Tells the test kit of every socket that is disconnected.
    package func watchDisconnects(
        _ watch: (@Sendable (SocketID, DisconnectReason) -> Void)?
    ) {
        plan.watch.set(watch)
    }
}

/// The namespaces of a server, frozen, with the registry of their sockets.
final class FrozenPlan: Sendable {
    let options: SocketIO.Options
    let registry: RoomRegistry
    let namespaces: NamespaceTable
    let root: NamespaceHandle
    let limits: PacketLimits
    /// How packets leave, and whether something else than the text's parser reads them.
    let format: PacketFormat
    let watch = DisconnectWatch()
    /// What is told to admins; nil for a server without.
    let desk: AdminDesk?
    /// Who clients are, asked at every CONNECT; nil when the handshake alone says that.
    let connect: ConnectChain?

    init(_ plan: Namespace, _ options: SocketIO.Options, _ connect: [Middleware]) {
        self.options = options
        format = PacketFormat(options.parser)
        let registry = RoomRegistry(
            roomLimit: max(1, options.maxRooms),
            attachmentLimit: max(0, options.maxAttachments),
            recovery: options.recovery?.limits(options.engine),
            presence: PresenceWatch.Limits(
                grace: options.presenceGrace,
                buffer: max(1, options.presenceBuffer)
            ),
            log: options.log
        )
        self.registry = registry
        self.connect = ConnectChain(connect, options, registry)
        let bytes = options.engine.bounded().outgoingBytes
        let desk = options.admin.map { AdminDesk($0, registry, options.log, outgoing: bytes) }
        self.desk = desk
        let shared = NamespaceShared(
            options: options,
            registry: registry,
            watch: watch,
            desk: desk?.tellsAll == true ? desk : nil
        )
        let plan = desk?.adding(to: plan) ?? plan
        namespaces = NamespaceTable(plan, shared)
        desk?.watch(namespaces)
        root = NamespaceHandle(
            namespaces.existing(ByteString("/")) ?? NamespaceRuntime(plan, shared)
        )
        var limits = PacketLimits()
        limits.maxAttachments = max(0, options.maxAttachments)
        limits.maxElements = max(1, options.maxElements)
        limits.maxDepth = max(1, options.maxDepth)
        self.limits = limits
    }

    /// Asks the store once more: whoever read "alive" here had entered the session's room before.
    func checkLogin(_ session: EngineSession) async throws {
        guard session.member != nil else { return }
        guard try await session.request.isSessionAlive() else {
            throw HTTPError.sessionEnded
        }
    }
}

/// Who is told of disconnected sockets beside their handlers: the test kit.
final class DisconnectWatch: Sendable {
    private let watcher = Locked<(@Sendable (SocketID, DisconnectReason) -> Void)?>(nil)

    func set(_ watch: (@Sendable (SocketID, DisconnectReason) -> Void)?) {
        watcher.withLock { $0 = watch }
    }

    func disconnected(_ id: SocketID, _ reason: DisconnectReason) {
        watcher.withLock { $0 }?(id, reason)
    }
}
