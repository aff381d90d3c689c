/// One connection that speaks HTTP/1.1: requests one after the other, until it ends or is upgraded.
///
/// ```
/// head ─► (body) ─► handling ─► writing ─┬─► idle ─► head …
///                      │                 └─► lingering ─► closed
///                      ├─► parked ─► writing
///                      └─► handed over (upgrade)
/// ```
/// Only `handling` has a task; every other state waits for the peer as state alone.
actor Connection: LoopActor, StreamOwner, TimerTarget, TurnTarget {
    enum Phase {
        case idle
        case head
        case handling
        case parked
        case writing
        case lingering
        case closed
    }

    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    let context: ConnectionContext
    var stream: (any ByteStream)?
    var parser: RequestParser
    var phase = Phase.head
    var output = WriteQueue()
    /// Bytes read while a request was being answered; they wait their turn.
    private(set) var backlog: [UInt8] = []
    private var backlogStart = 0
    private var upgrading: Request?
    var exchange: Exchange?
    var timer: TimerID?
    var tickets: UInt32 = 0
    private var isConsuming = false
    private var isTurnEndDue = false
    private var isDraining = false
    var isWriteBlocked = false
    /// The peer will send no more, and still gets what is due to it.
    var hasPeerEnded = false
    var isReadingPaused = false

    /// Pipelined requests beyond this many bytes wait in the kernel.
    private static let backlogLimit = 65_536

    init(loop: EventLoop, context: ConnectionContext) {
        self.loop = loop
        self.context = context
        parser = RequestParser(limits: context.limits)
    }

    func start(_ bound: LoopBound<any ByteStream>) {
        let stream = bound.take()
        self.stream = stream
        arm(context.deadlines.head)
        guard stream.attach(to: self, on: loop) else { return close() }
    }

    /// Says with every answer from now on that it is the last.
    func announceEnd() {
        isDraining = true
        exchange?.keepAlive = false
    }

    /// Answers what is under way, then closes.
    ///
    /// Half a head is no request: nobody is waited for who may never send the rest.
    func drain() {
        announceEnd()
        guard phase == .idle || phase == .head else { return }
        // The last answer may still be on its way out.
        output.isEmpty ? close() : linger()
    }

    // Reading

    nonisolated func streamReady(reading: Bool, writing: Bool, ended: Bool) {
        Self.readying(self, StreamReadiness(reading: reading, writing: writing, ended: ended))
    }

    private static let readying = loopEntry {
        (connection: isolated Connection, now: StreamReadiness) in
        connection.ready(now.reading, now.writing, now.ended)
    }

    private func ready(_ reading: Bool, _ writing: Bool, _ ended: Bool) {
        if writing { flush() }
        if reading { return read() }
        // Told without anything to read, it means that both directions are gone: nothing can be
        // answered any more, and a poller would not stop telling.
        if ended { close() }
    }

    private func read() {
        guard let stream else { return }
        switch stream.read(into: &loop.readBuffer) {
        case .bytes(let count):
            let buffer = loop.readBuffer
            consume(buffer.span.extracting(0..<count))
        case .again: break
        case .end: peerEnded()
        case .failed: close()
        }
    }

    private func consume(_ input: Span<UInt8>) {
        isConsuming = true
        defer { isConsuming = false }
        var offset = 0
        take(input, &offset)
        keep(input, from: offset)
        runUpgrade()
        takeBacklog()
    }

    /// Goes on with what was kept while a request was answered; what has to wait again stays where
    /// it is, or a long backlog of short requests would be copied for each of them.
    private func takeBacklog() {
        while phase == .idle, !backlog.isEmpty {
            let waiting = ActorIO.exchange(&backlog, with: [])
            var offset = ActorIO.exchange(&backlogStart, with: 0)
            take(waiting.span, &offset)
            if offset < waiting.count, mustKeep { (backlog, backlogStart) = (waiting, offset) }
            runUpgrade()
        }
    }

    /// Takes bytes until there are none, or a request must be answered before the next.
    private func take(_ input: Span<UInt8>, _ offset: inout Int) {
        while offset < input.count {
            switch phase {
            case .idle, .head: parseHead(input, &offset)
            case .handling, .parked, .writing:
                guard let body = exchange?.body, !body.isComplete else { return }
                parseBody(input, &offset)
            case .lingering, .closed: return
            }
        }
    }

    private func parseHead(_ input: Span<UInt8>, _ offset: inout Int) {
        if phase == .idle {
            phase = .head
            arm(context.deadlines.head)
        }
        do {
            guard let head = try parser.parse(input, at: &offset) else { return }
            try begin(head, input, &offset)
        } catch {
            refuse(error)
        }
    }

    private func keep(_ input: Span<UInt8>, from offset: Int) {
        guard offset < input.count, mustKeep else { return }
        if backlogStart > Self.backlogLimit {
            backlog.removeFirst(ActorIO.exchange(&backlogStart, with: 0))
        }
        backlog.append(from: input, offset..<input.count)
        if isBacklogFull { listen(reading: false) }
    }

    private var mustKeep: Bool { phase != .lingering && phase != .closed }
    private var isBacklogFull: Bool { backlog.count - backlogStart > Self.backlogLimit }

    private func takeAllBacklog() -> [UInt8] {
        let start = ActorIO.exchange(&backlogStart, with: 0)
        let waiting = ActorIO.exchange(&backlog, with: [])
        return start == 0 ? waiting : Array(waiting[start...])
    }

    private func peerEnded() {
        switch phase {
        case .handling, .writing:
            // It may have closed only its own half: it still gets its answer, and no other.
            exchange?.keepAlive = false
            _ = takeAllBacklog()
            exchange?.body?.fail()
            hasPeerEnded = true
            listen(reading: false)
        case .lingering where !output.isEmpty:
            hasPeerEnded = true
            listen(reading: false)
        case .idle, .head, .parked, .lingering, .closed: close()
        }
    }

    // Answering

    private func begin(
        _ head: RequestHead,
        _ input: Span<UInt8>,
        _ offset: inout Int
    ) throws(HTTPError) {
        tickets &+= 1
        let body = try incomingBody(head, input, &offset)
        exchange = Exchange(
            ticket: tickets,
            head: head,
            body: body.rest,
            keepAlive: head.keepAlive && !isDraining
        )
        phase = .handling
        if body.rest == nil { disarm() } else { arm(context.deadlines.body) }
        let (address, isSecure) = context.trustedProxies.client(
            peer: stream?.peer.host ?? "",
            headers: head.headers
        )
        let request = Request(
            head: head,
            remoteAddress: address,
            isSecure: isSecure,
            body: body.body,
            loop: loop
        )
        // A new owner gets what came with the request, so that is put aside before it is asked.
        if head.wantsUpgrade { upgrading = request } else { run(request) }
    }

    private func runUpgrade() {
        if let request = ActorIO.exchange(&upgrading, with: nil) { run(request) }
    }

    private func run(_ request: Request) {
        let ticket = tickets
        let handler = context.handler
        loop.taskBegan()
        let task = Task.immediate(executorPreference: loop.preference) {
            defer { loop.taskEnded() }
            let response: Response
            do {
                response = try await handler(request)
            } catch {
                response = failure(error, request)
            }
            answer(ticket, response)
        }
        if exchange?.ticket == ticket, phase == .handling { exchange?.task = task }
    }

    private func failure(_ error: any Error, _ request: Request) -> Response {
        if let error = error as? HTTPError { return Response(error) }
        if !(error is CancellationError) {
            context.log.error("a handler failed", ["path": request.path, "error": "\(error)"])
        }
        return .status(.internalServerError)
    }

    /// The answer to the request with that ticket, unless it has been answered or has gone.
    func answer(_ ticket: UInt32, _ response: Response) {
        guard exchange?.ticket == ticket, phase == .handling || phase == .parked else {
            return abandon(response)
        }
        let parked = exchange?.parkedHeaders ?? [:]
        let response = phase == .parked ? response.parked(with: parked) : response
        exchange?.task = nil
        exchange?.abandoned = nil
        switch response.content {
        case .deferred where hasPeerEnded:
            // Nobody is there to wait for.
            abandon(response)
            close()
        case .deferred(let deferred):
            phase = .parked
            exchange?.abandoned = deferred.abandoned
            exchange?.parkedHeaders = response.headers
            deferred.start(Responder(connection: self, ticket: ticket))
        case .upgrade(let upgrade): handOver(upgrade, response)
        case .empty: write(response, [])
        case .bytes(let bytes): write(response, bytes)
        case .file(let slice): write(response, slice)
        }
    }

    /// Nobody is there any more to take it.
    private func abandon(_ response: Response) {
        switch response.content {
        case .deferred(let deferred): deferred.abandoned()
        case .upgrade(let upgrade): upgrade.abandoned()
        case .empty, .bytes, .file: break
        }
    }

    private func refuse(_ error: HTTPError) {
        if exchange == nil {
            exchange = Exchange(
                ticket: tickets,
                head: RequestHead(method: .get, target: "/", minorVersion: 1, headers: [:]),
                keepAlive: false
            )
        }
        exchange?.keepAlive = false
        exchange?.body = nil
        exchange?.task?.cancel()
        exchange?.task = nil
        write(Response(error), Response(error).body)
    }

    /// A body that broke the rules while a handler was reading it.
    func refuseBody(_ error: HTTPError) {
        // An answer that is being written already must not be destroyed by what follows.
        guard phase == .handling else { return }
        refuse(error)
    }

    // Writing: see Connection+Writing.swift

    func scheduleFlush() {
        guard !isTurnEndDue, stream != nil else { return }
        isTurnEndDue = true
        loop.atTurnEnd(self)
    }

    nonisolated func turnEnded() { Self.turnEnding(self, ()) }

    private static let turnEnding = loopEntry { (connection: isolated Connection, _: Void) in
        connection.isTurnEndDue = false
        connection.flush()
    }

    /// The answer is written: the next request, or the end.
    func finishExchange() {
        guard let exchange else { return }
        let keep = exchange.keepAlive && exchange.body == nil && stream != nil
        self.exchange = nil
        guard keep else { return linger() }
        phase = .idle
        arm(context.deadlines.idle)
        listen(reading: !isBacklogFull)
        guard !isConsuming, !backlog.isEmpty else { return }
        isConsuming = true
        defer { isConsuming = false }
        takeBacklog()
    }

    private func handOver(_ upgrade: Upgrade, _ response: Response) {
        guard let stream, let exchange else { return upgrade.abandoned() }
        let target = upgrade.loop ?? loop
        // On the same loop it stays registered: two calls of the kernel's less for every WebSocket.
        if target !== loop { stream.detach() }
        self.stream = nil
        cancelTimer()
        // Answers to requests before this one may still be waiting.
        var head = output.takeAll(loop)
        head.reserveCapacity(head.count + 256)
        ResponseWriter.appendHead(
            response.status,
            response.headers,
            contentLength: nil,
            keepAlive: exchange.keepAlive,
            to: &head
        )
        phase = .closed
        self.exchange = nil
        let early = takeAllBacklog()
        let upgraded = UpgradedStream(
            stream: LoopBound(stream, on: target),
            early: early,
            head: head
        )
        context.left(self)
        target === loop ? upgrade.take(upgraded) : target.execute { upgrade.take(upgraded) }
    }

    // Ending

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        cancelTimer()
        stream?.close()
        stream = nil
        output.clear(loop)
        upgrading = nil
        _ = takeAllBacklog()
        let ended = ActorIO.exchange(&exchange, with: nil)
        ended?.body?.fail()
        ended?.task?.cancel()
        ended?.abandoned?()
        context.left(self)
    }
}
