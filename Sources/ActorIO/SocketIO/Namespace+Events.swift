/// Handlers of typed events, for none to three arguments.
///
/// One form runs at once and one may wait; the compiler takes the first for every closure without
/// an `await`, and that one costs no task. Packs would be shorter, but a closure that is isolated
/// to its socket loses that with a pack of none or two.
extension Namespace {
    /// Runs at once whenever the event comes.
    public mutating func on(
        _ event: Signal,
        _ handler: @escaping @Sendable (isolated Socket) throws -> Void
    ) {
        add(
            event.name,
            .direct { socket, _ in
                try handler(socket)
                return nil
            }
        )
    }

    /// Begins at once whenever the event comes, and may wait.
    public mutating func on(
        _ event: Signal,
        _ handler: @escaping @Sendable (isolated Socket) async throws -> Void
    ) {
        add(
            event.name,
            .suspending { socket, _ in
                try await handler(socket)
                return nil
            }
        )
    }

    /// Runs at once whenever the event comes.
    public mutating func on<A>(
        _ event: Event<A>,
        _ handler: @escaping @Sendable (isolated Socket, A) throws -> Void
    ) {
        add(
            event.name,
            .direct { socket, arguments in
                try handler(socket, arguments.decode(0))
                return nil
            }
        )
    }

    /// Begins at once whenever the event comes, and may wait.
    public mutating func on<A>(
        _ event: Event<A>,
        _ handler: @escaping @Sendable (isolated Socket, A) async throws -> Void
    ) {
        add(
            event.name,
            .suspending { socket, arguments in
                try await handler(socket, arguments.decode(0))
                return nil
            }
        )
    }

    /// Runs at once whenever the event comes.
    public mutating func on<A, B>(
        _ event: Event<A, B>,
        _ handler: @escaping @Sendable (isolated Socket, A, B) throws -> Void
    ) {
        add(
            event.name,
            .direct { socket, arguments in
                try handler(socket, arguments.decode(0), arguments.decode(1))
                return nil
            }
        )
    }

    /// Begins at once whenever the event comes, and may wait.
    public mutating func on<A, B>(
        _ event: Event<A, B>,
        _ handler: @escaping @Sendable (isolated Socket, A, B) async throws -> Void
    ) {
        add(
            event.name,
            .suspending { socket, arguments in
                try await handler(socket, arguments.decode(0), arguments.decode(1))
                return nil
            }
        )
    }

    /// Runs at once whenever the event comes.
    public mutating func on<A, B, C>(
        _ event: Event<A, B, C>,
        _ handler: @escaping @Sendable (isolated Socket, A, B, C) throws -> Void
    ) {
        add(
            event.name,
            .direct { socket, arguments in
                try handler(socket, arguments.decode(0), arguments.decode(1), arguments.decode(2))
                return nil
            }
        )
    }

    /// Begins at once whenever the event comes, and may wait.
    public mutating func on<A, B, C>(
        _ event: Event<A, B, C>,
        _ handler: @escaping @Sendable (isolated Socket, A, B, C) async throws -> Void
    ) {
        add(
            event.name,
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
}
