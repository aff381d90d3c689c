/// What can send events to the other servers of a cluster: a server, one of its namespaces.
public protocol ServerSideEmitting: Broadcasting {}

extension SocketIO: ServerSideEmitting {}
extension NamespaceHandle: ServerSideEmitting {}

extension ServerSideEmitting {
    /// Sends an event to the same namespace of all other servers; clients do not get it.
    ///
    /// A server that is alone has nobody to send it to. Throws ``ReservedEventName`` for
    /// `connect`, `connection` and `new_namespace`, which mean something else there.
    public func serverSideEmit<each Argument: Encodable & Sendable>(
        _ name: String,
        _ arguments: repeat each Argument
    ) async throws {
        let event = try event(name, .list(repeat each arguments))
        try await audience.territory.adapter?.send(event)
    }

    /// Asks all other servers; of each answer the first value counts.
    ///
    /// A server that is alone gets an empty list. When servers stay silent until the timeout,
    /// ``IncompleteAnswers`` has those that came.
    public func serverSideCall<Reply: Decodable & Sendable, each Argument: Encodable & Sendable>(
        _ name: String,
        _ arguments: repeat each Argument,
        as type: Reply.Type = Reply.self,
        timeout: Duration = .seconds(5)
    ) async throws -> [Reply] {
        let event = try event(name, .list(repeat each arguments))
        guard let adapter = audience.territory.adapter else { return [] }
        let found = try await adapter.ask(event, timeout: timeout)
        let replies = try found.answers.map { try Socket.reply($0) as Reply }
        guard replies.count >= found.asked else {
            throw IncompleteAnswers(replies: replies, missing: found.asked - replies.count)
        }
        return replies
    }

    private func event(_ name: String, _ arguments: EncodedArguments) throws -> NodeEvent {
        let reserved = ["connect", "connection", "new_namespace"]
        guard !reserved.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else {
            throw ReservedEventName(name: name)
        }
        return NodeEvent(namespace: audience.space, name: name, arguments: Arguments(arguments))
    }
}

/// Not every server answered in time.
public struct IncompleteAnswers<Reply: Sendable>: Error {
    /// The answers that came.
    public let replies: [Reply]
    /// How many are missing.
    public let missing: Int
}

extension Namespace {
    typealias ServerStep = @Sendable (NamespaceHandle, Arguments) async throws -> EncodedArguments?

    /// Runs when another server has sent this namespace an event by `serverSideEmit`.
    public mutating func onServerSide(
        _ name: String,
        _ handler: @escaping @Sendable (NamespaceHandle, Arguments) async throws -> Void
    ) {
        serverSide[ByteString(name)] = { namespace, arguments in
            try await handler(namespace, arguments)
            return nil
        }
    }

    /// Answers an event of another server's `serverSideCall`.
    public mutating func onServerSide<Reply: Encodable & Sendable>(
        _ name: String,
        _ handler: @escaping @Sendable (NamespaceHandle, Arguments) async throws -> Reply
    ) {
        serverSide[ByteString(name)] = { namespace, arguments in
            try .reply(await handler(namespace, arguments))
        }
    }
}

extension SocketIOCore {
    /// The way in for what other servers send: the answer, empty when nobody here has one.
    func receive(_ event: NodeEvent) async -> Arguments {
        guard let runtime = plan.namespaces.existing(event.namespace),
            let handler = runtime.serverSide[ByteString(event.name)]
        else { return Arguments() }
        do {
            let reply = try await handler(NamespaceHandle(runtime), event.arguments)
            return Arguments(reply ?? EncodedArguments())
        } catch {
            options.log.error("a handler failed", ["event": event.name, "error": "\(error)"])
            return Arguments((try? .reply(CallFailure(error))) ?? EncodedArguments())
        }
    }
}
