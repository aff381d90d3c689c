import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// After ten thousand connections of every kind, opened and abandoned, nothing is left: by the
/// kernel's list of descriptors and by references that keep nothing alive, not by our own counters.
final class LeakTests: XCTestCase {
    func testNineThousandConnectionsInMemoryLeaveNothingBehind() async throws {
        let (app, io, store) = makePassportExample()
        let wire = ConnectionWire(Mount(app: app, io: io).handler())
        let lanes = [store.lane] + io.core.lanes
        for lane in lanes { lane.bind(to: wire.loop) }
        wire.run()
        var seen: [Weak] = []
        for _ in 0..<75 {
            try Self.wave(wire, each: 10)
            seen += wire.connections.map(Weak.init) + Self.parts(io, wire)
            wire.forget()
            // Connections that nobody talks on any more are found by their deadlines.
            wire.advance(.seconds(120))
        }
        XCTAssertEqual(wire.goneCount, 75 * 120)
        XCTAssertGreaterThan(seen.count, 75 * 130)
        XCTAssertEqual(seen.filter { $0.object != nil }.map(\.name), [])
        XCTAssertEqual(wire.loop.runningTasks, 0)
        // One alarm of the store, for the sessions it has just forgotten.
        XCTAssertLessThanOrEqual(wire.loop.timerCount, 1)
        for lane in lanes { lane.release(from: wire.loop) }
        wire.loop.release()
        let clients = await io.clientCount
        XCTAssertEqual(clients, 0)
        let isEmpty = await io.core.registry.isEmpty
        XCTAssertTrue(isEmpty)
    }

    /// The sessions, WebSockets and sockets that are alive in the middle of a wave.
    private static func parts(_ io: SocketIO, _ wire: ConnectionWire) -> [Weak] {
        let parts = Recorder<Weak>()
        Task(executorPreference: wire.loop.taskExecutor) {
            for weak in await weakParts(of: io) { parts.add(weak) }
        }
        wire.run()
        return parts.all
    }

    /// Nine kinds of connections, opened and left in as many ways: twelve with the helpers' own.
    private static func wave(_ wire: ConnectionWire, each count: Int) throws {
        for _ in 0..<count {
            let cookie = try logIn(wire)
            let kinds: [(Peer) throws -> Void] = [
                { $0.stream.close() },
                { $0.tell(get("/login")) },
                { peer in
                    peer.tell("GET /log")
                    peer.stream.reset()
                },
                { $0.tell(Self.handshake(cookie)) },
                { peer in
                    peer.tell(Self.handshake(cookie))
                    peer.tell(try Self.poll(peer, cookie))
                    peer.stream.close()
                },
                { peer in
                    Self.webSocket(peer, cookie)
                    peer.send(FrameWriter.close(nil, mask: 7))
                },
                { peer in
                    Self.webSocket(peer, cookie)
                    wire.run()
                    peer.stream.reset()
                },
                { peer in
                    peer.tell(Self.handshake(cookie))
                    let sid = try Self.sid(peer)
                    let other = wire.connect()
                    other.tell(webSocketRequest(cookie, sid))
                    other.send(FrameWriter.frame(.text, Array("2probe".utf8), mask: 7))
                    wire.run()
                },
                { peer in
                    Self.webSocket(peer, cookie)
                    wire.run()
                    let logout = wire.connect()
                    logout.tell(post("/logout", cookie))
                    XCTAssertEqual(logout.statuses, [204])
                },
            ]
            for kind in kinds { try kind(wire.connect()) }
            wire.run()
        }
    }

    private static func logIn(_ wire: ConnectionWire) throws -> String {
        let peer = wire.connect()
        peer.tell(post("/login", nil, body: "username=john&password=changeit"))
        let cookie = try sessionCookie(in: peer.text)
        peer.stream.close()
        return cookie
    }

    private static func webSocket(_ peer: Peer, _ cookie: String) {
        peer.tell(webSocketRequest(cookie, nil))
        peer.send(FrameWriter.frame(.text, Array("40".utf8), mask: 7))
    }

    private static func handshake(_ cookie: String) -> String {
        get("/socket.io/?EIO=4&transport=polling", "Cookie: \(cookie)")
    }

    private static func sid(_ peer: Peer) throws -> String { try sessionID(in: peer.text) }

    private static func poll(_ peer: Peer, _ cookie: String) throws -> String {
        get("/socket.io/?EIO=4&transport=polling&sid=\(try sid(peer))", "Cookie: \(cookie)")
    }
}

/// The same on a real port, with the kernel as witness.
final class PortLeakTests: XCTestCase {
    func testTwentyFiveHundredConnectionsOnAPortLeaveNothingBehind() async throws {
        var options = quiet
        options.engine.pingInterval = .milliseconds(300)
        options.engine.pingTimeout = .milliseconds(300)
        options.engine.upgradeTimeout = .milliseconds(300)
        let (app, io, _) = makePassportExample(options: options)
        try await ActorIO.withServer(app, io, options: ServerTests.options(loops: 2)) { server in
            let address = try await server.address
            try await Self.wave(address, io, each: 2)
            try await Self.settle(io, server)
            let before = openDescriptors()
            var seen: [Weak] = []
            for _ in 0..<5 { seen += try await Self.wave(address, io, each: 50) }
            try await Self.settle(io, server)
            await eventually("descriptors") { openDescriptors() <= before }
            XCTAssertEqual(openDescriptors(), before)
            XCTAssertGreaterThan(seen.count, 1_000)
            await eventually("everything freed") { seen.allSatisfy { $0.object == nil } }
            XCTAssertEqual(Set(seen.filter { $0.object != nil }.map(\.name)), [])
        }
    }

    /// Waits until the deadlines have found what was abandoned.
    private static func settle(_ io: SocketIO, _ server: Server) async throws {
        await eventually("no client") { await io.clientCount == 0 }
        await eventually("an empty registry") { await io.core.registry.isEmpty }
        await eventually("no connection") { await server.connectionCount == 0 }
    }

    @discardableResult
    private static func wave(
        _ address: SocketAddress,
        _ io: SocketIO,
        each count: Int
    ) async throws -> [Weak] {
        var open: [RawSocket] = []
        func connect(_ text: String, until answer: String) throws -> (RawSocket, String) {
            let socket = try RawSocket(address)
            try socket.send(text)
            open.append(socket)
            return (socket, try socket.read(until: answer))
        }
        var seen: [Weak] = []
        for number in 0..<count {
            let login = post("/login", nil, body: "username=john&password=changeit")
            let cookie = try sessionCookie(in: connect(login, until: "\r\n\r\n").1)
            _ = try connect(get("/login"), until: "login")
            let polling = get("/socket.io/?EIO=4&transport=polling", "Cookie: \(cookie)")
            _ = try connect(polling, until: "sid")
            let (poller, text) = try connect(polling, until: "maxPayload")
            let path = "/socket.io/?EIO=4&transport=polling&sid=\(try sessionID(in: text))"
            try poller.send(get(path, "Cookie: \(cookie)"))
            let (_, upgrading) = try connect(polling, until: "maxPayload")
            let sid = try sessionID(in: upgrading)
            let (prober, _) = try connect(webSocketRequest(cookie, sid), until: "\r\n\r\n")
            try prober.send(FrameWriter.frame(.text, Array("2probe".utf8), mask: 7))
            _ = try prober.read(until: "3probe")
            for _ in 0..<3 {
                let (socket, _) = try connect(webSocketRequest(cookie, nil), until: "maxPayload")
                try socket.send(FrameWriter.frame(.text, Array("40".utf8), mask: 7))
                _ = try socket.read(until: "40{\"sid")
            }
            seen += number % 10 == 0 ? await weakParts(of: io) : []
            open.removeLast().reset()
            try open.removeLast().send(FrameWriter.close(nil, mask: 7))
            // A login of its own: the farewells of the others would wait for polls for 30 seconds.
            let leaver = try sessionCookie(in: connect(login, until: "\r\n\r\n").1)
            let (tab, _) = try connect(webSocketRequest(leaver, nil), until: "maxPayload")
            try tab.send(FrameWriter.frame(.text, Array("40".utf8), mask: 7))
            _ = try tab.read(until: "40{\"sid")
            _ = try connect(post("/logout", leaver), until: "204")
        }
        seen += await weakParts(of: io)
        for socket in open { socket.close() }
        return seen
    }
}

/// Something that should be gone, and what it was.
struct Weak: Sendable {
    private(set) weak var object: (any Actor)?
    let name: String

    init(_ object: any Actor) {
        self.object = object
        name = "\(type(of: object))"
    }
}

private func weakParts(of io: SocketIO) async -> [Weak] {
    var parts: [Weak] = []
    for session in await io.core.engine.server.all {
        parts.append(Weak(session))
        if let socket = await session.webSocket { parts.append(Weak(socket)) }
    }
    let all = await io.core.registry.fetch(io.audience)
    return parts + all.compactMap { $0.outlet as? Socket }.map(Weak.init)
}

private func post(_ path: String, _ cookie: String?, body: String = "") -> String {
    var lines = ["POST \(path) HTTP/1.1", "Host: a", "Content-Length: \(body.utf8.count)"]
    if let cookie { lines.append("Cookie: \(cookie)") }
    lines.append("Content-Type: application/x-www-form-urlencoded")
    return (lines + ["", ""]).joined(separator: "\r\n") + body
}

private func webSocketRequest(_ cookie: String, _ sid: String?) -> String {
    get(
        "/socket.io/?EIO=4&transport=websocket" + (sid.map { "&sid=\($0)" } ?? ""),
        "Cookie: \(cookie)",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    )
}

private func sessionID(in text: String) throws -> String {
    String(try XCTUnwrap(text.split(separator: "\"sid\":\"").last?.prefix { $0 != "\"" }))
}

private func sessionCookie(in text: String) throws -> String {
    let parts = text.split(separator: "connect.sid=")
    return "connect.sid=" + (try XCTUnwrap(parts.count > 1 ? parts[1] : nil).prefix { $0 != ";" })
}
