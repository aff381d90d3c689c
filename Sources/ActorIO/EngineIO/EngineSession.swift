/// One client of Engine.IO, over whatever transport it uses at the moment.
///
/// ```
/// open ──► closing (polling only: the farewell waits for a poll) ──► closed
///   └────────────────────────────────────────────────────────────────►
/// ```
/// At rest it is this actor, its WebSocket and one entry in the loop's timers; a parked poll is a
/// `Responder`, not a task.
actor EngineSession: LoopActor, TimerTarget, TurnTarget {
    enum State {
        case open
        case closing
        case closed
    }

    nonisolated let id: EngineID
    nonisolated let loop: EventLoop
    nonisolated let shared: EngineShared
    /// The handshake's request, with whatever the handshake chain put on it.
    nonisolated let request: Request
    /// This connection in the rooms `session:` and `user:`; nil when it is in neither.
    nonisolated let member: HandshakeMember?
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    var state = State.open
    var receiver: (any EngineReceiver)?
    var webSocket: WebSocket?
    var polling = Polling()
    var probing: Probing?
    var heartbeat: Heartbeat
    private var heartbeatTimer: TimerID?
    private var receiverTimer: TimerID?
    private var isTurnEndDue = false
    private var pauses = 0

    init(
        id: EngineID,
        loop: EventLoop,
        shared: EngineShared,
        request: Request,
        member: HandshakeMember?
    ) {
        self.id = id
        self.loop = loop
        self.shared = shared
        self.request = request
        self.member = member
        heartbeat = Heartbeat(
            interval: shared.options.pingInterval,
            timeout: shared.options.pingTimeout,
            openedAt: loop.now
        )
    }

    var options: EngineOptions { shared.options }
    var transport: EngineTransport { webSocket == nil ? .polling : .webSocket }

    /// Starts the heartbeat and tells those above.
    func start() {
        heartbeatTimer = loop.schedule(at: heartbeat.nextDeadline, self)
        receiver = shared.makeReceiver(self)
    }

    // Sending

    /// Sends a message; a volatile one only when the client can take it right now.
    func send(_ group: MessageGroup, volatile: Bool = false) {
        guard state == .open else { return }
        if let webSocket {
            webSocket.onLoop { socket in
                if volatile, !socket.isWritable { return }
                socket.send(group.storage, from: group.start)
            }
            checkBudget(webSocket)
        } else {
            if volatile, polling.parked == nil { return }
            polling.outbox.append(group)
            checkBudget()
            scheduleFlush()
        }
    }

    func send(_ packet: EnginePacket) {
        if let webSocket {
            webSocket.onLoop { $0.send(text: packet.text) }
        } else {
            polling.outbox.append(packet)
            scheduleFlush()
        }
    }

    /// Over budget only when the kernel does not take it either: a burst within one turn is no crime.
    private func checkBudget(_ webSocket: WebSocket) {
        let (bytes, packets) = (options.outgoingBytes, options.outgoingPackets)
        let isOver = webSocket.onLoop { socket in
            guard socket.queuedBytes > bytes || socket.queuedChunks > packets else { return false }
            socket.flush()
            return socket.queuedBytes > bytes
                || (socket.queuedChunks > packets && !socket.isWritable)
        }
        if isOver { closeOverBudget() }
    }

    private func checkBudget() {
        let box = polling.outbox
        guard box.bytes > options.outgoingBytes || box.count > options.outgoingPackets else {
            return
        }
        closeOverBudget()
    }

    /// Once over, nothing more may be sent: the stream of messages would have a hole.
    private func closeOverBudget() {
        shared.log.notice("a client does not take what is sent to it", ["sid": "\(id)"])
        polling.outbox.removeAll()
        webSocket?.onLoop { $0.cut() }
        finish(.overBudget)
    }

    func scheduleFlush() {
        guard !isTurnEndDue, polling.parked != nil else { return }
        isTurnEndDue = true
        loop.atTurnEnd(self)
    }

    nonisolated func turnEnded() {
        onLoop { session in
            session.isTurnEndDue = false
            session.answerPoll()
        }
    }

    // Receiving

    func handle(_ packet: EnginePacket) {
        guard state == .open else { return }
        switch packet {
        case .message(let text): receiver?.received(text: text, in: self)
        case .binary(let bytes): receiver?.received(binary: bytes, in: self)
        case .pong(probe: false): heartbeat.pong(at: loop.now)
        case .ping: close(.transportError("invalid heartbeat direction"))
        case .close: closeByClient()
        case .open, .upgrade, .noop, .pong: break
        }
    }

    private func closeByClient() {
        polling.outbox.removeAll()
        if polling.parked != nil {
            polling.outbox.append(.noop)
            answerPoll()
        }
        close(.transportClose)
    }

    /// Stops or resumes reading: those above have too much to do.
    func pause(_ isBehind: Bool) {
        pauses += isBehind ? 1 : -1
        let mayRead = self.mayRead
        webSocket?.onLoop { $0.setPaused(!mayRead) }
        if mayRead { polling.resumePosts() }
    }

    /// Whether every socket of the connection keeps up.
    var mayRead: Bool { pauses <= 0 }

    // Time

    nonisolated func timerFired() {
        onLoop { $0.beat() }
    }

    private func beat() {
        heartbeatTimer = nil
        switch heartbeat.fired(at: loop.now) {
        case .none: break
        case .ping: send(.ping(probe: false))
        case .timeout: return close(.pingTimeout)
        }
        guard state == .open else { return }
        heartbeatTimer = loop.schedule(at: heartbeat.nextDeadline, self)
    }

    /// One deadline for those above, which have no actor of their own.
    func armReceiverTimer(_ duration: Duration) {
        disarmReceiverTimer()
        let timer = ClosureTimer { [weak self] in
            self?.onLoop { session in
                session.receiverTimer = nil
                session.receiver?.timerFired(in: session)
            }
        }
        receiverTimer = loop.schedule(at: loop.now + duration, timer)
    }

    func disarmReceiverTimer() {
        if let receiverTimer { loop.cancel(receiverTimer) }
        receiverTimer = nil
    }

    // Closing: see EngineSession+Closing.swift

    func stopTimers() {
        disarmReceiverTimer()
        if let heartbeatTimer { loop.cancel(heartbeatTimer) }
        heartbeatTimer = nil
    }
}
