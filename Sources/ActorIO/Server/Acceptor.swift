/// The HTTP connections of one loop, and the listeners they come from.
actor Acceptor: LoopActor, TimerTarget {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    private let makeContext:
        @Sendable (@escaping @Sendable (Connection) -> Void) -> ConnectionContext
    private var context: ConnectionContext?
    private var listeners: [Listener] = []
    private var connections: [ObjectIdentifier: Connection] = [:]
    private var emptyWaiters: [CheckedContinuation<Void, Never>] = []
    private var timer: TimerID?
    private let limit: Int
    private var isDraining = false
    /// Hands a connection that this loop accepted to another one, for addresses only one can listen
    /// on.
    private let placement: @Sendable (Acceptor) -> Acceptor

    init(
        loop: EventLoop,
        limit: Int,
        placement: @escaping @Sendable (Acceptor) -> Acceptor,
        makeContext:
            @escaping @Sendable (@escaping @Sendable (Connection) -> Void)
            -> ConnectionContext
    ) {
        self.loop = loop
        self.limit = limit
        self.placement = placement
        self.makeContext = makeContext
    }

    var count: Int { connections.count }
    private var hasRoom: Bool { connections.count < limit }

    /// Binds an address; returns the one it really got, as port 0 lets the system choose.
    func bind(_ address: SocketAddress, backlog: Int, shared: Bool) throws -> SocketAddress {
        let listener = try Listener(
            address,
            backlog: Int32(clamping: backlog),
            shared: shared,
            on: loop,
            mayAccept: { [unowned self] in self.onLoop { $0.hasRoom } }
        ) { [unowned self] stream in
            let bound = LoopBound<any ByteStream>(stream, on: self.loop)
            self.onLoop { $0.accepted(bound, isShared: shared) }
        }
        listeners.append(listener)
        return listener.address
    }

    /// Begins to accept, when all addresses are known to be ours.
    func open() {
        for listener in listeners { _ = listener.start() }
    }

    private func accepted(_ bound: LoopBound<any ByteStream>, isShared: Bool) {
        let target = isShared ? self : placement(self)
        guard target !== self else { return accept(bound) }
        let moving = LoopBound(bound.take(), on: target.loop)
        target.soon { $0.accept(moving) }
    }

    /// Serves a stream as an HTTP connection.
    func accept(_ bound: LoopBound<any ByteStream>) {
        guard !isDraining else { return bound.take().close() }
        let context =
            self.context
            ?? makeContext { [weak self] connection in
                self?.onLoop { $0.left(connection) }
            }
        self.context = context
        let connection = Connection(loop: loop, context: context)
        connections[ObjectIdentifier(connection)] = connection
        connection.onLoop { $0.start(bound) }
    }

    private func left(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        guard connections.isEmpty else { return }
        if connections.capacity > 1024 { connections = [:] }
        checkQuiet()
    }

    // Ending

    /// Lets nobody else in; in the same step the connections there are learn of it.
    func stopListening() {
        for listener in listeners { listener.close() }
        listeners = []
        for connection in connections.values { connection.onLoop { $0.announceEnd() } }
    }

    /// Lets open requests end; returns when they have, or the time is over.
    func drain(within limit: Duration) async {
        stopListening()
        isDraining = true
        for connection in connections.values { connection.onLoop { $0.drain() } }
        guard !connections.isEmpty || loop.runningTasks > 0 else { return }
        timer = loop.schedule(at: loop.now + limit, self)
        await withCheckedContinuation { continuation in
            emptyWaiters.append(continuation)
            checkQuiet()
        }
    }

    /// Handlers of sockets are waited for as well, the last ones of those that just ended too.
    private func checkQuiet() {
        guard !emptyWaiters.isEmpty, connections.isEmpty else { return }
        guard loop.runningTasks == 0 else {
            return loop.whenTasksEnd { [self] in onLoop { $0.checkQuiet() } }
        }
        resumeWaiters()
    }

    nonisolated func timerFired() {
        onLoop { $0.cut() }
    }

    /// Closes what is still open.
    func cut() {
        stopListening()
        isDraining = true
        for connection in connections.values { connection.onLoop { $0.close() } }
        resumeWaiters()
    }

    private func resumeWaiters() {
        if let timer { loop.cancel(timer) }
        timer = nil
        for waiter in exchange(&emptyWaiters, with: []) { waiter.resume() }
    }
}
