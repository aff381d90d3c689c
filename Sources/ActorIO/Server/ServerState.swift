/// Where a server is between its start and its end, and who waits for what.
struct ServerState {
    private enum Phase {
        case idle
        /// Why the last run ended.
        case ended(any Error)
        case starting
        case running([SocketAddress])
        case stopping
    }

    private var phase = Phase.idle
    private var isStopWanted = false
    private var addressWaiters: [CheckedContinuation<[SocketAddress], any Error>] = []
    private var stopWaiter: CheckedContinuation<Void, Never>?
    private var endWaiters: [CheckedContinuation<Void, Never>] = []
    private var next = 0
    var acceptors: [Acceptor] = []
    /// How long the end may take, when somebody said so.
    var limit: Duration?

    private var isIdle: Bool {
        switch phase {
        case .idle, .ended: true
        case .starting, .running, .stopping: false
        }
    }

    mutating func begin() throws {
        guard isIdle else { throw ServerError.alreadyRunning }
        phase = .starting
        limit = nil
    }

    mutating func started(_ addresses: [SocketAddress]) {
        phase = .running(addresses)
        for waiter in exchange(&addressWaiters, with: []) { waiter.resume(returning: addresses) }
    }

    mutating func waitForAddresses(
        _ continuation: CheckedContinuation<[SocketAddress], any Error>
    ) {
        switch phase {
        case .running(let addresses): continuation.resume(returning: addresses)
        case .stopping: continuation.resume(throwing: ServerError.stopped)
        case .ended(let error): continuation.resume(throwing: error)
        case .idle, .starting: addressWaiters.append(continuation)
        }
    }

    mutating func waitForStop(_ continuation: CheckedContinuation<Void, Never>) {
        guard !isStopWanted else {
            phase = .stopping
            return continuation.resume()
        }
        stopWaiter = continuation
    }

    mutating func beginStop() {
        // Before the first run it is remembered: a signal may come that early. After the end it is
        // late, and must not stop the next run.
        if case .ended = phase { return }
        isStopWanted = true
        guard let waiter = exchange(&stopWaiter, with: nil) else { return }
        phase = .stopping
        waiter.resume()
    }

    mutating func waitForEnd(_ continuation: CheckedContinuation<Void, Never>) {
        guard !isIdle else { return continuation.resume() }
        endWaiters.append(continuation)
    }

    mutating func finish(_ result: Result<Void, any Error>) {
        let error: any Error =
            if case .failure(let error) = result { error } else { ServerError.stopped }
        phase = .ended(error)
        isStopWanted = false
        acceptors = []
        for waiter in exchange(&addressWaiters, with: []) { waiter.resume(throwing: error) }
        for waiter in exchange(&endWaiters, with: []) { waiter.resume() }
    }

    mutating func nextAcceptor() -> Acceptor? {
        guard !acceptors.isEmpty else { return nil }
        next = (next + 1) % acceptors.count
        return acceptors[next]
    }
}

/// What a server can not do.
public enum ServerError: Error, Sendable {
    /// It runs already.
    case alreadyRunning
    /// It has stopped.
    case stopped
}
