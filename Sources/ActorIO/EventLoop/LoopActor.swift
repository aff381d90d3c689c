/// An actor pinned to one loop, entered directly by what runs on that loop.
package protocol LoopActor: Actor {
    nonisolated var loop: EventLoop { get }
}

extension LoopActor {
    /// Runs `body` inside the actor without a task: the caller is on the actor's loop already.
    ///
    /// This is `assumeIsolated` with a cheaper check (one thread comparison): it is passed several times
    /// for every message.
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
