import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// A session ends at every step of a client's way in: when its end is known, nobody is left.
final class LogoutStepTests: XCTestCase {
    private struct Round: Sendable {
        let browser: Browser
        let id: SessionID
        let logout: Wire
        let request: [UInt8]
        let notes: Notes
    }

    /// How a session can end.
    private enum Ending: CaseIterable {
        case logout
        case endSession
        case renewal
        case expiry
    }

    func testALogoutAtEveryStepOfAWebSocketsWayIn() async throws {
        try await run(.webSocket, .logout)
    }

    func testALogoutAtEveryStepOfAPollingClientsWayIn() async throws {
        try await run(.polling, .logout)
    }

    func testALogoutAtEveryStepOfAnUpgrade() async throws { try await run(.upgrade, .logout) }

    func testTheStoresOwnEndingAtEveryStep() async throws {
        for transport in Browser.Transport.allCases { try await run(transport, .endSession) }
    }

    func testARenewalAtEveryStep() async throws {
        for transport in Browser.Transport.allCases { try await run(transport, .renewal) }
    }

    func testAnExpiryAtEveryStep() async throws {
        for transport in Browser.Transport.allCases { try await run(transport, .expiry) }
    }

    private func run(_ transport: Browser.Transport, _ ending: Ending) async throws {
        let heard = Notes()
        let store = SessionStore { $0.maxSessionsPerUser = 10_000 }
        let (app, io, _) = makePassportExample(store: store) { root in
            root.use { socket in
                heard.add("\(try socket.request.session.id)")
                await Task.yield()
            }
            root.on("note") { socket in
                heard.add("\(try socket.request.session.id)")
            }
        }
        let clock = ManualClock()
        try await withTestServer(app, io, clock: clock) { server in
            let other = server.browser()
            try await other.logIn()
            let bystander = try await other.connect()
            let steps = try await Steps.each(of: server) {
                try await Self.prepare(server, store, ending)
            } operation: { round in
                let tab = try await round.browser.connect(transport: transport)
                _ = try await tab.ask("note")
                try await tab.emit("note")
            } intruder: { round in
                await Self.end(round, ending, store)
                // Whoever is heard after this moment is heard too late.
                round.notes.add("\(heard.all.filter { $0 == "\(round.id)" }.count)")
                round.notes.add("\(await io.remains(of: round.id))")
            } check: { round, step in
                let said = "\(transport) \(ending) at step \(step)"
                let count = heard.all.filter { $0 == "\(round.id)" }.count
                if ending != .expiry {
                    XCTAssertEqual(round.notes.all, ["\(count)", "[]"], said)
                }
                let remains = try await server.run { await io.remains(of: round.id) }
                XCTAssertEqual(remains, [], said)
                if ending == .logout { XCTAssertEqual(round.logout.response?.status, 204, said) }
            }
            XCTAssertGreaterThan(steps, 30)
            await clock.advance(by: .seconds(31))
            let left = try await server.run { await io.clientCount }
            XCTAssertEqual(left, 1)
            let name = try await bystander.call(Chat.whoami)
            XCTAssertEqual(name, "john")
            await bystander.close()
            await server.rest()
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty, "\(transport) \(ending)")
        }
    }

    private static func prepare(
        _ server: TestServer,
        _ store: SessionStore,
        _ ending: Ending
    ) async throws -> Round {
        let browser = server.browser()
        try await browser.logIn()
        let newest = try await server.run {
            let all = await store.sessions(of: 1).map(\.id)
            return all
        }
        let cookie = browser.cookies["connect.sid"] ?? ""
        let id = try XCTUnwrap(newest.first { cookie.contains($0.description) })
        let logout = try await Wire.open(browser)
        let path = ending == .logout ? "/logout" : "/login"
        let form = Array("username=john&password=changeit".utf8)
        let request = browser.bytes(
            "POST",
            path,
            ["Content-Type": "application/x-www-form-urlencoded"],
            form
        )
        return Round(browser: browser, id: id, logout: logout, request: request, notes: Notes())
    }

    /// Ends the round's session and returns when that is known.
    private static func end(_ round: Round, _ ending: Ending, _ store: SessionStore) async {
        switch ending {
        case .logout, .renewal:
            await round.logout.stream.send(round.request)
            await round.logout.answered()
        case .endSession: _ = try? await store.endSession(round.id)
        case .expiry: await store.endLater([round.id])
        }
    }
}
