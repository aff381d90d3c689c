/// Handlers of events by their raw names, with typed arguments.
extension Namespace {
    /// Runs at once whenever an event of that raw name comes.
    public mutating func on(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket) throws -> Void
    ) {
        add(
            name,
            .direct { socket, _ in
                try handler(socket)
                return nil
            }
        )
    }

    /// Begins at once whenever an event of that raw name comes, and may wait.
    public mutating func on(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket) async throws -> Void
    ) {
        add(
            name,
            .suspending { socket, _ in
                try await handler(socket)
                return nil
            }
        )
    }

    /// Runs at once whenever an event of that raw name comes.
    public mutating func on<A: Decodable & Sendable>(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket, A) throws -> Void
    ) {
        add(
            name,
            .direct { socket, arguments in
                try handler(socket, arguments.decode(0))
                return nil
            }
        )
    }

    /// Begins at once whenever an event of that raw name comes, and may wait.
    public mutating func on<A: Decodable & Sendable>(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket, A) async throws -> Void
    ) {
        add(
            name,
            .suspending { socket, arguments in
                try await handler(socket, arguments.decode(0))
                return nil
            }
        )
    }

    /// Runs at once whenever an event of that raw name comes.
    public mutating func on<A: Decodable & Sendable, B: Decodable & Sendable>(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket, A, B) throws -> Void
    ) {
        add(
            name,
            .direct { socket, arguments in
                try handler(socket, arguments.decode(0), arguments.decode(1))
                return nil
            }
        )
    }

    /// Begins at once whenever an event of that raw name comes, and may wait.
    public mutating func on<A: Decodable & Sendable, B: Decodable & Sendable>(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket, A, B) async throws -> Void
    ) {
        add(
            name,
            .suspending { socket, arguments in
                try await handler(socket, arguments.decode(0), arguments.decode(1))
                return nil
            }
        )
    }

    /// Runs at once whenever an event of that raw name comes.
    public mutating func on<
        A: Decodable & Sendable,
        B: Decodable & Sendable,
        C: Decodable & Sendable
    >(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket, A, B, C) throws -> Void
    ) {
        add(
            name,
            .direct { socket, arguments in
                try handler(socket, arguments.decode(0), arguments.decode(1), arguments.decode(2))
                return nil
            }
        )
    }

    /// Begins at once whenever an event of that raw name comes, and may wait.
    public mutating func on<
        A: Decodable & Sendable,
        B: Decodable & Sendable,
        C: Decodable & Sendable
    >(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket, A, B, C) async throws -> Void
    ) {
        add(
            name,
            .suspending { socket, arguments in
                try await handler(
                    socket,
                    arguments.decode(0),
                    arguments.decode(1),
                    arguments.decode(2)
                )
                return nil
            }
        )
    }

    /// Runs at once with the arguments as they came, attachments included.
    public mutating func on(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket, Arguments) throws -> Void
    ) {
        add(
            name,
            .direct { socket, arguments in
                try handler(socket, arguments)
                return nil
            }
        )
    }

    /// Begins at once with the arguments as they came, attachments included, and may wait.
    public mutating func on(
        _ name: String,
        _ handler: @escaping @Sendable (isolated Socket, Arguments) async throws -> Void
    ) {
        add(
            name,
            .suspending { socket, arguments in
                try await handler(socket, arguments)
                return nil
            }
        )
    }
}
