/// Answers a socket waits for: each is resumed exactly once, by the answer, its deadline, or the
/// end.
struct Acks {
    private struct Waiter {
        let continuation: CheckedContinuation<Arguments, any Error>
        let timer: TimerID
    }

    private var waiting: [Int: Waiter] = [:]
    private var nextID = 0

    mutating func makeID() -> Int {
        defer { nextID += 1 }
        return nextID
    }

    var isEmpty: Bool { waiting.isEmpty }

    mutating func wait(
        _ id: Int,
        _ continuation: CheckedContinuation<Arguments, any Error>,
        _ timer: TimerID
    ) {
        waiting[id] = Waiter(continuation: continuation, timer: timer)
    }

    /// An answer that nobody waits for (any more) is dropped.
    mutating func resolve(
        _ id: Int,
        _ result: Result<Arguments, any Error>,
        _ loop: EventLoop
    ) {
        guard let waiter = waiting.removeValue(forKey: id) else { return }
        loop.cancel(waiter.timer)
        waiter.continuation.resume(with: result)
        if waiting.isEmpty { waiting = [:] }
    }

    mutating func failAll(_ loop: EventLoop) {
        for id in Array(waiting.keys) {
            resolve(id, .failure(CallError(.disconnected)), loop)
        }
    }
}
