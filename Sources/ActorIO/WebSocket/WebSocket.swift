/// Whoever a WebSocket's messages are for; told on the socket's loop.
protocol WebSocketReceiver: AnyObject, Sendable {
    func webSocket(_ socket: WebSocket, received message: [UInt8], isText: Bool)
    /// Nothing more will come; told once, also when the receiver closed it itself.
    func webSocket(_ socket: WebSocket, ended end: WebSocketEnd)
    /// Everything queued is in the kernel's hands; only a socket that `reportsDrain` tells it.
    func webSocketDrained(_ socket: WebSocket)
}

extension WebSocketReceiver {
    func webSocketDrained(_ socket: WebSocket) {}
}

/// How a WebSocket ended.
enum WebSocketEnd: Sendable, Equatable {
    /// A close frame came, or the peer closed the connection.
    case closed
    /// The peer broke the protocol or a limit, or the connection failed.
    case failed(String)
    /// We closed it.
    case left
    /// The peer does not take what it is sent: more waited for it than it may have.
    case overBudget
}

/// Frames that are ready to be written, `storage[start...]`.
struct ReadyFrames: Sendable {
    let storage: [UInt8]
    let start: Int
    /// Whether they may be dropped when the peer can not take them at once.
    var isVolatile = false
}

/// How much may wait for a peer that is slow to take it.
struct WriteBudget: Sendable {
    var bytes = Int.max
    var chunks = Int.max
}

/// One upgraded connection speaking WebSocket (RFC 6455): frames in, frames out, the closing
/// handshake.
actor WebSocket: LoopActor, StreamOwner, TimerTarget, TurnTarget {
    private enum State {
        case open
        /// Our close frame is sent, or about to be: nothing else may follow it.
        case closing
        case closed
    }

    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    private var stream: (any ByteStream)?
    private var receiver: (any WebSocketReceiver)?
    private var parser: MessageParser
    private let budget: WriteBudget
    private var output = WriteQueue()
    private var state = State.open
    private var timer: TimerID?
    private var isTurnEndDue = false
    private(set) var isBlocked = false
    private var isPaused = false
    /// The peer asks for more than it takes: it is read on when it has taken most of what there is.
    private var isCongested = false
    private let reportsDrain: Bool
    /// What was read and not parsed, because the receiver asked to pause in the middle of it.
    private var backlog: [UInt8] = []

    /// How long a peer may take to answer our close frame and to take what is still queued.
    private static let closeTimeout = Duration.seconds(5)

    init(
        loop: EventLoop,
        role: MessageParser.Role = .server,
        maxPayload: Int,
        budget: WriteBudget = WriteBudget(),
        reportsDrain: Bool = false
    ) {
        self.reportsDrain = reportsDrain
        self.loop = loop
        self.budget = budget
        parser = MessageParser(role: role, maxPayload: maxPayload)
    }

    /// The way in for everything that is sent.
    static let sending = loopEntry { (socket: isolated WebSocket, frames: ReadyFrames) in
        socket.send(frames)
    }

    /// Takes an upgraded connection over; frames that came with the request are delivered at once.
    ///
    /// `greetings` go out with the head of the 101, in one write.
    func open(
        _ upgraded: UpgradedStream,
        for receiver: any WebSocketReceiver,
        greetings: [[UInt8]] = []
    ) {
        let stream = upgraded.stream.take()
        self.stream = stream
        self.receiver = receiver
        if !upgraded.head.isEmpty { append(upgraded.head) }
        for greeting in greetings { send(text: greeting) }
        guard stream.attach(to: self, on: loop) else { return end(.failed("no stream")) }
        listen()
        if !upgraded.early.isEmpty { parse(upgraded.early.span) }
    }

    // Sending

    /// Sends frames at the end of the turn.
    func send(_ frames: ReadyFrames) {
        guard state == .open else { return }
        let size = frames.storage.count - frames.start
        if frames.isVolatile, !takesVolatile(size) { return }
        output.append(frames.storage, from: frames.start, loop)
        scheduleFlush()
        guard isOverBudget(behind: size) else { return }
        // Over it only when the kernel does not take it either: a burst within one turn is no
        // crime.
        flush()
        if isOverBudget(behind: size) { end(.overBudget) }
    }

    /// Whether a volatile message of that size can go: the peer takes what it is sent, and half of
    /// the budget is left to what may not be dropped.
    func takesVolatile(_ bytes: Int) -> Bool {
        let isCrowded =
            output.count + bytes > budget.bytes / 2 || output.chunks >= budget.chunks / 2
        if isCrowded, !isBlocked, !output.isEmpty { flush() }
        return state == .open && !isBlocked
    }

    /// The last message may be as large as it is: otherwise it could never be sent.
    private func isOverBudget(behind size: Int) -> Bool {
        output.count - size > budget.bytes || output.chunks > budget.chunks
    }

    /// Sends a text message.
    func send(text: [UInt8]) {
        guard state == .open else { return }
        append(FrameWriter.frame(.text, text))
    }

    private func append(_ bytes: [UInt8]) {
        output.append(bytes, loop)
        scheduleFlush()
    }

    private func scheduleFlush() {
        guard !isTurnEndDue else { return }
        isTurnEndDue = true
        loop.atTurnEnd(self)
    }

    nonisolated func turnEnded() { Self.turnEnding(self, ()) }

    private static let turnEnding = loopEntry { (socket: isolated WebSocket, _: Void) in
        socket.isTurnEndDue = false
        socket.flush()
        guard socket.mayReadOn else { return }
        socket.isCongested = false
        socket.readOn()
    }

    /// Writes what is queued now; called by whoever can not wait for the end of the turn.
    func flush() {
        guard let stream, !output.isEmpty else { return afterFlush() }
        switch output.flush(to: stream, loop) {
        case .done:
            setBlocked(false)
            if reportsDrain { receiver?.webSocketDrained(self) }
        case .blocked: setBlocked(true)
        case .failed: return end(.failed("write failed"))
        }
        // Not now: it may be in the middle of a broadcast, and what is read has handlers.
        if mayReadOn { scheduleFlush() }
        afterFlush()
    }

    private func setBlocked(_ blocked: Bool) {
        guard isBlocked != blocked else { return }
        isBlocked = blocked
        listen()
    }

    private func afterFlush() {
        if state == .closing, output.isEmpty { stream?.finishWriting() }
    }

    private func listen() {
        stream?.listen(reading: !isHeld, writing: isBlocked)
    }

    // Receiving

    nonisolated func streamReady(reading: Bool, writing: Bool, ended: Bool) {
        Self.readying(self, StreamReadiness(reading: reading, writing: writing, ended: ended))
    }

    private static let readying = loopEntry { (socket: isolated WebSocket, now: StreamReadiness) in
        socket.ready(now.reading, now.writing, now.ended)
    }

    private func ready(_ reading: Bool, _ writing: Bool, _ ended: Bool) {
        if writing { flush() }
        if reading, !isHeld { return read() }
        if ended, isHeld { end(.closed) }
    }

    private func read() {
        guard let stream else { return }
        switch stream.read(into: &loop.readBuffer) {
        case .bytes(let count):
            let buffer = loop.readBuffer
            parse(buffer.span.extracting(0..<count))
        case .again: break
        // A reset is the network's way to close: the peer did nothing wrong.
        case .end, .failed: end(.closed)
        }
    }

    private func parse(_ input: Span<UInt8>) {
        var offset = 0
        do {
            while let message = try parser.parse(input, at: &offset) {
                take(message)
                if isCrowded { holdBack() }
                guard !isHeld else { return keep(input, from: offset) }
            }
        } catch {
            close(error.code, error.reason)
            report(.failed(error.reason))
        }
    }

    private func take(_ message: WebSocketMessage) {
        switch message {
        case .text(let bytes): receiver?.webSocket(self, received: bytes, isText: true)
        case .binary(let bytes): receiver?.webSocket(self, received: bytes, isText: false)
        case .ping(let bytes): answer(ping: bytes)
        case .pong: break
        case .close(let code, _):
            // RFC 6455 5.5.1: the answer echoes the code.
            close(code, "")
            report(.closed)
        }
    }

    /// A peer that never reads may not make us keep its pongs: one waiting answer is enough
    /// (5.5.3).
    private func answer(ping bytes: [UInt8]) {
        guard state == .open, !isBlocked else { return }
        append(FrameWriter.frame(.pong, bytes))
        if output.chunks > 64 { flush() }
    }

    private var isHeld: Bool { isPaused || isCongested }

    private var isCrowded: Bool {
        output.count > budget.bytes / 2 || output.chunks > max(1, budget.chunks / 2)
    }

    /// What waits are answers, as a rule: to ask for more of them is no crime, but takes its time.
    private func holdBack() {
        flush()
        guard state == .open, isCrowded else { return }
        isCongested = true
        listen()
    }

    /// Not when it has taken all: somebody else may always have something for it.
    private var mayReadOn: Bool {
        isCongested && output.count <= budget.bytes / 4
            && output.chunks <= max(1, budget.chunks / 4)
    }

    /// Stops, or goes on with, reading from the peer.
    func setPaused(_ paused: Bool) {
        guard isPaused != paused, state == .open else { return }
        isPaused = paused
        readOn()
    }

    private func readOn() {
        listen()
        guard !isHeld, !backlog.isEmpty else { return }
        let waiting = exchange(&backlog, with: [])
        parse(waiting.span)
    }

    private func keep(_ input: Span<UInt8>, from offset: Int) {
        for index in offset..<input.count { backlog.append(input[index]) }
    }

    // Ending

    /// Sends what is queued and a close frame, then waits shortly for the peer to do the same.
    func close(_ code: CloseCode?, _ reason: String) {
        guard state == .open else { return }
        output.append(FrameWriter.close(code, reason: reason), loop)
        state = .closing
        isPaused = false
        isCongested = false
        backlog = []
        listen()
        scheduleFlush()
        timer = loop.schedule(at: loop.now + Self.closeTimeout, self)
    }

    /// Cuts the connection without a word.
    func cut() {
        end(.left)
    }

    nonisolated func timerFired() {
        onLoop { socket in
            socket.timer = nil
            socket.end(.left)
        }
    }

    private func report(_ end: WebSocketEnd) {
        exchange(&receiver, with: nil)?.webSocket(self, ended: end)
    }

    private func end(_ end: WebSocketEnd) {
        guard state != .closed else { return }
        state = .closed
        if let timer { loop.cancel(timer) }
        timer = nil
        stream?.close()
        stream = nil
        output.clear(loop)
        backlog = []
        report(end)
    }

    /// Lets go of the receiver, which wants to hear no more: what is queued still goes out.
    func dismiss() {
        receiver = nil
    }
}
