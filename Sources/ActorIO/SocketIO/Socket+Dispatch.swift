/// An event on its way to its handlers.
public struct IncomingEvent: Sendable {
    /// The name.
    public let name: String
    /// The arguments, decoded on demand.
    public let arguments: Arguments
    let ack: Int?

    /// Whether the client asked for an acknowledgement.
    public var wantsAnswer: Bool { ack != nil }
}

/// Events on their way to their handlers, in the order they came.
extension Socket {
    /// The way in for events.
    static let receiving = loopEntry { (socket: isolated Socket, event: IncomingEvent) in
        socket.receive(event)
    }

    private func receive(_ event: IncomingEvent) {
        switch state {
        case .connected where !isHeldUp && !isFiltering && waitingEvents.isEmpty: run(event)
        case .connected, .starting, .connecting:
            waitingEvents.append(event)
            updatePause()
        case .disconnected: break
        }
    }

    private func run(_ event: IncomingEvent) {
        guard !runtime.isWatched else { return show(event) }
        handle(event)
    }

    func handle(_ event: IncomingEvent) {
        switch runtime.handlers[event.name] {
        case .one(let handler): call(handler.body, event, event.ack)
        case .several(let handlers, let answering):
            inOrder(handlers.count) { socket, index in
                socket.call(handlers[index].body, event, index == answering ? event.ack : nil)
            }
        case nil: break
        }
    }

    private func call(_ handler: EventHandler.Body, _ event: IncomingEvent, _ ack: Int?) {
        switch handler {
        case .direct(let body):
            do {
                finish(ack, try withinLimits(body(self, event.arguments)))
            } catch {
                fail(ack, error, event.name)
            }
        case .suspending(let body):
            let (name, arguments) = (event.name, event.arguments)
            start { socket in
                do {
                    let reply = try await body(socket, arguments)
                    socket.finish(ack, try socket.withinLimits(reply))
                } catch {
                    socket.fail(ack, error, name)
                }
            }
        }
    }

    private func withinLimits(_ reply: consuming EncodedArguments?) throws -> EncodedArguments? {
        try reply?.checkAttachments(upTo: runtime.registry.attachmentLimit)
        return reply
    }

    /// Every acknowledgement a client asked for is given; for an event it is empty.
    private func finish(_ ack: Int?, _ reply: consuming EncodedArguments?) {
        guard let ack, state != .disconnected else { return }
        do {
            let arguments = reply ?? EncodedArguments()
            send(try territory.format.ack(id: ack, arguments, namespace: runtime.name))
        } catch {
            // Whoever waits for this answer would wait for ever.
            runtime.report(error, id, "acknowledgement")
            disconnect(close: true)
        }
    }

    private func fail(_ ack: Int?, _ error: any Error, _ name: String) {
        runtime.report(error, id, name)
        guard ack != nil, let reply = try? EncodedArguments.reply(CallFailure(error)) else {
            return
        }
        finish(ack, reply)
    }

    /// Runs a handler up to its first suspension now, and keeps account of what is left of it.
    func start(_ body: @escaping @Sendable (isolated Socket) async -> Void) {
        let ticket = nextTask
        nextTask &+= 1
        endedTask = nil
        loop.taskBegan()
        let task = Task.immediate(executorPreference: loop.preference) {
            await body(self)
            self.loop.taskEnded()
            self.taskEnded(ticket)
        }
        if loop.isManual { holdUp() }
        // It may have ended before we came to know it.
        guard endedTask != ticket else { return }
        tasks[ticket] = task
        updatePause()
    }

    /// Takes steps one after the other; on a manual loop each waits until the one before has begun.
    func inOrder(
        _ count: Int,
        from start: Int = 0,
        _ step: @escaping @Sendable (isolated Socket, Int) -> Void
    ) {
        for index in start..<count {
            step(self, index)
            guard isHeldUp, index + 1 < count else { continue }
            heldBack = HeldBack { $0.inOrder(count, from: index + 1, step) }
            return
        }
    }

    /// What comes when a handler has begun that is on its way on a manual loop.
    final class HeldBack: Sendable {
        let run: @Sendable (isolated Socket) -> Void

        init(_ run: @escaping @Sendable (isolated Socket) -> Void) {
            self.run = run
        }
    }

    /// On a manual loop every hop on the way to a handler's first step is a queued job of its own;
    /// the next event waits for as many, so that it finds what it finds on a real loop.
    private func holdUp(_ hops: Int = 4) {
        isHeldUp = hops > 0
        guard isHeldUp else {
            exchange(&heldBack, with: nil)?.run(self)
            return runWaitingEvents()
        }
        loop.execute { self.onLoop { $0.holdUp(hops - 1) } }
    }

    private func taskEnded(_ ticket: UInt32) {
        endedTask = ticket
        guard tasks.removeValue(forKey: ticket) != nil else { return }
        if tasks.isEmpty { tasks = [:] }
        updatePause()
    }

    /// Reads on only while this socket's handlers keep up.
    private func updatePause() {
        let limit = max(1, runtime.options.maxUnfinishedHandlers)
        let isFull = tasks.count + waitingEvents.count >= limit
        let isBehind = isFull && state != .disconnected
        guard isBehind != isPausing else { return }
        isPausing = isBehind
        session.onLoop { $0.pause(isBehind) }
    }

    /// The connection handlers have returned: what waited for them comes first.
    func releaseWaitingEvents() {
        guard state == .starting else { return }
        state = .connected
        runWaitingEvents()
    }

    func runWaitingEvents() {
        guard !isRunningWaiting else { return }
        isRunningWaiting = true
        // One by one: running one may end a pause, and what is read then comes behind the others.
        while state == .connected, !isHeldUp, !isFiltering, !waitingEvents.isEmpty {
            run(waitingEvents.removeFirst())
        }
        isRunningWaiting = false
        if waitingEvents.isEmpty { waitingEvents = [] }
        updatePause()
    }

    func cancelTasks() {
        waitingEvents = []
        decision?.cancel()
        decision = nil
        for task in tasks.values { task.cancel() }
        if isPausing {
            isPausing = false
            session.onLoop { $0.pause(false) }
        }
    }
}
