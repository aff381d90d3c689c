#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Lets so many pieces of heavy work run at once, so many wait, and turns the others away.
final class WorkGate: Sendable {
    private struct State {
        var running = 0
        var waiting = Deque<Waiter>()
        var nextTicket = 0
    }

    private struct Waiter {
        let ticket: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    private let width: Int
    private let limit: Int
    private let state = Locked(State())

    init(width: Int, waiting limit: Int) {
        self.width = max(1, width)
        self.limit = limit
    }

    /// Runs the work when it is its turn; 503 when too many wait already.
    func run<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
        try await enter()
        defer { leave() }
        return try await work()
    }

    /// How many run and how many wait.
    var load: (running: Int, waiting: Int) {
        state.withLock { ($0.running, $0.waiting.count) }
    }

    private func enter() async throws {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        let entered = try await withTaskCancellationHandler {
            try await wait(ticket)
        } onCancel: {
            giveUp(ticket)
        }
        guard entered else { throw CancellationError() }
    }

    private func wait(_ ticket: Int) async throws -> Bool {
        var isFull = false
        let entered = await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                // Checked under the lock: a cancellation before it finds nobody to resume.
                if Task.isCancelled { return false }
                if state.running < width {
                    state.running += 1
                    return true
                }
                guard state.waiting.count < limit else {
                    isFull = true
                    return false
                }
                state.waiting.append(Waiter(ticket: ticket, continuation: continuation))
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
        guard !isFull else {
            throw HTTPError.tooManyLogins
        }
        return entered
    }

    private func leave() {
        let next = state.withLock { state -> Waiter? in
            // The place is handed on, so that nobody can slip in between.
            if let next = state.waiting.popFirst() { return next }
            state.running -= 1
            return nil
        }
        next?.continuation.resume(returning: true)
    }

    private func giveUp(_ ticket: Int) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiting.firstIndex(where: { $0.ticket == ticket }) else {
                return nil
            }
            let waiter = state.waiting[index]
            var others = Deque<Waiter>()
            for other in state.waiting where other.ticket != ticket {
                others.append(other)
            }
            state.waiting = others
            return waiter
        }
        waiter?.continuation.resume(returning: false)
    }
}

/// How many cores this machine has for us.
enum ProcessorCount {
    static var online: Int {
        max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }
}
