import ActorIOTesting
import XCTest

@testable import ActorIO

/// The promise of the library, under a few hundred schedules; `Examples/Simulate` runs many more.
final class SimulationLoginTests: XCTestCase {
    func testNobodyOutlivesTheirSession() async throws {
        let report = try await Simulation(schedules: 150, seed: 1).run(Login.workload(isSafe: true))
        XCTAssertEqual(report.schedules, 150)
        XCTAssertGreaterThan(report.connections, 800)
    }

    func testAHandshakeThatChecksAndThenJoinsIsFound() async throws {
        do {
            try await Simulation(schedules: 1_000, seed: 1).run(Login.workload(isSafe: false))
            XCTFail("nothing was found")
        } catch let failure as SimulationFailure {
            XCTAssertTrue(failure.message.contains("has ended"), "\(failure)")
        }
    }
}

/// Two tabs of one browser: one connects while the other logs out.
enum Login {
    static func workload(isSafe: Bool) -> @Sendable (World) async throws -> Void {
        { world in
            let (store, open) = (SessionStore(), OpenConnections())
            let (app, io) = site(store, open, world, isSafe: isSafe)
            let server = try await world.serve(app, io)
            let cookie = Locked<String?>(nil)
            world.spawn("first tab") { player in
                let browser = player.browser(server)
                try? await browser.logIn()
                cookie.withLock { $0 = browser.cookies["connect.sid"] }
                for _ in 0..<player.draw(8) { await player.yield() }
                _ = try? await browser.post("/leave")
            }
            for number in 0..<3 {
                world.spawn("tab \(number)") { player in
                    let browser = player.browser(server)
                    for _ in 0..<20 where cookie.withLock({ $0 }) == nil {
                        await player.rest(for: .milliseconds(50))
                    }
                    browser.setCookie("connect.sid", cookie.withLock { $0 })
                    let transport = player.pick(Browser.Transport.allCases) ?? .polling
                    let tab = try? await browser.connect(transport: transport)
                    _ = try? await tab?.call(Chat.whoami)
                }
            }
        }
    }

    private static func site(
        _ store: SessionStore,
        _ open: OpenConnections,
        _ world: World,
        isSafe: Bool
    ) -> (App, SocketIO) {
        let (plain, safe, _) = makePassportExample(
            options: options(open, world),
            store: store
        )
        var app = plain
        let checks = Middleware { request, next in
            // As people write it: the session is looked up here, and entered nowhere.
            let id = await store.sessions(of: 1).first?.id
            guard let id else { throw HTTPError(.unauthorized) }
            var request = request
            request[Checked.self] = Checked(id: id)
            return try await next(request)
        }
        let unsafe = SocketIO(handshake: [checks], options: options(open, world)) { root in
            root.use { socket in
                guard let id = socket.request[Checked.self]?.id else { return }
                await socket.join(Room("by hand \(id)"))
            }
        }
        let io = isSafe ? safe : unsafe
        app.post("/leave") { request in
            let id = try request.session.id
            try await request.session.destroy()
            try await io.in(Room("by hand \(id)")).disconnectSockets(close: true)
            if let text = open.ended(id) { world.fail(text) }
            return .status(.noContent)
        }
        return (app, io)
    }

    private static func options(_ open: OpenConnections, _ world: World) -> SocketIO.Options {
        var options = quiet
        options.engine.onEvent = { event, connection in
            let request = connection.request
            guard let id = request[Checked.self]?.id ?? (try? request.session.id) else { return }
            switch event {
            case .opened: if let text = open.opened(connection.id, id) { world.fail(text) }
            case .closed: open.closed(connection.id)
            default: break
            }
        }
        return options
    }

    private struct Checked: Sendable {
        let id: SessionID
    }
}

/// Which connections are open under which session, and which sessions are over.
final class OpenConnections: Sendable {
    private struct State {
        var open: [ObjectIdentifier: SessionID] = [:]
        var ended: Set<SessionID> = []
    }
    private let state = Locked(State())

    func opened(_ connection: ObjectIdentifier, _ id: SessionID) -> String? {
        state.withLock { state in
            state.open[connection] = id
            return state.ended.contains(id) ? "a connection opens whose session has ended" : nil
        }
    }

    func closed(_ connection: ObjectIdentifier) {
        state.withLock { $0.open[connection] = nil }
    }

    func ended(_ id: SessionID) -> String? {
        state.withLock { state in
            state.ended.insert(id)
            let isLeft = state.open.values.contains(id)
            return isLeft ? "a connection is open whose session has ended" : nil
        }
    }
}
