/// An event that each of its receivers answers.
struct Question: Sendable {
    let id: Int
    let event: EncodedEvent
    let timeout: Duration
    let collector: AnswerCollector
}

/// The answers to one question, in the order in which they come.
///
/// Each receiver adds one outcome, whatever becomes of it, so the last of them ends the waiting.
final class AnswerCollector: Sendable {
    typealias Answer = Result<Arguments, any Error>

    private struct State {
        var expected: Int?
        var answers: [Answer] = []
        var waiter: CheckedContinuation<[Answer], Never>?

        mutating func takeIfComplete() -> (CheckedContinuation<[Answer], Never>, [Answer])? {
            guard let expected, answers.count >= expected, let waiter else { return nil }
            self.waiter = nil
            return (waiter, answers)
        }
    }
    private let state = Locked(State())

    func expect(_ count: Int) {
        change { $0.expected = count }
    }

    func add(_ answer: Answer) {
        change { $0.answers.append(answer) }
    }

    /// All answers, when all have come.
    func wait() async -> [Answer] {
        await withCheckedContinuation { continuation in
            change { $0.waiter = continuation }
        }
    }

    /// Nobody wants the answers any more.
    func cancel() {
        change { $0.expected = $0.answers.count }
    }

    private func change(_ body: (inout State) -> Void) {
        let complete = state.withLock { state in
            body(&state)
            return state.takeIfComplete()
        }
        guard let (waiter, answers) = complete else { return }
        waiter.resume(returning: answers)
    }
}
