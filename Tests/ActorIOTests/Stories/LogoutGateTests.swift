import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// A logout while something else is held open: it waits for nobody, and nobody slips through.
final class LogoutGateTests: XCTestCase {
    func testAHandshakeThatIsHeldInItsChainIsRefusedAfterALogout() async throws {
        for transport in ["polling", "websocket"] {
            for isBehindTheSession in [false, true] {
                let gate = Gate()
                let store = SessionStore()
                let session = Middleware.session(store, secret: "changeit")
                let slow = Middleware { request, next in
                    await gate.pass()
                    return try await next(request)
                }
                let chain = isBehindTheSession ? [session, slow] : [slow, session]
                let (app, _, _) = makePassportExample(store: store)
                let io = SocketIO(handshake: chain, options: quiet)
                try await withTestServer(app, io) { server in
                    let browser = server.browser()
                    try await browser.logIn()
                    let id = try await server.run { await store.sessions(of: 1)[0].id }
                    let headers: Headers = transport == "polling" ? [:] : Browser.upgradeHeaders
                    let query = "EIO=4&transport=\(transport)"
                    let wire = try await browser.wire("GET", query, headers: headers)
                    XCTAssertEqual(gate.arrivals, 1)
                    XCTAssertNil(wire.response)
                    try await server.act { try await store.endSession(id) }
                    gate.open()
                    await wire.rest()
                    // In front of the session a visitor goes on as nobody, in no room of anybody.
                    let isRefused = wire.response?.status == 401
                    XCTAssertEqual(isRefused, isBehindTheSession, transport)
                    let remains = try await server.run { await io.remains(of: id) }
                    XCTAssertEqual(remains, [])
                    let count = try await server.run { await io.clientCount }
                    XCTAssertEqual(count, isBehindTheSession ? 0 : 1)
                }
            }
        }
    }

    func testANamespaceThatIsStillDecidingIsEndedWithTheSession() async throws {
        let (gate, notes) = (Gate(), Notes())
        let (app, io, _) = makePassportExample { root in
            root.namespace("/slow") { slow in
                slow.use { _ in await gate.pass() }
                slow.onConnection { _ in notes.add("connected") }
                slow.on("note") { _ in notes.add("heard") }
            }
        }
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let wire = try await browser.webSocket()
            _ = wire.take()
            await wire.say("40/slow,", "42/slow,[\"note\"]")
            let session = try await browser.handshake()
            _ = try await session.post("40/slow,\u{1E}42/slow,[\"note\"]")
            XCTAssertEqual(gate.arrivals, 2)
            let answer = try await browser.post("/logout")
            XCTAssertEqual(answer.status, 204)
            XCTAssertEqual(wire.take(), ["close"])
            gate.open()
            await wire.rest()
            XCTAssertEqual(notes.all, [])
            let poll = try await session.poll()
            XCTAssertEqual(poll.body, "1")
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    func testASessionThatIsStillLoadedFromItsBackingIsDeadWhenItComes() async throws {
        let backing = SlowBacking()
        let first = SessionStore(backing: backing)
        let example = makePassportExample(store: first)
        let cookie = try await withTestServer(example.0, example.1) { server in
            let browser = server.browser()
            try await browser.logIn()
            return browser.cookies["connect.sid"]
        }
        let id = try XCTUnwrap(backing.ids.first)
        backing.isHeld = true
        let second = SessionStore(backing: backing)
        let (app, io, _) = makePassportExample(store: second)
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            browser.setCookie("connect.sid", cookie)
            let wires = [
                try await browser.wire("GET", "EIO=4&transport=polling"),
                try await browser.webSocket(),
            ]
            XCTAssertEqual(wires.map { $0.response?.status }, [nil, nil])
            try await server.act { try await second.endSession(id) }
            backing.gate.open()
            await server.rest()
            XCTAssertEqual(wires.map { $0.response?.status }, [401, 401])
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    func testAPostAProbeAndAPollUnderWayEndWithTheSession() async throws {
        let notes = Notes()
        let (app, io, _) = makePassportExample { root in
            root.on("note") { _ in notes.add("heard") }
        }
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let cookie = browser.cookies["connect.sid"] ?? ""
            let session = try await browser.handshake()
            try await session.join()
            let poll = try await session.poll()
            let probe = try await session.upgrade()
            let post = try await Wire.open(browser)
            await post.send(
                Array(
                    ("POST /socket.io/?EIO=4&transport=polling&sid=\(session.sid) HTTP/1.1\r\n"
                        + "Host: test.example\r\nCookie: connect.sid=\(cookie)\r\n"
                        + "Content-Length: 10\r\n\r\n42[\"n").utf8
                )
            )
            let half = try await session.upgrade()
            XCTAssertEqual(half.take(), ["close"])
            try await browser.post("/logout")
            XCTAssertEqual(poll.body, "41\u{1E}1")
            XCTAssertEqual(probe.take(), ["close"])
            await probe.say("2probe", "5", "42[\"note\"]")
            await post.send(Array("ote\"]".utf8))
            XCTAssertTrue(post.isEnded || post.body == "ok")
            XCTAssertEqual(notes.all, [])
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testALogoutDoesNotWaitForHandlersThatNeverEnd() async throws {
        let gate = Gate()
        let (app, io, _) = makePassportExample { root in
            root.on("work") { _ in await gate.pass() }
            root.onDisconnect { _, _ in await gate.pass() }
        }
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let wire = try await browser.joined()
            await wire.say("42[\"work\"]")
            let answer = try await browser.post("/logout")
            XCTAssertEqual(answer.status, 204)
            XCTAssertEqual(wire.take(), ["41", "close"])
            let count = try await server.run { await io.in(.user(1)).count }
            XCTAssertEqual(count, 0)
            gate.open()
        }
    }
}

/// Keeps sessions as a database would, and can be held up while it reads.
private final class SlowBacking: SessionBacking {
    private let records = Locked<[SessionID: SessionRecord]>([:])
    private let held = Locked(false)
    let gate = Gate()

    var ids: [SessionID] { records.withLock { Array($0.keys) } }
    var isHeld: Bool {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }

    func load(_ id: SessionID) async throws -> SessionRecord? {
        let record = records.withLock { $0[id] }
        if isHeld { await gate.pass() }
        return record
    }

    func save(_ record: SessionRecord, for id: SessionID) async throws {
        records.withLock { $0[id] = record }
    }

    func delete(_ id: SessionID) async throws {
        records.withLock { $0[id] = nil }
    }

    func touch(_ id: SessionID, lastSeenAt: Int64, expiresAt: Int64) async throws {
        records.withLock { $0[id]?.expiresAt = expiresAt }
    }

    func sessions(of userID: String) async throws -> [SessionID] {
        records.withLock { $0.filter { $0.value.userID == userID }.map(\.key) }
    }
}
