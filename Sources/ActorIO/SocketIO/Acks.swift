/// Answers a socket waits for: each waiter is served exactly once, by the answer, its deadline, or
/// the end.
struct Acks {
    enum Waiter {
        case one(CheckedContinuation<Arguments, any Error>)
        /// One of many who were asked the same.
        case many(AnswerCollector)

        func take(_ result: Result<Arguments, any Error>) {
            switch self {
            case .one(let continuation): continuation.resume(with: result)
            case .many(let collector): collector.add(result.map { $0.firstAlone() })
            }
        }
    }

    private var waiting: [Int: (waiter: Waiter, timer: TimerID)] = [:]

    var isEmpty: Bool { waiting.isEmpty }

    mutating func wait(_ id: Int, _ waiter: Waiter, _ timer: TimerID) {
        waiting[id] = (waiter, timer)
    }

    /// An answer that nobody waits for (any more) is dropped.
    mutating func resolve(
        _ id: Int,
        _ result: Result<Arguments, any Error>,
        _ loop: EventLoop
    ) {
        guard let (waiter, timer) = waiting.removeValue(forKey: id) else { return }
        loop.cancel(timer)
        waiter.take(result)
        if waiting.isEmpty { waiting = [:] }
    }

    mutating func failAll(_ loop: EventLoop) {
        for id in Array(waiting.keys) {
            resolve(id, .failure(CallError(.disconnected)), loop)
        }
    }
}
