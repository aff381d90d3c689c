internal import Synchronization

/// What all handles of one Socket.IO server share.
package final class SocketIOCore: Sendable {
    let options: SocketIO.Options
    let registry: RoomRegistry
    let engine: EngineShared
    let namespaces: [ByteString: NamespaceRuntime]
    let root: NamespaceHandle
    private let handshake: [Middleware]
    private let everyRequest: [Middleware]
    private let home: CoreReference

    init(
        _ plan: Namespace,
        handshake: [Middleware],
        everyRequest: [Middleware],
        options: SocketIO.Options
    ) {
        self.options = options
        self.handshake = handshake
        self.everyRequest = everyRequest
        let registry = RoomRegistry(roomLimit: max(1, options.maxRooms), log: options.log)
        self.registry = registry
        let home = CoreReference()
        self.home = home
        var all: [ByteString: NamespaceRuntime] = [:]
        Self.freeze(plan, registry, options, home, &all)
        namespaces = all
        let runtime = NamespaceRuntime(plan, registry, options, home)
        root = NamespaceHandle(all[ByteString(plan.name)] ?? runtime)
        engine = EngineShared(
            options: options.engine,
            log: options.log,
            makeReceiver: { session in
                guard let core = home.core else { return ClosedReceiver() }
                return Client(core, in: session)
            },
            onRemoved: { session in session.member.map(registry.forget) }
        )
        home.set(self)
    }

    private static func freeze(
        _ plan: Namespace,
        _ registry: RoomRegistry,
        _ options: SocketIO.Options,
        _ home: CoreReference,
        _ all: inout [ByteString: NamespaceRuntime]
    ) {
        all[ByteString(plan.name)] = NamespaceRuntime(plan, registry, options, home)
        for child in plan.children { freeze(child, registry, options, home, &all) }
    }

    var packetLimits: PacketParser.Limits {
        var limits = PacketParser.Limits()
        limits.maxAttachments = max(0, options.maxAttachments)
        return limits
    }

    /// The HTTP door: everything below the path.
    func handler() -> Handler {
        let doors = HandshakeDoors(
            members: registry,
            admit: { [registry] in await registry.admit($0) },
            forget: { [registry] in registry.forget($0) }
        )
        return EngineHandler(
            shared: engine,
            doors: doors,
            handshake: handshake,
            everyRequest: everyRequest,
            allowedOrigins: options.allowedOrigins
        ).handler()
    }

    /// The executors that a starting server pins.
    package var lanes: [Lane] {
        [registry.lane, engine.server.lane] + (handshake + everyRequest).flatMap(\.lanes)
    }

    /// Asks the store once more: whoever read "alive" here had entered the session's room before.
    func checkLogin(_ session: EngineSession) async throws {
        guard session.member != nil else { return }
        guard try await session.request.isSessionAlive() else {
            throw HTTPError(.unauthorized, "the session has ended")
        }
    }

    // For the test kit

    private let watcher = Mutex<(@Sendable (SocketID, DisconnectReason) -> Void)?>(nil)

    package func watchDisconnects(
        _ watch: (@Sendable (SocketID, DisconnectReason) -> Void)?
    ) {
        watcher.withLock { $0 = watch }
    }

    func disconnected(_ id: SocketID, _ reason: DisconnectReason) {
        watcher.withLock { $0 }?(id, reason)
    }
}

/// Lets namespaces and sessions find the core that was made with them, without keeping it alive.
final class CoreReference: Sendable {
    private struct Box: Sendable {
        weak var core: SocketIOCore?
    }
    private let box = Mutex(Box())

    var core: SocketIOCore? { box.withLock { $0.core } }
    func set(_ core: SocketIOCore) { box.withLock { $0.core = core } }
}

/// Gets the messages of a server that no longer exists.
private final class ClosedReceiver: EngineReceiver {
    func received(text: [UInt8], in session: isolated EngineSession) { session.close(.forcedClose) }
    func received(binary: [UInt8], in session: isolated EngineSession) {
        session.close(.forcedClose)
    }
    func timerFired(in session: isolated EngineSession) {}
    func farewells(in session: isolated EngineSession) -> [MessageGroup] { [] }
    func closed(_ reason: EngineCloseReason, in session: isolated EngineSession) {}
}
