import XCTest

@testable import ActorIO

/// What closures on other threads leave behind for their test.
final class Recorder<Value: Sendable>: Sendable {
    private let values = Locked<[Value]>([])

    func add(_ value: Value) { values.withLock { $0.append(value) } }
    var all: [Value] { values.withLock { $0 } }
    var count: Int { values.withLock { $0.count } }
}

extension Recorder where Value: Equatable {
    func contains(_ value: Value) -> Bool { values.withLock { $0.contains(value) } }
}

/// An actor pinned to a loop, which notes what happens.
actor Pinned: LoopActor {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }
    private(set) var marks: [String] = []

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    /// Whether it runs where it should.
    @discardableResult
    func mark(_ text: String) -> Bool {
        marks.append(text)
        return loop.isCurrent
    }

    /// Calls another actor of the same loop while something else waits in the loop's queue.
    func callAcross(_ other: Pinned, _ log: Recorder<String>) async {
        loop.execute { log.add("queued") }
        await other.mark("called")
        log.add("back")
    }
}

/// Runs `body` on the loop and waits for its result.
func on<Value: Sendable>(
    _ loop: EventLoop,
    _ body: @escaping @Sendable () -> Value
) async -> Value {
    await withCheckedContinuation { continuation in
        loop.execute { continuation.resume(returning: body()) }
    }
}

/// Waits for what another thread is about to do, and fails when it does not happen.
func eventually(
    _ what: String,
    within limit: Duration = .seconds(10),
    file: StaticString = #filePath,
    line: UInt = #line,
    _ condition: () async throws -> Bool
) async rethrows {
    let start = ContinuousClock.now
    while ContinuousClock.now - start < limit {
        if try await condition() { return }
        await turn()
    }
    XCTFail("never: \(what)", file: file, line: line)
}

/// Lets a few milliseconds pass on the fallback loop's timer.
private func turn() async {
    await withCheckedContinuation { continuation in
        Dial.after(.milliseconds(2)) { continuation.resume() }
    }
}

/// Runs a test on a loop of each poller that this system has.
func withEveryPoller(_ body: (EventLoop) async throws -> Void) async rethrows {
    let pollers: [any Poller] = [EventLoop.systemPoller(), PollPoller()]
    for poller in pollers {
        let loop = EventLoop(poller: poller)
        do {
            try await body(loop)
        } catch {
            await loop.stop()
            throw error
        }
        await loop.stop()
    }
}
