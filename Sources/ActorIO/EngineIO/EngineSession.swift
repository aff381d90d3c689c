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
    /// Milliseconds since 1970.
    nonisolated let openedAt: Int64
    /// The protocol that its client speaks.
    nonisolated let version: EngineVersion
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    var state = State.open
    var transport = EngineTransport.polling
    /// Whether the receiver knows that an old client is there; see `welcome`.
    var isWelcomed = false
    /// Its login session has ended.
    var isLoginOver = false
    var receiver: (any EngineReceiver)?
    var webSocket: WebSocket?
    var polling = Polling()
    var probing: Probing?
    var heartbeat: Heartbeat
    /// All deadlines of the session share one entry in the loop's timers.
    private var timer: TimerID?
    private var armedFor = LoopTime.distantFuture
    private(set) var receiverDeadline: LoopTime?
    private var isTurnEndDue = false
    private var pauses = 0

    init(
        id: EngineID,
        loop: EventLoop,
        shared: EngineShared,
        request: Request,
        member: HandshakeMember?,
        version: EngineVersion = .v4
    ) {
        self.id = id
        self.loop = loop
        self.shared = shared
        self.request = request
        self.member = member
        openedAt = loop.unixMilliseconds
        self.version = version
        heartbeat = Heartbeat(
            interval: shared.options.pingInterval,
            timeout: shared.options.pingTimeout,
            openedAt: loop.now,
            peerPings: version.isOld
        )
    }

    var options: EngineOptions { shared.options }

    /// Starts the heartbeat and tells those above.
    func start() {
        report(.opened)
        receiver = shared.makeReceiver(self)
        arm()
    }

    // Sending

    /// The way in for everything that sockets send.
    static let sending = loopEntry { (session: isolated EngineSession, message: Outgoing) in
        session.send(message.group, volatile: message.isVolatile)
    }

    struct Outgoing: Sendable {
        let group: MessageGroup
        let isVolatile: Bool
    }

    /// Sends a message; a volatile one only when the client can take it right now.
    func send(_ group: MessageGroup, volatile: Bool = false) {
        guard state == .open else { return }
        if let webSocket {
            if shared.onEvent != nil { report(sending: group, volatile: volatile) }
            WebSocket.sending(webSocket, group.ready(for: version, isVolatile: volatile))
        } else {
            if volatile, !pollTakesVolatile(group) { return }
            polling.outbox.append(group)
            checkBudget(behind: group.byteCount)
            guard state == .open else { return }
            if shared.onEvent != nil { report(sending: group, volatile: false) }
            scheduleFlush()
        }
    }

    /// Whether a poll is there, and half of what may wait is left to what may not be dropped.
    func pollTakesVolatile(_ group: MessageGroup) -> Bool {
        let box = polling.outbox
        guard polling.parked != nil, box.count > 0 else { return polling.parked != nil }
        return box.count < options.outgoingPackets / 2
            && box.bytes + group.byteCount <= options.outgoingBytes / 2
    }

    func send(_ packet: EnginePacket) {
        if let webSocket {
            report(.sent(packet.kind, bytes: packet.size))
            webSocket.onLoop { $0.send(text: packet.text) }
        } else {
            queue(packet)
            scheduleFlush()
        }
    }

    /// Packets are not counted while a poll is there: it takes whatever one turn brings, as the
    /// kernel does for a WebSocket.
    private func checkBudget(behind size: Int) {
        let box = polling.outbox
        let isCrowded = box.count > options.outgoingPackets && !polling.isPollOpen
        // The last message may be as large as it is: otherwise it could never be sent.
        if isCrowded || box.bytes - size > options.outgoingBytes { closeOverBudget() }
    }

    /// Whether what waits for polls leaves room for the answers to what is read.
    var hasRoom: Bool {
        let box = polling.outbox
        return box.bytes <= options.outgoingBytes / 2
            && box.count <= options.outgoingPackets - options.outgoingPackets / 4
    }

    /// Once over, nothing more may be sent: the stream of messages would have a hole.
    func closeOverBudget() {
        shared.log.notice(
            "a client does not take what is sent to it",
            ["address": request.remoteAddress]
        )
        polling.outbox.removeAll()
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
        if shared.onEvent != nil { report(received: packet) }
        switch packet {
        case .message(let text): receiver?.received(text: text, in: self)
        case .binary(let bytes): receiver?.received(binary: bytes, in: self)
        case .ping, .pong, .clientPing: heard(packet)
        case .close: closeByClient()
        case .open, .upgrade, .noop: break
        }
    }

    private func closeByClient() {
        polling.outbox.removeAll()
        guard webSocket == nil else { return close(.transportClose) }
        if polling.parked != nil {
            queue(.noop)
            answerPoll()
        } else if polling.isPollArriving || loop.hasSiblings {
            return waitForLastPoll()
        }
        close(.transportClose)
    }

    /// Stops or resumes reading: those above have too much to do.
    func pause(_ isBehind: Bool) {
        pauses += isBehind ? 1 : -1
        let mayRead = self.mayRead
        webSocket?.onLoop { $0.setPaused(!mayRead) }
        resumePosts()
    }

    func resumePosts() {
        if mayRead, hasRoom { polling.resumePosts() }
    }

    /// Whether every socket of the connection keeps up.
    var mayRead: Bool { pauses <= 0 }

    // Time

    nonisolated func timerFired() {
        onLoop { $0.deadlineCame() }
    }

    private func deadlineCame() {
        timer = nil
        armedFor = .distantFuture
        let now = loop.now
        if state == .open, heartbeat.nextDeadline <= now { beat(now) }
        if let deadline = receiverDeadline, deadline <= now {
            receiverDeadline = nil
            receiver?.timerFired(in: self)
        }
        if let deadline = probing?.deadline, deadline <= now { abandonProbe() }
        if let deadline = polling.farewellDeadline, deadline <= now { finish(.forcedClose) }
        if state != .closed { arm() }
    }

    private func beat(_ now: LoopTime) {
        switch heartbeat.fired(at: now) {
        case .none: break
        case .ping: send(.ping(probe: false))
        // Its pong may lie unread because we do not read: only the silence after that counts.
        case .timeout where !mayRead: heartbeat.postpone(at: now)
        case .timeout: close(.pingTimeout)
        }
    }

    /// Arms the earliest deadline; one that has moved away is found out when the old one comes.
    func arm() {
        var next = polling.farewellDeadline ?? .distantFuture
        if state == .open { next = min(next, heartbeat.nextDeadline) }
        if let receiverDeadline { next = min(next, receiverDeadline) }
        if let probing { next = min(next, probing.deadline) }
        guard next < armedFor else { return }
        if let timer { loop.cancel(timer) }
        armedFor = next
        timer = loop.schedule(at: next, self)
    }

    /// One deadline for those above, which have no actor of their own.
    func armReceiverTimer(_ duration: Duration) {
        receiverDeadline = loop.now + duration
        arm()
    }

    /// Sets that deadline, or takes it away.
    func armReceiverTimer(until deadline: LoopTime?) {
        receiverDeadline = deadline
        arm()
    }

    // Closing: see EngineSession+Closing.swift

    func stopTimers() {
        receiverDeadline = nil
        if let timer { loop.cancel(timer) }
        timer = nil
        armedFor = .distantFuture
    }
}
