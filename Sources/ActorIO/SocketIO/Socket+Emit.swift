extension Socket {
    /// Sends an event to this client.
    ///
    /// It never waits. A client that has left gets nothing; one that does not take what it is sent
    /// is disconnected when its budget is used up.
    public func emit<each Argument>(
        _ event: Event<repeat each Argument>,
        _ arguments: repeat each Argument
    ) throws {
        try emit(event.name, repeat each arguments)
    }

    /// Sends an event by its raw name.
    public func emit<each Argument: Encodable & Sendable>(
        _ name: String,
        _ arguments: repeat each Argument
    ) throws {
        try emit(name, encoded: .list(repeat each arguments))
    }

    /// Sends an event named `message`.
    public func send<each Argument: Encodable & Sendable>(
        _ arguments: repeat each Argument
    ) throws {
        try emit("message", repeat each arguments)
    }

    /// Sends an event with arguments as they were received, attachments included.
    public func emit(_ name: String, passing arguments: Arguments) throws {
        try emit(name, encoded: EncodedArguments(arguments))
    }

    private func emit(_ name: String, encoded arguments: EncodedArguments) throws {
        guard recovery == nil else { return keep(try KeptEvent(name, arguments, for: territory)) }
        send(try territory.encode(name, arguments))
    }

    func send(_ event: EncodedEvent, volatile: Bool = false) {
        if let held { return held.append(.event(event, volatile)) }
        pass(event, volatile: volatile)
    }

    func send(_ group: MessageGroup, volatile: Bool = false) {
        if let held { return held.append(.group(group, volatile)) }
        pass(group, volatile: volatile)
    }

    /// Past everything that waits for a number.
    func pass(_ event: EncodedEvent, volatile: Bool = false) {
        guard state != .disconnected else { return }
        if let shown = event.shown { tell(shown.event) }
        pass(event.group, volatile: volatile)
    }

    func pass(_ group: MessageGroup, volatile: Bool = false) {
        guard state != .disconnected else { return }
        EngineSession.sending(session, EngineSession.Outgoing(group: group, isVolatile: volatile))
    }

    /// Sends an event and waits for the client's answer.
    ///
    /// Throws ``CallError`` when the time is over, the client leaves, or it answers that it failed.
    public func call<Reply, each Argument>(
        _ call: Call<Reply, repeat each Argument>,
        _ arguments: repeat each Argument,
        timeout: Duration = .seconds(10)
    ) async throws -> Reply {
        let encoded = try EncodedArguments.list(repeat each arguments)
        return try Self.reply(await ask(call.name, encoded, timeout))
    }

    /// Sends an event by its raw name and waits for the answer, of which the first value counts.
    public func call<Reply: Decodable & Sendable, each Argument: Encodable & Sendable>(
        _ name: String,
        _ arguments: repeat each Argument,
        as type: Reply.Type = Reply.self,
        timeout: Duration = .seconds(10)
    ) async throws -> Reply {
        let encoded = try EncodedArguments.list(repeat each arguments)
        return try Self.reply(await ask(name, encoded, timeout))
    }

    static func reply<Reply: Decodable>(_ answer: Arguments) throws -> Reply {
        if let error = CallFailure.error(in: answer) { throw error }
        return try answer.decode(0)
    }

    private func ask(
        _ name: String,
        _ arguments: EncodedArguments,
        _ timeout: Duration
    ) async throws -> Arguments {
        guard isConnected else { throw CallError(.disconnected) }
        let id = territory.makeID()
        let event = try territory.encode(name, arguments, id: id)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let timer = deadline(of: id)
                acks.wait(id, .one(continuation), loop.schedule(at: loop.now + timeout, timer))
                send(event)
                if Task.isCancelled { resolve(id, .failure(CancellationError())) }
            }
        } onCancel: {
            soon { $0.resolve(id, .failure(CancellationError())) }
        }
    }

    private func deadline(of id: Int) -> ClosureTimer {
        ClosureTimer { [self] in onLoop { $0.resolve(id, .failure(CallError(.timeout))) } }
    }

    nonisolated func ask(_ question: Question) {
        onLoop { $0.take(question) }
    }

    private func take(_ question: Question) {
        guard state != .disconnected else {
            return question.collector.add(.failure(CallError(.disconnected)))
        }
        let timer = loop.schedule(at: loop.now + question.timeout, deadline(of: question.id))
        acks.wait(question.id, .many(question.collector), timer)
        deliver(question.event, volatile: false)
    }

    func resolve(_ id: Int, _ result: Result<Arguments, any Error>) {
        acks.resolve(id, result, loop)
    }
}
