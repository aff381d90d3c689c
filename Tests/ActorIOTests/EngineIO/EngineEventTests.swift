import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What an app is told of its connections.
final class EngineEventTests: XCTestCase {
    private static func text(_ event: EngineEvent) -> String {
        switch event {
        case .received(let kind, let bytes): "< \(kind.rawValue) \(bytes)"
        case .sent(let kind, let bytes): "> \(kind.rawValue) \(bytes)"
        case .closed(let reason, let description):
            "closed: \(reason)" + (description.isEmpty ? "" : " (\(description))")
        default: "\(event)"
        }
    }

    private static func server(
        _ notes: Notes,
        _ configure: (inout SocketIO.Options) -> Void = { _ in }
    ) -> SocketIO {
        var options = quiet
        options.engine.onEvent = { event, _ in notes.add(text(event)) }
        configure(&options)
        return SocketIO(options: options) { root in
            root.on("echo") { (socket, text: String) in try socket.emit("echo", text) }
            root.on("bytes") { socket in try socket.emit("bytes", [1, 2, 3] as [UInt8]) }
            root.on("volatile") { socket in try socket.volatile.emit("v") }
            root.on("bye") { socket in socket.disconnect(close: true) }
        }
    }

    func testAPollingSessionTellsItsWholeLife() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let session = try await server.browser().handshake()
            XCTAssertEqual(notes.take(), ["opened", "> open 118", "drained"])
            _ = try await session.post("40")
            XCTAssertEqual(notes.take(), ["< message 2", "> message 32"])
            _ = try await session.poll()
            XCTAssertEqual(notes.take(), ["drained"])
            let poll = try await session.poll()
            XCTAssertEqual(notes.take(), [])
            _ = try await session.post(#"42["bytes"]"# + "\u{1E}3")
            XCTAssertEqual(poll.response?.status, 200)
            XCTAssertEqual(
                notes.take(),
                [
                    "< message 11", "> message 43", "> binary 3", "< pong 1", "heartbeat",
                    "drained",
                ]
            )
            _ = try await session.post("1")
            XCTAssertEqual(notes.take(), ["< close 1", "closed: transport close"])
        }
        XCTAssertEqual(notes.take(), [])
    }

    func testAMessageWithoutTextIsOneBinaryPacketAndNoPong() async throws {
        let notes = Notes()
        let io = Self.server(notes) { $0.parser = MessagePackParser() }
        try await withTestServer(App(), io) { server in
            let tab = try await server.browser().connect()
            _ = notes.take()
            try await tab.emit("echo", "x")
            _ = try await tab.next("echo")
            let sent = notes.take().filter { $0.hasPrefix(">") }
            XCTAssertEqual(sent.count, 1)
            XCTAssertTrue(sent.first?.hasPrefix("> binary ") == true, "\(sent)")
        }
    }

    func testAWebSocketTellsItsWholeLife() async throws {
        let notes = Notes()
        let clock = ManualClock()
        try await withTestServer(App(), Self.server(notes), clock: clock) { server in
            let wire = try await server.browser().webSocket()
            XCTAssertEqual(notes.take(), ["opened", "> open 107", "drained"])
            await wire.say("40")
            XCTAssertEqual(
                notes.take(),
                ["< message 2", "> message 32", "drained"]
            )
            await wire.say(#"42["echo","a"]"#, #"42["bytes"]"#)
            XCTAssertEqual(
                notes.take(),
                [
                    "< message 14", "> message 14", "< message 11", "> message 43", "> binary 3",
                    "drained",
                ]
            )
            await clock.advance(by: .seconds(25))
            XCTAssertEqual(notes.take(), ["> ping 1", "drained"])
            await wire.say("3")
            XCTAssertEqual(notes.take(), ["< pong 1", "heartbeat"])
            await wire.say("6", "bAQI=")
            XCTAssertEqual(
                notes.take(),
                ["< noop 1", "< binary 2", "closed: forced close"]
            )
        }
    }

    func testAnUpgradeIsToldInItsTwoSteps() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let poll = try await session.poll()
            _ = notes.take()
            let wire = try await session.upgrade()
            XCTAssertEqual(notes.take(), [])
            await wire.say("2probe")
            XCTAssertEqual(poll.body, "6")
            XCTAssertEqual(notes.take(), ["upgrading", "> noop 1", "drained"])
            _ = try await session.post(#"42["echo","a"]"#)
            XCTAssertEqual(notes.take(), ["< message 14", "> message 14"])
            await wire.say("5")
            XCTAssertEqual(notes.take(), ["upgraded", "drained"])
            await wire.close()
            XCTAssertEqual(notes.take(), ["closed: transport close"])
        }
    }

    func testAnAbandonedProbeIsNoUpgrade() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let session = try await server.browser().handshake()
            let wire = try await session.upgrade()
            await wire.say("40")
            XCTAssertEqual(wire.take(), ["close"])
            XCTAssertEqual(notes.all, ["opened", "> open 118", "drained"])
        }
    }

    func testAVolatileMessageThatIsDroppedWasNotSent() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            _ = notes.take()
            _ = try await session.post(#"42["volatile"]"#)
            XCTAssertEqual(notes.take(), ["< message 14"])
            let poll = try await session.poll()
            _ = try await session.post(#"42["volatile"]"#)
            XCTAssertEqual(poll.body, #"42["v"]"#)
            XCTAssertEqual(
                notes.take(),
                ["< message 14", "> message 7", "drained"]
            )
        }
    }

    func testEveryEndHasItsReasonOnce() async throws {
        let clock = ManualClock()
        let ends: [(String, String, [String])] = [
            ("x", "closed: parse error", ["40", "x"]),
            ("2", "closed: transport error (invalid heartbeat direction)", ["40", "2"]),
            ("1", "closed: transport close", ["40", "1"]),
            ("4{", "closed: forced close", ["40", "4{"]),
            ("bye", "closed: forced close", ["40", #"42["bye"]"#]),
        ]
        for (what, expected, words) in ends {
            let notes = Notes()
            try await withTestServer(App(), Self.server(notes)) { server in
                let wire = try await server.browser().webSocket()
                for word in words { await wire.say(word) }
                let polling = try await server.browser().handshake()
                for word in words { _ = try await polling.post(word) }
            }
            let closed = notes.all.filter { $0.hasPrefix("closed") }
            XCTAssertEqual(closed, [expected, expected], what)
        }
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes), clock: clock) { server in
            let silent = try await server.browser().joined()
            await clock.advance(by: .seconds(45))
            XCTAssertEqual(silent.take().last, "close")
            XCTAssertEqual(notes.all.last, "closed: ping timeout")
            let lazy = try await server.browser().webSocket()
            for _ in 0..<2 {
                await clock.advance(by: .milliseconds(22_500))
                await lazy.say("3")
            }
            XCTAssertEqual(
                notes.all.last,
                "closed: forced close (no namespace was joined in time)"
            )
            let session = try await server.browser().handshake()
            let poll = try await session.poll()
            _ = try await session.poll()
            XCTAssertEqual(poll.body, "1")
            XCTAssertEqual(notes.all.last, "closed: transport error (overlap from client)")
            _ = try await server.browser().webSocket()
        }
        XCTAssertEqual(notes.all.last, "closed: server shutting down")
    }

    func testNothingIsToldAfterTheEndThoughTheFarewellIsFetchedLater() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            _ = notes.take()
            _ = try await session.post(#"42["bye"]"#)
            let end = ["< message 9", "> message 2", "> close 1", "closed: forced close"]
            XCTAssertEqual(notes.take(), end)
            let poll = try await session.poll()
            XCTAssertEqual(poll.body, "41\u{1E}1")
            XCTAssertEqual(notes.take(), [])
        }
    }

    func testTheConnectionShowsItsFactsAndNeverItsSecret() async throws {
        let facts = Notes()
        let ids = Locked<Set<ObjectIdentifier>>([])
        var options = quiet
        options.engine.onEvent = { event, connection in
            ids.withLock { _ = $0.insert(connection.id) }
            let name = Self.text(event).split(separator: " ").first ?? ""
            facts.add(
                "\(name) \(connection.transport.rawValue) \(connection.isOpen)"
                    + " v\(connection.protocolVersion) \(connection.request.query["n"] ?? "")"
            )
            XCTAssertEqual(connection.remoteAddress, connection.request.remoteAddress)
        }
        let lines = Notes()
        options.log = Log(level: .debug) { lines.add($0.line) }
        options.engine.outgoingPackets = 1
        let io = SocketIO(options: options)
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let open = try await browser.wire("GET", "EIO=4&transport=polling&n=7")
            let sid = String(open.body?.dropFirst(9).prefix(20) ?? "")
            let session = RawSession(browser: browser, sid: sid)
            let wire = try await session.upgrade()
            await wire.say("2probe", "5")
            await wire.close()
            XCTAssertEqual(
                facts.all,
                [
                    "opened polling true v4 7", "> polling true v4 7",
                    "drained polling true v4 7",
                    "upgrading polling true v4 7",
                    "upgraded websocket true v4 7", "drained websocket true v4 7",
                    "closed: websocket false v4 7",
                ]
            )
            XCTAssertEqual(ids.withLock { $0.count }, 1)
            let slow = try await browser.handshake()
            try await slow.join()
            for _ in 0..<3 { try await server.act { try await io.emit("x") } }
            XCTAssertEqual(facts.all.last?.hasPrefix("closed: polling false"), true)
            let told = lines.all.joined()
            XCTAssertTrue(told.contains("does not take what is sent"), told)
            XCTAssertFalse(told.contains(sid) || told.contains(slow.sid))
        }
    }

    func testAConnectionCanBeClosedFromWithinAnEventWithoutAGoodbye() async throws {
        let ends = Notes()
        var options = quiet
        options.engine.onEvent = { event, connection in
            if case .received(.message, bytes: 12) = event { connection.close() }
        }
        let io = SocketIO(options: options) { root in
            root.on("close") { socket in ends.add("heard, v\(socket.connection.protocolVersion)") }
            root.onDisconnect { _, reason in ends.add(reason.rawValue) }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say(#"42["close"] "#)
            XCTAssertEqual(wire.take(), ["close"])
            XCTAssertEqual(ends.all, ["heard, v4", "forced close"])
        }
    }

    func testAnOldClientsPingIsItsHeartbeat() async throws {
        let notes = Notes()
        var options = old
        options.engine.onEvent = { event, connection in
            notes.add("v\(connection.protocolVersion) \(Self.text(event))")
        }
        try await withTestServer(App(), SocketIO(options: options)) { server in
            let wire = try await server.browser().oldJoined()
            _ = notes.take()
            await wire.say("2")
            XCTAssertEqual(wire.take(), ["3"])
            XCTAssertEqual(
                notes.take(),
                ["v3 < ping 1", "v3 heartbeat", "v3 > pong 1", "v3 drained"]
            )
        }
    }

    func testAHandshakeThatComesToNothingIsNotTold() async throws {
        let notes = Notes()
        var options = quiet
        options.engine.onEvent = { event, _ in notes.add(Self.text(event)) }
        let io = SocketIO(handshake: [.allow { _ in false }], options: options)
        try await withTestServer(App(), io) { server in
            _ = try await server.browser().webSocket()
            XCTAssertEqual(notes.all, [])
        }
    }
}
