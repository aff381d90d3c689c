extension Broadcasting {
    /// Sends an event to every socket that is meant; encoded once, however many they are.
    public func emit<each Argument>(
        _ event: Event<repeat each Argument>,
        _ arguments: repeat each Argument
    ) async throws {
        try await emit(event.name, repeat each arguments)
    }

    /// Sends an event by its raw name to every socket that is meant.
    public func emit<each Argument: Encodable & Sendable>(
        _ name: String,
        _ arguments: repeat each Argument
    ) async throws {
        try await send(name, .list(repeat each arguments))
    }

    /// Sends an event with arguments as they were received, attachments included.
    public func emit(_ name: String, passing arguments: Arguments) async throws {
        try await send(name, EncodedArguments(arguments))
    }

    private func send(_ name: String, _ arguments: EncodedArguments) async throws {
        let audience = self.audience
        if audience.territory.recovery != nil, !audience.isVolatile {
            let event = try KeptEvent(name, arguments, for: audience.territory)
            return await within(audience.registry) { $0.broadcast(event, audience) }
        }
        let event = try audience.territory.encode(name, arguments)
        await within(audience.registry) { $0.broadcast(event, audience) }
    }

    /// Sends an event named `message`.
    public func send<each Argument: Encodable & Sendable>(
        _ arguments: repeat each Argument
    ) async throws {
        try await emit("message", repeat each arguments)
    }

    /// Asks every socket that is meant, and waits for the answers.
    ///
    /// One outcome for each socket, in the order in which they come; nobody asked is an empty list.
    /// A client that leaves, or is silent until the timeout, counts as a ``CallError``: the answers
    /// of the others are there all the same.
    public func call<Reply, each Argument>(
        _ call: Call<Reply, repeat each Argument>,
        _ arguments: repeat each Argument,
        timeout: Duration = .seconds(10)
    ) async throws -> [Result<Reply, any Error>] {
        try await ask(call.name, .list(repeat each arguments), timeout).map(Self.reply)
    }

    /// Asks every socket that is meant by the raw name of the event; of each answer the first value
    /// counts.
    public func call<Reply: Decodable & Sendable, each Argument: Encodable & Sendable>(
        _ name: String,
        _ arguments: repeat each Argument,
        as type: Reply.Type = Reply.self,
        timeout: Duration = .seconds(10)
    ) async throws -> [Result<Reply, any Error>] {
        try await ask(name, .list(repeat each arguments), timeout).map(Self.reply)
    }

    private static func reply<Reply: Decodable>(
        _ answer: Result<Arguments, any Error>
    ) -> Result<Reply, any Error> {
        answer.flatMap { arguments in Result { try Socket.reply(arguments) } }
    }

    private func ask(
        _ name: String,
        _ arguments: EncodedArguments,
        _ timeout: Duration
    ) async throws -> [Result<Arguments, any Error>] {
        let audience = self.audience
        let id = audience.territory.makeID()
        let collector = AnswerCollector()
        let question = Question(
            id: id,
            event: try audience.territory.encode(name, arguments, id: id),
            timeout: timeout,
            collector: collector
        )
        await within(audience.registry) { $0.ask(question, audience) }
        let answers = await withTaskCancellationHandler {
            await collector.wait()
        } onCancel: {
            collector.cancel()
        }
        try Task.checkCancellation()
        return answers
    }

    /// The sockets that are meant, as they are now.
    public func fetchSockets() async throws -> [RemoteSocket] {
        let audience = self.audience
        let found = await audience.registry.fetch(audience)
        let values = await SocketValues.collect(from: found.map(\.outlet))
        return found.map { outlet, rooms in
            RemoteSocket(outlet, rooms, values[outlet.id] ?? SocketValues(), audience)
        }
    }

    /// How many sockets are meant; cheaper than fetching them.
    public var count: Int {
        get async {
            let audience = self.audience
            return await audience.registry.count(audience)
        }
    }
}
