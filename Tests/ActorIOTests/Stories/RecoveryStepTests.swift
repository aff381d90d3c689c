import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// A connection is lost and recovered while something else happens, at every step of it.
final class RecoveryStepTests: XCTestCase {
    private struct Round: Sendable {
        let browser: Browser
        let before: TestSocket
        let found = Found()
        var session: SessionID?
    }

    /// The sockets that came of one round.
    private final class Found: Sendable {
        private let list = Locked<[TestSocket]>([])
        var all: [TestSocket] { list.withLock { $0 } }
        func add(_ socket: TestSocket) { list.withLock { $0.append(socket) } }
    }

    private static func server(skips: Bool) -> SocketIO {
        var options = keeping { $0.skipsMiddleware = skips }
        options.maxNamespaces = 4
        return SocketIO(options: options) { root in
            root.use { _ in await Task.yield() }
            root.onDisconnecting { _, _ in await Task.yield() }
            root.on("join") { socket in await socket.join("lobby") }
        }
    }

    private static func join(_ server: TestServer) async throws -> Round {
        let browser = server.browser()
        let tab = try await browser.connect()
        _ = try await tab.ask("join")
        return Round(browser: browser, before: tab)
    }

    // Broadcasts

    func testNoBroadcastIsLostOrDoubledWhileASocketGoesAndComesBack() async throws {
        for transport in Browser.Transport.allCases {
            for skips in [true, false] { try await broadcast(transport, skips: skips) }
        }
    }

    private func broadcast(_ transport: Browser.Transport, skips: Bool) async throws {
        let io = Self.server(skips: skips)
        try await withTestServer(App(), io) { server in
            let steps = try await Steps.each(of: server) {
                try await Self.join(server)
            } operation: { round in
                await round.before.reset()
                // A client takes its time: it is not back before the server has noticed.
                for _ in 0..<20 { await Task.yield() }
                round.found.add(
                    try await round.browser.reconnect(round.before, transport: transport)
                )
            } intruder: { round in
                guard let id = SocketID(round.before.id) else { return }
                try? await io.emit("all")
                try? await io.in("lobby").emit("room")
                try? await io.in(.socket(id)).emit("own")
            } check: { round, step in
                let said = "\(transport) skipping \(skips) at step \(step)"
                let again = try XCTUnwrap(round.found.all.first, said)
                XCTAssertTrue(again.isRecovered, said)
                let before = await round.before.pending
                let after = await again.pending
                XCTAssertEqual(before + after, ["all", "room", "own"], said)
                let others = try await server.run { await io.count }
                XCTAssertEqual(others, 1, said)
                await again.disconnect()
                await server.rest()
            }
            XCTAssertGreaterThan(steps, 30)
        }
    }

    // Two at once

    func testOfTwoThatWantOneSocketOneGetsIt() async throws {
        for transport in Browser.Transport.allCases {
            for skips in [true, false] {
                let io = Self.server(skips: skips)
                try await withTestServer(App(), io) { server in
                    let steps = try await Steps.each(of: server) {
                        let round = try await Self.join(server)
                        await round.before.reset()
                        return round
                    } operation: { round in
                        round.found.add(
                            try await round.browser.reconnect(round.before, transport: transport)
                        )
                    } intruder: { round in
                        guard let again = try? await round.browser.reconnect(round.before) else {
                            return
                        }
                        round.found.add(again)
                    } check: { round, step in
                        let said = "\(transport) skipping \(skips) at step \(step)"
                        let found = round.found.all
                        XCTAssertEqual(found.count, 2, said)
                        XCTAssertEqual(found.filter(\.isRecovered).count, 1, said)
                        XCTAssertEqual(Set(found.map(\.id)).count, 2, said)
                        for socket in found { await socket.disconnect() }
                        await server.rest()
                        let count = try await server.run { await io.count }
                        XCTAssertEqual(count, 0, said)
                    }
                    XCTAssertGreaterThan(steps, 20)
                }
            }
        }
    }

    // Logout

    private enum Ending: CaseIterable {
        case endSession
        case logout
        case expiry
    }

    func testASessionThatEndsAtAnyStepOfARecoveryLeavesNobody() async throws {
        for ending in Ending.allCases { try await end(ending, .webSocket) }
        for transport in Browser.Transport.allCases { try await end(.endSession, transport) }
    }

    private func end(_ ending: Ending, _ transport: Browser.Transport) async throws {
        let store = SessionStore { $0.maxSessionsPerUser = 10_000 }
        let (app, io, _) = makePassportExample(options: keeping(), store: store) { root in
            root.onDisconnecting { _, _ in await Task.yield() }
        }
        try await withTestServer(app, io) { server in
            let steps = try await Steps.each(of: server) {
                try await Self.logIn(server, store)
            } operation: { round in
                await round.before.reset()
                for _ in 0..<20 { await Task.yield() }
                round.found.add(
                    try await round.browser.reconnect(round.before, transport: transport)
                )
            } intruder: { round in
                await Self.end(round, ending, store)
            } check: { round, step in
                let said = "\(transport) \(ending) at step \(step)"
                let session = try XCTUnwrap(round.session)
                let remains = try await server.run { await io.remains(of: session) }
                XCTAssertEqual(remains, [], said)
                XCTAssertEqual(io.core.registry.recovery?.extent.saved, 0, said)
                XCTAssertEqual(io.core.registry.recovery?.extent.leaving, 0, said)
                let users = try await server.run { await io.in(.user(1)).count }
                XCTAssertEqual(users, 0, said)
                // Not with a new login either.
                try await round.browser.logIn()
                let again = try await round.browser.reconnect(round.before)
                XCTAssertFalse(again.isRecovered, said)
                await again.disconnect()
                await server.rest()
            }
            XCTAssertGreaterThan(steps, 30)
        }
    }

    private static func logIn(_ server: TestServer, _ store: SessionStore) async throws -> Round {
        let browser = server.browser()
        try await browser.logIn()
        let cookie = browser.cookies["connect.sid"] ?? ""
        let all = try await server.run { await store.sessions(of: 1).map(\.id) }
        let id = try XCTUnwrap(all.first { cookie.contains($0.description) })
        return Round(browser: browser, before: try await browser.connect(), session: id)
    }

    private static func end(_ round: Round, _ ending: Ending, _ store: SessionStore) async {
        guard let session = round.session else { return }
        switch ending {
        case .endSession: _ = try? await store.endSession(session)
        case .logout: _ = try? await round.browser.post("/logout")
        case .expiry: await store.endLater([session])
        }
    }
}
