internal import ActorIO

/// Turns the crank of a manual loop whenever it has work, and knows when it has none.
///
/// ```
/// work arrives ─► pump: run everything ready ─► advance asked for? step to the next deadline,
/// again
///                                            └► idle: whoever still waits can never be answered
/// ```
final class Driver: Sendable {
    let loop: EventLoop
    private let isManual: Bool
    private let state = Locked(State())

    private struct State {
        var isPumping = false
        var hasNewWork = false
        var target: LoopTime?
        var advanced: [CheckedContinuation<Void, Never>] = []
        var waiting: [Int: @Sendable () -> Void] = [:]
        var nextID = 0
        var isGraceArmed = false
        var interruption: (left: Int, body: @Sendable () -> Void)?
    }

    /// How long work that left the loop (a sleep, another thread) is waited for, in real time.
    private static let grace = Duration.seconds(2)

    /// A manual loop, at an arbitrary beginning of its time.
    init() {
        loop = EventLoop(manualAt: LoopTime(nanoseconds: 1_000_000_000))
        isManual = true
        loop.noticeForeignWork { [weak self] in self?.notice() }
    }

    /// A loop on a thread of its own, for clients of a real port.
    init(real loop: EventLoop) {
        self.loop = loop
        isManual = false
    }

    /// Runs an operation of the kit on the loop; throws when nothing can ever bring its answer.
    func run<Value: Sendable>(
        _ what: String,
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard isManual else { return try await operation() }
        let outcome = Outcome<Value>()
        let task = Task(executorPreference: loop.taskExecutor) {
            do {
                outcome.set(.success(try await operation()))
            } catch {
                outcome.set(.failure(error))
            }
        }
        // Only now, and then look again: a pump that is just coming to rest would take what is not
        // begun yet for stuck, and one that came to rest before knew of nobody who waits.
        let id = register { outcome.set(.failure(TestStuck(waitingFor: what))) }
        notice()
        defer {
            unregister(id)
            task.cancel()
        }
        return try await outcome.value.get()
    }

    private func register(_ fail: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            state.nextID += 1
            state.waiting[state.nextID] = fail
            return state.nextID
        }
    }

    private func unregister(_ id: Int) {
        state.withLock { $0.waiting[id] = nil }
    }

    /// Runs everything that is ready, steps to the next deadline, and so on until `duration` has
    /// passed.
    func advance(by duration: Duration) async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state.target = (state.target ?? loop.now) + duration
                state.advanced.append(continuation)
            }
            notice()
        }
    }

    private func notice() {
        let mustStart = state.withLock { state in
            state.hasNewWork = true
            guard !state.isPumping else { return false }
            state.isPumping = true
            return true
        }
        guard mustStart else { return }
        Task { self.pump() }
    }

    private func pump() {
        loop.claim()
        repeat {
            state.withLock { $0.hasNewWork = false }
            while crank() {}
        } while !settle()
    }

    private func crank() -> Bool {
        let isDue = state.withLock { $0.interruption.map { $0.left == 0 } }
        guard let isDue else { return loop.crank() }
        if isDue {
            takeInterruption()?()
            return true
        }
        guard loop.step() else { return false }
        state.withLock { $0.interruption?.left -= 1 }
        return true
    }

    private func takeInterruption() -> (@Sendable () -> Void)? {
        state.withLock { state in
            defer { state.interruption = nil }
            return state.interruption?.body
        }
    }

    /// Runs `body` on the loop when `count` more jobs have run: between any two, if a test tries
    /// every count.
    func interrupt(after count: Int, _ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.interruption = (count, body) }
    }

    /// Runs an interruption that is still to come now; false when it has run already.
    func finishInterruption() async -> Bool {
        guard let body = takeInterruption() else { return false }
        await withCheckedContinuation { continuation in
            loop.execute {
                body()
                continuation.resume()
            }
        }
        return true
    }

    /// Nothing is ready: a step in time, or rest.
    ///
    /// False when there is more to run.
    private func settle() -> Bool {
        enum Next {
            case work
            case rest([CheckedContinuation<Void, Never>], stuck: [@Sendable () -> Void])
            case grace
        }
        let deadline = loop.nextDeadline
        let isBusyElsewhere = loop.runningTasks > 0
        let next = state.withLock { state -> Next in
            guard !state.hasNewWork else { return .work }
            if let target = state.target {
                let step = min(deadline ?? target, target)
                loop.setVirtualTime(step)
                if let deadline, deadline <= target { return .work }
                state.target = nil
            }
            let advanced = state.advanced
            state.advanced = []
            // Released under the lock: whoever brings work now starts a pump of its own.
            loop.release()
            state.isPumping = false
            guard advanced.isEmpty, !state.waiting.isEmpty else {
                return .rest(advanced, stuck: [])
            }
            guard isBusyElsewhere else {
                let stuck = Array(state.waiting.values)
                state.waiting = [:]
                return .rest([], stuck: stuck)
            }
            if state.isGraceArmed { return .rest([], stuck: []) }
            state.isGraceArmed = true
            return .grace
        }
        switch next {
        case .work: return false
        case .rest(let advanced, let stuck):
            for continuation in advanced { continuation.resume() }
            for fail in stuck { fail() }
        case .grace: armGrace()
        }
        return true
    }

    private func armGrace() {
        let waited = state.withLock { Set($0.waiting.keys) }
        Dial.after(Self.grace) { [weak self] in
            guard let self else { return }
            let stuck = state.withLock { state -> [@Sendable () -> Void] in
                state.isGraceArmed = false
                return waited.compactMap { state.waiting.removeValue(forKey: $0) }
            }
            for fail in stuck { fail() }
            // Who began to wait meanwhile has a grace of its own.
            notice()
        }
    }
}

/// A test waits for something that nothing can bring any more.
public struct TestStuck: Error, CustomStringConvertible, Sendable {
    /// What was waited for.
    public let waitingFor: String

    /// What was waited for, in a sentence.
    public var description: String {
        "waiting for \(waitingFor), but nothing is left to run and the clock stands still"
    }
}

/// One result, set once, from anywhere.
private final class Outcome<Value: Sendable>: Sendable {
    private struct State {
        var result: Result<Value, any Error>?
        var waiter: CheckedContinuation<Result<Value, any Error>, Never>?
    }
    private let state = Locked(State())

    func set(_ result: Result<Value, any Error>) {
        let waiter = state.withLock {
            state -> CheckedContinuation<Result<Value, any Error>, Never>? in
            guard state.result == nil else { return nil }
            state.result = result
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: result)
    }

    var value: Result<Value, any Error> {
        get async {
            await withCheckedContinuation { continuation in
                let result = state.withLock { state -> Result<Value, any Error>? in
                    if state.result == nil { state.waiter = continuation }
                    return state.result
                }
                if let result { continuation.resume(returning: result) }
            }
        }
    }
}
