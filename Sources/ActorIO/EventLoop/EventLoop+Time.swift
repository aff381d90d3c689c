/// Told by a loop, on that loop, that a deadline has come.
package protocol TimerTarget: AnyObject {
    func timerFired()
}

/// Told by a loop, on that loop, that the turn's work is done: the moment to write.
protocol TurnTarget: AnyObject {
    func turnEnded()
}

extension EventLoop {
    /// Arms a deadline; the target is kept alive until it fires or is cancelled.
    package func schedule(at deadline: LoopTime, _ target: any TimerTarget) -> TimerID {
        timers.schedule(at: deadline, target)
    }

    package func cancel(_ timer: TimerID) {
        timers.cancel(timer)
    }
}

/// A deadline that runs a closure; for the rare ones.
///
/// Connections implement ``TimerTarget`` themselves.
package final class ClosureTimer: TimerTarget, Sendable {
    private let body: @Sendable () -> Void

    package init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }

    package func timerFired() { body() }
}

/// A deadline armed through a ``Lane``, from any thread.
final class LaneTimer: TimerTarget, @unchecked Sendable {
    private let body: @Sendable () -> Void
    // Touched on the loop alone.
    private let loop: EventLoop
    private var id: TimerID?
    private var cancelled = false

    fileprivate init(
        _ loop: EventLoop,
        at deadline: LoopTime,
        _ body: @escaping @Sendable () -> Void
    ) {
        self.loop = loop
        self.body = body
        onLoop { $0.arm(deadline) }
    }

    private func onLoop(_ work: @escaping @Sendable (LaneTimer) -> Void) {
        loop.isCurrent ? work(self) : loop.execute { work(self) }
    }

    private func arm(_ deadline: LoopTime) {
        guard !cancelled else { return }
        id = loop.schedule(at: deadline, self)
    }

    func timerFired() {
        id = nil
        if !cancelled { body() }
    }

    func cancel() {
        onLoop { timer in
            timer.cancelled = true
            if let id = timer.id { timer.loop.cancel(id) }
            timer.id = nil
        }
    }
}

extension Lane {
    /// Runs `body` on the lane's loop at the deadline, unless it is cancelled first.
    func schedule(at deadline: LoopTime, _ body: @escaping @Sendable () -> Void) -> LaneTimer {
        LaneTimer(loop, at: deadline, body)
    }

    func cancel(_ timer: LaneTimer) { timer.cancel() }
}
