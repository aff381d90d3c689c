import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// A session that is shown at CONNECT only ends at every step of it: nobody is left who holds it.
final class ConnectStepTests: XCTestCase {
    private struct Round: Sendable {
        /// What is shown, and what was before.
        let token: String
        let id: SessionID
        let before: SessionID
        let browser: Browser
        let notes = Notes()
        var tab: TestSocket?
    }

    private static func server(
        _ store: SessionStore,
        _ heard: Notes,
        options: SocketIO.Options = quiet
    ) -> (App, SocketIO) {
        let (app, _, _) = makePassportExample(store: store)
        let session = Middleware.session(store, secret: "changeit")
        let passport = Passport<Member>.local { _, _ in nil }
        let slow = Middleware { request, next in
            await Task.yield()
            let response = try await next(request)
            await Task.yield()
            return response
        }
        let chain = [
            session, slow, passport.session, .require(Member.self),
        ]
        let io = SocketIO(connect: chain, options: options) { root in
            root.use { _ in await Task.yield() }
            root.acceptsReauthentication()
            root.on("note") { socket in heard.add("\(try socket.request.session.id)") }
            root.namespace("/other") { _ in }
        }
        return (app, io)
    }

    private static func logIn(
        _ server: TestServer,
        _ store: SessionStore
    ) async throws -> (token: String, id: SessionID) {
        let browser = server.browser()
        try await browser.logIn()
        let token = browser.sessionToken
        let all = try await server.run { await store.sessions(of: 1).map(\.id) }
        return (token, try XCTUnwrap(all.first { token.contains($0.description) }))
    }

    private static func prepare(
        _ server: TestServer,
        _ store: SessionStore,
        _ transport: Browser.Transport? = nil
    ) async throws -> Round {
        let login = try await logIn(server, store)
        let before = transport == nil ? login : try await logIn(server, store)
        let browser = server.browser()
        var round = Round(token: login.token, id: login.id, before: before.id, browser: browser)
        if let transport {
            round.tab = try await browser.connect(transport: transport, token: before.token)
        }
        return round
    }

    /// What is wrong when the end of a session has returned.
    private static func end(
        _ id: SessionID,
        _ round: Round,
        _ store: SessionStore,
        _ heard: Notes,
        _ io: SocketIO
    ) async {
        _ = try? await store.endSession(id)
        round.notes.add("\(heard.all.filter { $0 == "\(id)" }.count)")
        round.notes.add("\(await io.claims(on: id))")
    }

    private static func check(
        _ id: SessionID,
        _ round: Round,
        _ server: TestServer,
        _ heard: Notes,
        _ io: SocketIO,
        _ said: String
    ) async throws {
        let count = heard.all.filter { $0 == "\(id)" }.count
        XCTAssertEqual(round.notes.all, ["\(count)", "[]"], said)
        let claims = try await server.run { await io.claims(on: id) }
        XCTAssertEqual(claims, [], said)
    }

    func testASessionThatEndsAtAnyStepOfACONNECTLeavesNobody() async throws {
        for transport in Browser.Transport.allCases {
            let (store, heard) = (SessionStore { $0.maxSessionsPerUser = 10_000 }, Notes())
            let (app, io) = Self.server(store, heard)
            let clock = ManualClock()
            try await withTestServer(app, io, clock: clock) { server in
                let steps = try await Steps.each(of: server) {
                    try await Self.prepare(server, store)
                } operation: { round in
                    let connection = try await round.browser.open(transport)
                    let tab = try await connection.join(token: round.token)
                    _ = try await tab.ask("note")
                    _ = try await connection.join("/other", token: round.token)
                    try await tab.emit("note")
                } intruder: { round in
                    await Self.end(round.id, round, store, heard, io)
                } check: { round, step in
                    let said = "\(transport) at step \(step)"
                    try await Self.check(round.id, round, server, heard, io, said)
                }
                XCTAssertGreaterThan(steps, 40)
                await clock.advance(by: .seconds(60))
                let left = try await server.run { await io.clientCount }
                XCTAssertEqual(left, 0, "refused ones too, at the connect timeout")
                let isEmpty = try await server.run { await io.core.registry.isEmpty }
                XCTAssertTrue(isEmpty)
            }
        }
    }

    func testEitherSessionThatEndsAtAnyStepOfAReauthenticationLeavesNobody() async throws {
        for (transport, endsTheOld) in [
            (Browser.Transport.webSocket, true), (.webSocket, false), (.polling, true),
            (.polling, false),
        ] {
            let (store, heard) = (SessionStore { $0.maxSessionsPerUser = 10_000 }, Notes())
            let (app, io) = Self.server(store, heard)
            try await withTestServer(app, io) { server in
                let steps = try await Steps.each(of: server) {
                    try await Self.prepare(server, store, transport)
                } operation: { round in
                    _ = try await round.tab?.ask("reauthenticate", round.token)
                    _ = try await round.tab?.ask("note")
                    try await round.tab?.emit("note")
                } intruder: { round in
                    let id = endsTheOld ? round.before : round.id
                    await Self.end(id, round, store, heard, io)
                } check: { round, step in
                    let said = "\(transport) old \(endsTheOld) at step \(step)"
                    let id = endsTheOld ? round.before : round.id
                    try await Self.check(id, round, server, heard, io, said)
                    // The other one is either still there or was never told.
                    await round.tab?.close()
                    await server.rest()
                    let isEmpty = try await server.run { await io.core.registry.isEmpty }
                    XCTAssertTrue(isEmpty, said)
                }
                XCTAssertGreaterThan(steps, 15)
            }
        }
    }

    /// H24: who is away when its session ends does not come back, and who comes back asks again.
    func testASessionThatEndsAtAnyStepOfARecoveryLeavesNobody() async throws {
        for skips in [true, false] {
            let (store, heard) = (SessionStore { $0.maxSessionsPerUser = 10_000 }, Notes())
            let (app, io) = Self.server(
                store,
                heard,
                options: keeping { $0.skipsMiddleware = skips }
            )
            try await withTestServer(app, io) { server in
                let steps = try await Steps.each(of: server) {
                    let login = try await Self.logIn(server, store)
                    let browser = server.browser()
                    var round = Round(
                        token: login.token,
                        id: login.id,
                        before: login.id,
                        browser: browser
                    )
                    round.tab = try await browser.connect(token: login.token)
                    return round
                } operation: { round in
                    guard let tab = round.tab else { return }
                    await tab.reset()
                    for _ in 0..<20 { await Task.yield() }
                    let again = try await round.browser.reconnect(
                        tab,
                        auth: ["token": round.token]
                    )
                    _ = try await again.ask("note")
                } intruder: { round in
                    await Self.end(round.id, round, store, heard, io)
                } check: { round, step in
                    let said = "skipping \(skips) at step \(step)"
                    try await Self.check(round.id, round, server, heard, io, said)
                    XCTAssertEqual(io.core.registry.recovery?.extent.saved, 0, said)
                    let user = try await server.run { await io.count(of: 1) }
                    XCTAssertEqual(user, 0, said)
                }
                XCTAssertGreaterThan(steps, 30)
            }
        }
    }
}
