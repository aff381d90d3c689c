/// One `for await` over the changes of presence: filled by the registry, emptied by its task.
final class PresenceReader: Sendable {
    private struct State {
        var queue = PresenceQueue()
        var waiter: CheckedContinuation<PresenceChange?, Never>?
        var isEnded = false
    }
    private let state = Locked(State())

    /// How much is kept for it.
    var noteCount: Int { state.withLock { $0.queue.noteCount } }
    var isEnded: Bool { state.withLock { $0.isEnded } }

    // The registry's side

    /// The changes to come follow what is true now.
    func begin(limit: Int, online: Set<Room>) {
        let queue = PresenceQueue(limit: limit, online: online)
        feed { $0 = queue }
    }

    func add(_ change: PresenceChange) {
        feed { $0.append(change) }
    }

    /// No more changes come; those that are there may still be read.
    func end() {
        let waiter = state.withLock { state in
            state.isEnded = true
            return exchange(&state.waiter, with: nil)
        }
        waiter?.resume(returning: nil)
    }

    private func feed(_ change: (inout PresenceQueue) -> Void) {
        let (waiter, next) = state.withLock { state in
            guard !state.isEnded else { return Self.nothing }
            change(&state.queue)
            guard state.waiter != nil, let next = state.queue.popFirst() else {
                return Self.nothing
            }
            return (exchange(&state.waiter, with: nil), next)
        }
        waiter?.resume(returning: next)
    }

    private static var nothing: (CheckedContinuation<PresenceChange?, Never>?, PresenceChange?) {
        (nil, nil)
    }

    // The task's side

    /// The next change; nil when there will be none, or the task is cancelled.
    func next(isolation: isolated (any Actor)? = #isolation) async -> PresenceChange? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in wait(continuation) }
        } onCancel: {
            cancel()
        }
    }

    private func wait(_ continuation: CheckedContinuation<PresenceChange?, Never>) {
        let (isThere, next) = state.withLock { state -> (Bool, PresenceChange?) in
            if let next = state.queue.popFirst() { return (true, next) }
            guard !state.isEnded else { return (true, nil) }
            state.waiter = continuation
            return (false, nil)
        }
        if isThere { continuation.resume(returning: next) }
    }

    /// Nobody reads any more.
    func cancel() {
        state.withLock { $0.queue = PresenceQueue() }
        end()
    }
}
