internal import ActorIO

/// The thread of simulations: one at a time in a process, because they take over its global pool.
enum SimulationThread {
    private struct Queue {
        var isBusy = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private static let queue = Locked(Queue())

    static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            let goesOn = queue.withLock { queue in
                guard queue.isBusy else {
                    queue.isBusy = true
                    return true
                }
                queue.waiting.append(continuation)
                return false
            }
            if goesOn { continuation.resume() }
        }
        defer {
            let next = queue.withLock { queue -> CheckedContinuation<Void, Never>? in
                guard queue.waiting.isEmpty else { return queue.waiting.removeFirst() }
                queue.isBusy = false
                return nil
            }
            next?.resume()
        }
        return await withCheckedContinuation { continuation in
            LoopThread.start { continuation.resume(returning: body()) }
        }
    }
}
