/// An HTTP server with the routes of an app and the sockets of a Socket.IO server, on one port.
///
/// ```swift
/// let server = Server(app, io, port: 3000)
/// try await server.run(until: .signals(.terminate, .interrupt))
/// ```
/// `run` serves in the caller's task: cancelling that stops the server.
public final class Server: Sendable {
    private let app: App
    private let io: SocketIO?
    private let addresses: [SocketAddress]
    private let isFallbackAllowed: Bool
    private let options: Options
    private let state = Locked(ServerState())

    /// Makes a server for a port; 0 lets the system choose one.
    ///
    /// A host is an IP address or `localhost`; names are not looked up. Without one the server
    /// listens on all addresses of both families.
    public init(
        _ app: App = App(),
        _ io: SocketIO? = nil,
        port: Int = 3000,
        host: String? = nil,
        options: Options = Options()
    ) {
        self.app = app
        self.io = io
        self.options = options
        isFallbackAllowed = host == nil
        addresses = [host.map { SocketAddress(host: $0, port: port) } ?? .ipv6("::", port: port)]
    }

    /// Makes a server for several addresses, unix sockets among them.
    public init(
        _ app: App = App(),
        _ io: SocketIO? = nil,
        on addresses: [SocketAddress],
        options: Options = Options()
    ) {
        self.app = app
        self.io = io
        self.options = options
        self.addresses = addresses
        isFallbackAllowed = false
    }

    /// Where the server listens, as soon as it does; throws when it could not, or has stopped.
    public var address: SocketAddress {
        get async throws { try await addressList.first ?? .ipv4("127.0.0.1", port: 0) }
    }

    private var addressList: [SocketAddress] {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { $0.waitForAddresses(continuation) }
            }
        }
    }

    // Running

    /// Serves until `shutdown`, `beginShutdown` or the cancellation of this task; throws when an
    /// address can not be had.
    public func run() async throws {
        try state.withLock { try $0.begin() }
        let group = EventLoopGroup(count: max(1, options.loops))
        do {
            try await begin(on: group, listens: true)
        } catch {
            await stop()
            await group.stop()
            state.withLock { $0.finish(.failure(error)) }
            throw error
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { $0.waitForStop(continuation) }
            }
        } onCancel: {
            beginShutdown()
        }
        await stop()
        await group.stop()
        state.withLock { $0.finish(.success(())) }
    }

    /// Asks a running server to stop, and returns at once; may be called from anywhere and
    /// repeatedly.
    public func beginShutdown() {
        state.withLock { $0.beginStop() }
    }

    /// Stops: no new connections, open requests end, sockets are told, and what is still open when
    /// the time is over is cut.
    ///
    /// Returns when the server has stopped.
    public func shutdown(within limit: Duration? = nil) async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if let limit { state.limit = limit }
                state.beginStop()
                state.waitForEnd(continuation)
            }
        }
    }

    // Steps, which the test kit takes one by one

    package func start(on group: EventLoopGroup, listens: Bool) async throws {
        try state.withLock { try $0.begin() }
        try await begin(on: group, listens: listens)
    }

    private func begin(on group: EventLoopGroup, listens: Bool) async throws {
        for lane in lanes { lane.bind(to: group.first) }
        await io?.core.reopen()
        let acceptors = makeAcceptors(group)
        state.withLock { $0.acceptors = acceptors }
        var bound: [SocketAddress] = []
        if listens {
            for address in addresses { bound.append(try await listen(address, acceptors)) }
            for acceptor in acceptors { await acceptor.open() }
        }
        state.withLock { $0.started(bound) }
    }

    /// The executors of the stores and registries that the server pins.
    package var lanes: [Lane] { app.lanes + (io?.core.lanes ?? []) }

    private func makeAcceptors(_ group: EventLoopGroup) -> [Acceptor] {
        let handler = Mount(app: app, io: io).handler()
        var limits = options.limits
        if let engine = io?.core.options.engine {
            limits.maxBody = max(limits.maxBody, engine.bounded().maxPayload)
        }
        let bodyLimits = limits
        let share = max(1, options.maxConnections / group.loops.count)
        return group.loops.map { loop in
            Acceptor(
                loop: loop,
                limit: share,
                placement: { [weak self] acceptor in self?.nextAcceptor ?? acceptor },
                makeContext: { [options] left in
                    ConnectionContext(
                        handler: handler,
                        limits: bodyLimits,
                        deadlines: options.deadlines,
                        trustedProxies: options.trustedProxies,
                        log: options.log,
                        left: left
                    )
                }
            )
        }
    }

    private var nextAcceptor: Acceptor? { state.withLock { $0.nextAcceptor() } }

    /// Every loop listens on its own share of a port; a unix socket has one listener, which deals
    /// out.
    private func listen(
        _ address: SocketAddress,
        _ acceptors: [Acceptor]
    ) async throws -> SocketAddress {
        if case .unix = address {
            return try await acceptors[0].bind(address, backlog: options.backlog, shared: false)
        }
        var bound: SocketAddress
        do {
            try Listener.checkIsFree(address)
            bound = try await acceptors[0].bind(address, backlog: options.backlog, shared: true)
        } catch let error as SystemError where isFallbackAllowed && error.isOfMissingFamily {
            // A machine without IPv6.
            let plain = SocketAddress.ipv4("0.0.0.0", port: address.port)
            try Listener.checkIsFree(plain)
            bound = try await acceptors[0].bind(plain, backlog: options.backlog, shared: true)
        }
        for acceptor in acceptors.dropFirst() {
            bound = try await acceptor.bind(bound, backlog: options.backlog, shared: true)
        }
        return bound
    }

    /// Serves a stream that no listener brought.
    package func accept(_ stream: LoopBound<any ByteStream>) {
        guard let acceptor = nextAcceptor else { return }
        acceptor.soon { $0.accept(stream) }
    }

    /// Serves a stream that is made on the loop which is to have it.
    package func accept(
        _ make: @escaping @Sendable (EventLoop) -> LoopBound<any ByteStream>
    ) {
        guard let acceptor = nextAcceptor else { return }
        acceptor.soon { $0.accept(make(acceptor.loop)) }
    }

    /// HTTP connections that are open.
    package var connectionCount: Int {
        get async {
            var count = 0
            for acceptor in state.withLock({ $0.acceptors }) { count += await acceptor.count }
            return count
        }
    }

    /// Stops what `start` started; the loops go on.
    package func stop() async {
        let (acceptors, limit) = state.withLock { ($0.acceptors, $0.limit) }
        for acceptor in acceptors { await acceptor.stopListening() }
        await io?.core.close()
        await withDiscardingTaskGroup { group in
            for acceptor in acceptors {
                group.addTask {
                    await acceptor.drain(within: limit ?? self.options.shutdownTimeout)
                }
            }
        }
        for acceptor in acceptors { await acceptor.cut() }
        await io?.core.end()
    }
}
