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
        send(try Self.packet(name, .list(repeat each arguments), runtime.name))
    }

    /// Sends an event with arguments as they were received, attachments included.
    public func emit(_ name: String, passing arguments: Arguments) throws {
        send(try Self.packet(name, EncodedArguments(arguments), runtime.name))
    }

    static func packet(
        _ name: String,
        _ arguments: EncodedArguments,
        _ namespace: String,
        id: Int? = nil
    ) throws -> MessageGroup {
        guard !SocketPacket.isReserved(name) else { throw ReservedEventName(name: name) }
        return PacketWriter.event(name, arguments, namespace: namespace, id: id)
    }

    func send(_ group: MessageGroup, volatile: Bool = false) {
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

    private static func reply<Reply: Decodable>(_ answer: Arguments) throws -> Reply {
        if let error = CallFailure.error(in: answer) { throw error }
        return try answer.decode(0)
    }

    private func ask(
        _ name: String,
        _ arguments: EncodedArguments,
        _ timeout: Duration
    ) async throws -> Arguments {
        guard isConnected else { throw CallError(.disconnected) }
        let id = acks.makeID()
        let packet = try Self.packet(name, arguments, runtime.name, id: id)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let timer = ClosureTimer { [self] in
                    onLoop { $0.resolve(id, .failure(CallError(.timeout))) }
                }
                acks.wait(id, continuation, loop.schedule(at: loop.now + timeout, timer))
                send(packet)
                if Task.isCancelled { resolve(id, .failure(CancellationError())) }
            }
        } onCancel: {
            soon { $0.resolve(id, .failure(CancellationError())) }
        }
    }

    func resolve(_ id: Int, _ result: Result<Arguments, any Error>) {
        acks.resolve(id, result, loop)
    }
}

/// An event was emitted under a name that the protocol keeps for itself, such as `connect`.
public struct ReservedEventName: Error, Sendable {
    /// The name.
    public let name: String
}
