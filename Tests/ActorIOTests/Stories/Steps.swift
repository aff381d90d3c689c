import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Tries one thing at every step of another.
enum Steps {
    /// Runs `operation` again and again, and begins `intruder` one job later each time, until the
    /// operation has come to rest before it.
    ///
    /// Both are made anew for each round by `prepare`; `check` looks at what is left at the end.
    static func each<Round: Sendable>(
        of server: TestServer,
        prepare: () async throws -> Round,
        operation: @escaping @Sendable (Round) async throws -> Void,
        intruder: @escaping @Sendable (Round) async -> Void,
        check: (Round, _ step: Int) async throws -> Void
    ) async throws -> Int {
        let driver = server.door.driver
        var step = 0
        while true {
            let round = try await prepare()
            await server.rest()
            driver.interrupt(after: step) {
                Task(executorPreference: driver.loop.taskExecutor) { await intruder(round) }
            }
            // Whatever it comes to: refused, cut, or done.
            try? await operation(round)
            let isLast = await driver.finishInterruption()
            await server.rest()
            try await check(round, step)
            if isLast { return step }
            step += 1
            guard step < 2_000 else { throw EndlessSteps() }
        }
    }

    struct EndlessSteps: Error {}
}

extension EngineSession {
    /// Whether somebody above still gets what its client sends.
    var isHeard: Bool { receiver != nil }
}

extension SocketIO {
    /// What is still there of a login session: nothing, or a list for the failure.
    func remains(of id: SessionID) async -> [String] {
        var found: [String] = []
        let count = await self.in(.session(id)).count
        if count > 0 { found.append("\(count) sockets in its room") }
        for session in await core.engine.server.all {
            guard session.request[SessionSlot.self]?.liveID == id else { continue }
            if await session.isHeard { found.append("a connection that is listened to") }
        }
        return found
    }
}
