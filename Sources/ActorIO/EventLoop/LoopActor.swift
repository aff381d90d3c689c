/// An actor pinned to one loop, entered directly by what runs on that loop.
package protocol LoopActor: Actor {
    nonisolated var loop: EventLoop { get }
}

/// Makes a way into an actor that costs a call: for what happens with every message.
///
/// ```swift
/// static let receiving = loopEntry { (socket: isolated Socket, event: Incoming) in
///     socket.receive(event)
/// }
/// Socket.receiving(socket, event)
/// ```
/// It is made once. `onLoop` with a closure that captures allocates twice at each call, and that
/// was a third of the time of an echo.
package func loopEntry<Target: LoopActor, Input>(
    _ body: @escaping @Sendable (isolated Target, Input) -> Void
) -> @Sendable (Target, Input) -> Void {
    let plain = unsafe unsafeBitCast(body, to: (@Sendable (Target, Input) -> Void).self)
    return { target, input in
        precondition(target.loop.isCurrent, "entered an actor from another loop than its own")
        plain(target, input)
    }
}

extension LoopActor {
    /// Runs `body` inside the actor without a task: the caller is on the actor's loop already.
    ///
    /// This is `assumeIsolated` with a cheaper check (one thread comparison): it is passed several
    /// times for every message.
    @inline(__always)
    package nonisolated func onLoop<Result: Sendable>(
        _ body: (isolated Self) throws -> Result
    ) rethrows -> Result {
        precondition(loop.isCurrent, "entered an actor from another loop than its own")
        return try withoutActuallyEscaping(body) { body in
            let plain = unsafe unsafeBitCast(body, to: ((Self) throws -> Result).self)
            return try plain(self)
        }
    }

    /// Runs `body` inside the actor: now when called on its loop, else in that loop's next turn.
    package nonisolated func soon(_ body: @escaping @Sendable (isolated Self) -> Void) {
        guard !loop.isCurrent else { return onLoop(body) }
        loop.execute { self.onLoop(body) }
    }
}

/// A value that belongs to a loop, on its way between two actors of that loop.
package struct LoopBound<Value>: @unchecked Sendable {
    private let loop: EventLoop
    private let value: Value

    package init(_ value: Value, on loop: EventLoop) {
        self.value = value
        self.loop = loop
    }

    package func take() -> Value {
        precondition(loop.isCurrent, "a value of another loop")
        return value
    }
}

/// A value that belongs to the thread that made it: everything of one simulated run.
package struct ThreadBound<Value>: @unchecked Sendable {
    private let thread: UInt
    private let bound: Value

    package init(_ value: Value) {
        bound = value
        thread = LoopThread.current
    }

    package var value: Value {
        precondition(isHere, "a value of another thread")
        return bound
    }

    package var isHere: Bool { thread == LoopThread.current }
}
