/// Handlers of typed calls, for none to three arguments: what they return is the answer.
extension Namespace {
    /// Answers a call at once.
    public mutating func on<Reply>(
        _ call: Call<Reply>,
        _ handler: @escaping @Sendable (isolated Socket) throws -> Reply
    ) {
        answer(
            call.name,
            .direct { socket, _ in
                try .reply(handler(socket))
            }
        )
    }

    /// Answers a call when it has waited for what it needs.
    public mutating func on<Reply>(
        _ call: Call<Reply>,
        _ handler: @escaping @Sendable (isolated Socket) async throws -> Reply
    ) {
        answer(
            call.name,
            .suspending { socket, _ in
                try .reply(await handler(socket))
            }
        )
    }

    /// Answers a call at once.
    public mutating func on<Reply, A>(
        _ call: Call<Reply, A>,
        _ handler: @escaping @Sendable (isolated Socket, A) throws -> Reply
    ) {
        answer(
            call.name,
            .direct { socket, arguments in
                try .reply(handler(socket, arguments.decode(0)))
            }
        )
    }

    /// Answers a call when it has waited for what it needs.
    public mutating func on<Reply, A>(
        _ call: Call<Reply, A>,
        _ handler: @escaping @Sendable (isolated Socket, A) async throws -> Reply
    ) {
        answer(
            call.name,
            .suspending { socket, arguments in
                try .reply(await handler(socket, arguments.decode(0)))
            }
        )
    }

    /// Answers a call at once.
    public mutating func on<Reply, A, B>(
        _ call: Call<Reply, A, B>,
        _ handler: @escaping @Sendable (isolated Socket, A, B) throws -> Reply
    ) {
        answer(
            call.name,
            .direct { socket, arguments in
                try .reply(handler(socket, arguments.decode(0), arguments.decode(1)))
            }
        )
    }

    /// Answers a call when it has waited for what it needs.
    public mutating func on<Reply, A, B>(
        _ call: Call<Reply, A, B>,
        _ handler: @escaping @Sendable (isolated Socket, A, B) async throws -> Reply
    ) {
        answer(
            call.name,
            .suspending { socket, arguments in
                try .reply(await handler(socket, arguments.decode(0), arguments.decode(1)))
            }
        )
    }

    /// Answers a call at once.
    public mutating func on<Reply, A, B, C>(
        _ call: Call<Reply, A, B, C>,
        _ handler: @escaping @Sendable (isolated Socket, A, B, C) throws -> Reply
    ) {
        answer(
            call.name,
            .direct { socket, arguments in
                try .reply(
                    handler(socket, arguments.decode(0), arguments.decode(1), arguments.decode(2))
                )
            }
        )
    }

    /// Answers a call when it has waited for what it needs.
    public mutating func on<Reply, A, B, C>(
        _ call: Call<Reply, A, B, C>,
        _ handler: @escaping @Sendable (isolated Socket, A, B, C) async throws -> Reply
    ) {
        answer(
            call.name,
            .suspending { socket, arguments in
                try .reply(
                    await handler(
                        socket,
                        arguments.decode(0),
                        arguments.decode(1),
                        arguments.decode(2)
                    )
                )
            }
        )
    }
}
