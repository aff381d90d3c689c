/// An actor on a lane: a store, a registry.
protocol LaneActor: Actor {
    nonisolated var lane: Lane { get }
}

/// Runs `body` inside an actor on a lane: at once when the lane runs on the caller's loop, else by
/// a hop.
///
/// A lane is another executor than its loop, so a plain `await` would queue two jobs even there. A
/// free function with the caller's isolation, because a method of an actor that is nonisolated
/// comes back by way of the global pool (Swift 6.3), which costs more than it saves.
func within<Target: LaneActor, Result: Sendable>(
    _ target: Target,
    isolation: isolated (any Actor)? = #isolation,
    _ body: @Sendable (isolated Target) throws -> Result
) async rethrows -> Result {
    if let result = try ifCurrent(target, body) { return result }
    return try await target.run(body)
}

extension LaneActor {
    /// Runs `body` inside the actor without a task: the caller is on the loop of its lane already.
    ///
    /// This is `assumeIsolated` with a cheaper check.
    @inline(__always)
    nonisolated func onLane<Result: Sendable>(
        _ body: (isolated Self) throws -> Result
    ) rethrows -> Result {
        precondition(lane.loop.isCurrent, "entered an actor from another loop than its lane's")
        return try withoutActuallyEscaping(body) { body in
            let plain = unsafe unsafeBitCast(body, to: ((Self) throws -> Result).self)
            return try plain(self)
        }
    }
}

/// Nil when the lane runs elsewhere.
@inline(__always)
private func ifCurrent<Target: LaneActor, Result: Sendable>(
    _ target: Target,
    _ body: @Sendable (isolated Target) throws -> Result
) rethrows -> Result? {
    target.lane.loop.isCurrent ? try target.onLane(body) : nil
}

extension LaneActor {
    fileprivate func run<Result: Sendable>(
        _ body: @Sendable (isolated Self) throws -> Result
    ) rethrows -> Result {
        try body(self)
    }
}
