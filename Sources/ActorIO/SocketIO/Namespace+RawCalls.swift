/// Handlers that answer events by their raw names.
extension Namespace {
    /// Answers an event by its raw name at once.
    public mutating func on<Reply: Encodable & Sendable>(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket) throws -> Reply
    ) {
        answer(
            name,
            .direct { socket, _ in
                try .reply(handler(socket))
            }
        )
    }

    /// Answers an event by its raw name when it has waited for what it needs.
    public mutating func on<Reply: Encodable & Sendable>(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket) async throws -> Reply
    ) {
        answer(
            name,
            .suspending { socket, _ in
                try .reply(await handler(socket))
            }
        )
    }

    /// Answers an event by its raw name at once.
    public mutating func on<Reply: Encodable & Sendable, A: Decodable & Sendable>(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket, A) throws -> Reply
    ) {
        answer(
            name,
            .direct { socket, arguments in
                try .reply(handler(socket, arguments.decode(0)))
            }
        )
    }

    /// Answers an event by its raw name when it has waited for what it needs.
    public mutating func on<Reply: Encodable & Sendable, A: Decodable & Sendable>(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket, A) async throws -> Reply
    ) {
        answer(
            name,
            .suspending { socket, arguments in
                try .reply(await handler(socket, arguments.decode(0)))
            }
        )
    }

    /// Answers an event by its raw name at once.
    public mutating func on<
        Reply: Encodable & Sendable,
        A: Decodable & Sendable,
        B: Decodable & Sendable
    >(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket, A, B) throws -> Reply
    ) {
        answer(
            name,
            .direct { socket, arguments in
                try .reply(handler(socket, arguments.decode(0), arguments.decode(1)))
            }
        )
    }

    /// Answers an event by its raw name when it has waited for what it needs.
    public mutating func on<
        Reply: Encodable & Sendable,
        A: Decodable & Sendable,
        B: Decodable & Sendable
    >(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket, A, B) async throws -> Reply
    ) {
        answer(
            name,
            .suspending { socket, arguments in
                try .reply(await handler(socket, arguments.decode(0), arguments.decode(1)))
            }
        )
    }

    /// Answers an event by its raw name at once.
    public mutating func on<
        Reply: Encodable & Sendable,
        A: Decodable & Sendable,
        B: Decodable & Sendable,
        C: Decodable & Sendable
    >(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket, A, B, C) throws -> Reply
    ) {
        answer(
            name,
            .direct { socket, arguments in
                try .reply(
                    handler(socket, arguments.decode(0), arguments.decode(1), arguments.decode(2))
                )
            }
        )
    }

    /// Answers an event by its raw name when it has waited for what it needs.
    public mutating func on<
        Reply: Encodable & Sendable,
        A: Decodable & Sendable,
        B: Decodable & Sendable,
        C: Decodable & Sendable
    >(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket, A, B, C) async throws -> Reply
    ) {
        answer(
            name,
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

    /// Answers with arguments as they came, or any others, at once.
    public mutating func on(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket, Arguments) throws -> Arguments
    ) {
        answer(
            name,
            .direct { socket, arguments in
                EncodedArguments(try handler(socket, arguments))
            }
        )
    }

    /// Answers with arguments as they came, or any others, when it has waited for what it needs.
    public mutating func on(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket, Arguments) async throws -> Arguments
    ) {
        answer(
            name,
            .suspending { socket, arguments in
                EncodedArguments(try await handler(socket, arguments))
            }
        )
    }
}
