import Synchronization
import XCTest

@testable import ActorIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

private let heard = Atomic<Int>(0)

/// Several servers in one process, and what the process did with signals before them.
final class SignalTests: XCTestCase {
    private func server() -> Server {
        Server(App(), port: 0, host: "127.0.0.1", options: ServerTests.options())
    }

    func testEveryServerOfTheProcessHearsASignal() async throws {
        let servers = [server(), server(), server()]
        let runs = servers.map { server in
            Task { try await server.run(until: .signals(.terminate)) }
        }
        for server in servers { _ = try await server.address }
        kill(getpid(), SIGTERM)
        for run in runs { try await run.value }
    }

    func testAServerHearsSignalsWhenALaterOneHasEnded() async throws {
        let (first, second) = (server(), server())
        let firstRun = Task { try await first.run(until: .signals(.terminate)) }
        _ = try await first.address
        let secondRun = Task { try await second.run(until: .signals(.terminate, .interrupt)) }
        _ = try await second.address
        await second.shutdown()
        try await secondRun.value
        kill(getpid(), SIGTERM)
        try await firstRun.value
    }

    func testTheFormerHandlerComesBackWithTheEndOfTheLastServerAndNotBefore() async throws {
        let before = signal(SIGTERM) { _ in heard.add(1, ordering: .relaxed) }
        defer { signal(SIGTERM, before ?? SIG_DFL) }
        let (first, second) = (server(), server())
        // The same signal twice is one watch.
        let firstRun = Task { try await first.run(until: .signals(.terminate, .terminate)) }
        _ = try await first.address
        let secondRun = Task { try await second.run(until: .signals(.terminate)) }
        _ = try await second.address
        await first.shutdown()
        try await firstRun.value
        kill(getpid(), SIGTERM)
        try await secondRun.value
        XCTAssertEqual(heard.load(ordering: .relaxed), 0)
        kill(getpid(), SIGTERM)
        await eventually("the former handler") { heard.load(ordering: .relaxed) == 1 }
    }
}
