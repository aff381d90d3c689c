import ActorIOTesting
import XCTest

@testable import ActorIO

/// The end of a server in the middle of a run, the time of a run, and fields of clients.
final class SimulationStopTests: XCTestCase {
    func testAServerThatStopsClosesEveryConnectionAndLetsNobodyInAnyMore() async throws {
        let (reasons, late) = (Notes(), Notes())
        let report = try await Simulation(schedules: 60).run { world in
            let open = Open()
            var options = quiet
            options.engine.onEvent = { event, connection in
                if let text = open.take(event, connection.id) { world.fail(text) }
            }
            let server = try await world.serve(App(), SocketIO(options: options))
            for number in 0..<3 {
                world.spawn("client \(number)") { player in
                    while !open.isStopped {
                        let transport = player.pick(Browser.Transport.allCases) ?? .polling
                        let tab = try? await player.browser(server).connect(transport: transport)
                        await player.rest(for: .milliseconds(100 + player.draw(1_000)))
                        if open.isStopped, let reason = await tab?.disconnected {
                            reasons.add(reason.rawValue)
                        }
                    }
                    if (try? await player.browser(server).connect()) != nil { late.add("in") }
                }
            }
            world.spawn("operator") { player in
                await player.rest(for: .milliseconds(player.draw(5_000)))
                await server.stop()
                if let text = open.stop() { world.fail(text) }
            }
        }
        XCTAssertGreaterThan(report.connections, 300)
        XCTAssertTrue(reasons.all.contains("server shutting down"))
        XCTAssertEqual(late.all, [])
    }

    func testTheTimeOfTheRunBeginsAtZeroAndPassesAsItsPlayersRest() async throws {
        let times = Notes()
        try await Simulation(schedules: 1).run { world in
            times.add("\(world.now)")
            world.spawn("somebody") { player in
                await player.rest(for: .milliseconds(1_500))
                times.add("\(world.now)")
            }
        }
        XCTAssertEqual(times.all, ["\(Duration.zero)", "\(Duration.milliseconds(1_500))"])
    }

    func testAFieldOfABrowserGoesWithItsRequestsAndHandshakesUntilItIsTakenAway() async throws {
        let seen = Notes()
        let note = Middleware { request, next in
            seen.add(request.headers["x-client"] ?? "none")
            return try await next(request)
        }
        var app = App()
        app.use(note)
        app.get("/") { _ in .status(.noContent) }
        let io = SocketIO(handshake: [note], options: quiet)
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            browser.setHeader("X-Client", "phone")
            try await browser.get("/")
            try await browser.get("/", headers: ["x-client": "watch"])
            for transport in Browser.Transport.allCases {
                _ = try await browser.connect(transport: transport)
            }
            browser.setHeader("x-client", nil)
            try await browser.get("/")
        }
        XCTAssertEqual(seen.all, ["phone", "watch", "phone", "phone", "phone", "none"])
    }

    /// Connections that are open, and none on a server that has stopped.
    private final class Open: Sendable {
        private let state = Locked((open: Set<ObjectIdentifier>(), isStopped: false))

        var isStopped: Bool { state.withLock { $0.isStopped } }

        func take(_ event: EngineEvent, _ id: ObjectIdentifier) -> String? {
            state.withLock { state in
                switch event {
                case .opened:
                    state.open.insert(id)
                    return state.isStopped ? "somebody is let in" : nil
                case .closed: state.open.remove(id)
                default: break
                }
                return nil
            }
        }

        func stop() -> String? {
            state.withLock { state in
                state.isStopped = true
                return state.open.isEmpty ? nil : "\(state.open.count) connections are left"
            }
        }
    }
}
