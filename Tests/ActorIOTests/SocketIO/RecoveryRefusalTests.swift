import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// When a client gets a new socket instead of the old one: never an error.
final class RecoveryRefusalTests: XCTestCase {
    private static func server(_ options: SocketIO.Options = keeping()) -> SocketIO {
        SocketIO(options: options) { root in
            root.on("leave") { socket in socket.disconnect() }
            root.on("close") { socket in socket.disconnect(close: true) }
            root.on("own") { socket in try socket.emit("own") }
            root.on("join") { (socket, room: String) in await socket.join(Room(room)) }
        }
    }

    /// What a client hears that is new: one answer, with another id and another secret.
    private static func assertIsNew(
        _ heard: [String],
        _ before: Recoverer,
        _ what: String = "",
        line: UInt = #line
    ) throws {
        XCTAssertEqual(heard.count, 1, what, line: line)
        let answer = try XCTUnwrap(heard.first, what, line: line)
        XCTAssertTrue(answer.hasPrefix("40{\"sid\":\""), what, line: line)
        XCTAssertTrue(answer.contains("\"pid\":\""), what, line: line)
        XCTAssertFalse(answer.contains(before.sid), what, line: line)
        XCTAssertFalse(answer.contains(before.pid), what, line: line)
    }

    // What the client says

    func testHostileWishesAreAnsweredByANewSocket() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let me = try await Recoverer.join(browser)
            await me.wire.say("42[\"own\"]")
            let last = try offset(of: me.wire.take().first)
            await me.wire.close()
            let pid = "\"pid\":\"\(me.pid)\""
            let wishes = [
                "{\"offset\":\"\(last)\"}", "{\"pid\":1,\"offset\":\"\(last)\"}",
                "{\"pid\":null,\"offset\":\"\(last)\"}", "{\"pid\":\"\",\"offset\":\"\(last)\"}",
                "{\"pid\":[\"\(me.pid)\"],\"offset\":\"\(last)\"}",
                "{\"pid\":\"\(RecoveryID().text)\",\"offset\":\"\(last)\"}",
                "{\"pid\":\"\(me.sid)\",\"offset\":\"\(last)\"}",
                "{\(pid),\"offset\":1}", "{\(pid),\"offset\":{}}", "{\(pid),\"offset\":true}",
                "{\(pid),\"offset\":[\"\(last)\"]}", "{\(pid),\"offset\":\"\(last)0\"}",
                "{\(pid),\"offset\":\"x\"}", "{\(pid),\"offset\":\"\(last.dropLast())\"}",
                "{\(pid),\"offset\":\"\(last.uppercased())!\"}",
                "{\(pid),\"offset\":\"\(String(repeating: "9", count: 1_000))\"}",
            ]
            for wish in wishes {
                try Self.assertIsNew(await Recoverer.hear(browser, "40" + wish), me, wish)
            }
            // None of them took it.
            let back = try await me.back(browser, after: last)
            XCTAssertEqual(back, [me.answer])
        }
    }

    func testASecretIsGoodForOneSocketAtATime() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let me = try await Recoverer.join(browser)
            try Self.assertIsNew(await me.back(browser, after: nil), me, "while it is connected")
            await me.wire.close()
            let wires = [try await browser.webSocket(), try await browser.webSocket()]
            for wire in wires { _ = wire.take() }
            let wish = ClientCodec.frame(text: Array("40{\"pid\":\"\(me.pid)\"}".utf8))
            for wire in wires { await wire.stream.send(wish) }
            await server.rest()
            XCTAssertEqual(wires[0].take(), [me.answer])
            try Self.assertIsNew(wires[1].take(), me)
            try Self.assertIsNew(await me.back(browser, after: nil), me, "replayed")
            let count = try await server.run { await io.count }
            XCTAssertEqual(count, 4)
        }
    }

    func testAClientOfAnOlderProtocolIsNeitherGivenASecretNorAskedForOne() async throws {
        var options = old
        options.recovery = RecoveryOptions()
        let io = Self.server(options)
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let wire = try await browser.webSocket("EIO=3&transport=websocket")
            await wire.say("42[\"own\"]")
            XCTAssertEqual(wire.take().dropFirst(), ["40", "42[\"own\"]"])
            await wire.close()
            XCTAssertEqual(io.core.registry.recovery?.extent.saved, 0)
        }
    }

    // Why it went

    func testWhoWasSentAwayOrLeftIsNotRecovered() async throws {
        for farewell in ["41", "42[\"leave\"]", "42[\"close\"]"] {
            let io = Self.server()
            try await withTestServer(App(), io) { server in
                let browser = server.browser()
                let me = try await Recoverer.join(browser)
                await me.wire.say(farewell)
                await me.wire.close()
                try Self.assertIsNew(await me.back(browser, after: nil), me, farewell)
                let extent = io.core.registry.recovery?.extent
                XCTAssertEqual(extent?.saved, 0, farewell)
            }
        }
    }

    func testABrokenPacketOfTheEngineIsTheEnd() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let me = try await Recoverer.join(browser)
            await me.wire.say("9")
            try Self.assertIsNew(await me.back(browser, after: nil), me)
        }
    }

    func testEveryLossOfTheConnectionIsRecovered() async throws {
        let ends: [(String, @Sendable (Recoverer, ManualClock) async -> Void)] = [
            ("closed", { me, _ in await me.wire.close() }),
            ("close frame", { me, _ in await me.wire.send(ClientCodec.closeFrame) }),
            ("close packet", { me, _ in await me.wire.say("1") }),
            ("broken frame", { me, _ in await me.wire.send([0xFF, 0xFF]) }),
            ("broken packet", { me, _ in await me.wire.say("42{") }),
            ("silence", { _, clock in await clock.advance(by: .seconds(46)) }),
        ]
        for (name, end) in ends {
            let io = Self.server()
            let clock = ManualClock()
            try await withTestServer(App(), io, clock: clock) { server in
                let browser = server.browser()
                let me = try await Recoverer.join(browser)
                await end(me, clock)
                await server.rest()
                let back = try await me.back(browser, after: nil)
                XCTAssertEqual(back, [me.answer], name)
            }
        }
    }

    func testOnlyUnwantedEndsAreRecoverable() {
        let all: [DisconnectReason] = [
            .clientDisconnect, .serverDisconnect, .forcedClose, .pingTimeout, .transportClose,
            .transportError, .parseError, .overBudget, .serverShuttingDown,
        ]
        XCTAssertEqual(
            all.filter(\.isRecoverable),
            [.forcedClose, .pingTimeout, .transportClose, .transportError, .serverShuttingDown]
        )
    }

    // When

    func testTimeIsOverAtTheMomentTheOptionsSay() async throws {
        for (seconds, isRecovered) in [(29, true), (30, false)] {
            let io = Self.server(keeping { $0.maxDisconnectionDuration = .seconds(30) })
            let clock = ManualClock()
            try await withTestServer(App(), io, clock: clock) { server in
                let browser = server.browser()
                let tab = try await browser.connect()
                await tab.reset()
                await server.rest()
                await clock.advance(by: .seconds(seconds))
                let again = try await browser.reconnect(tab)
                XCTAssertEqual(again.isRecovered, isRecovered)
            }
        }
    }

    func testALongQuietConnectionIsRecoveredWithWhatItMissed() async throws {
        let io = Self.server()
        let clock = ManualClock()
        try await withTestServer(App(), io, clock: clock) { server in
            let browser = server.browser()
            let busy = try await browser.connect()
            let tab = try await browser.connect()
            _ = try await busy.ask("join", "busy")
            try await server.tell(io, "first")
            for _ in 1...60 {
                try await server.tell(io, "noise", in: "busy")
                await clock.advance(by: .seconds(60))
            }
            await tab.setStalled(true)
            try await server.tell(io, "lost")
            await clock.advance(by: .seconds(46))
            try await server.tell(io, "missed")
            await clock.advance(by: .seconds(100))
            let again = try await browser.reconnect(tab)
            XCTAssertTrue(again.isRecovered)
            let pending = await again.pending
            XCTAssertEqual(pending, ["lost", "missed"])
        }
    }

    func testWhoWasNotReadForTooLongIsNewSinceItMayLackWhatIsForgotten() async throws {
        for (seconds, isRecovered) in [(60, true), (90, false)] {
            let gate = Gate()
            var options = keeping()
            options.maxUnfinishedHandlers = 1
            let io = SocketIO(options: options) { root in
                root.on("work") { _ in await gate.pass() }
            }
            let clock = ManualClock()
            try await withTestServer(App(), io, clock: clock) { server in
                let browser = server.browser()
                let tab = try await browser.connect()
                try await tab.emit("work")
                await server.rest()
                await clock.advance(by: .seconds(seconds))
                let isConnected = await tab.isConnected
                XCTAssertTrue(isConnected)
                await tab.reset()
                gate.open()
                await server.rest()
                let again = try await browser.reconnect(tab)
                XCTAssertEqual(again.isRecovered, isRecovered, "\(seconds)")
            }
        }
    }

    func testTheLimitOfBytesIsOneForAllNamespaces() async throws {
        let io = SocketIO(options: keeping { $0.maxPacketBytes = 10_000 }) { root in
            root.namespaces(matching: "/rooms/:id") { _ in }
        }
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            for number in 1...10 {
                let name = "/rooms/\(number)"
                _ = try await browser.connect(name)
                for _ in 1...5 {
                    try await server.act {
                        let text = String(repeating: "x", count: 1_000)
                        try await io.namespace(name)?.emit("much", text)
                    }
                }
            }
            let bytes = io.core.registry.recovery?.extent.bytes ?? 0
            XCTAssertLessThanOrEqual(bytes, 10_000)
            XCTAssertGreaterThan(bytes, 5_000)
        }
    }

    func testInMoreNamespacesThanTheLimitNobodyIsRecovered() async throws {
        let io = SocketIO(options: keeping { $0.maxNamespaces = 1 }) { root in
            root.namespace("/a") { _ in }
        }
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let tabs = [try await browser.connect(), try await browser.connect("/a")]
            for tab in tabs { await tab.reset() }
            await server.rest()
            var found: [Bool] = []
            for tab in tabs { found.append(try await browser.reconnect(tab).isRecovered) }
            XCTAssertEqual(found, [true, false])
        }
    }

    func testOneThatComesBackBeforeItsLastHandlersHaveReturnedIsNew() async throws {
        let gate = Gate()
        let io = SocketIO(options: keeping()) { root in
            root.onDisconnecting { socket, _ in
                await gate.pass()
                await socket.join("late")
                socket[Color.self] = Color(name: "late")
            }
            root.onConnection { socket in
                guard socket.isRecovered else { return }
                let isLate = await socket.rooms.contains("late")
                try socket.emit("state", isLate, socket[Color.self]?.name ?? "none")
            }
        }
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let me = try await Recoverer.join(browser)
            await me.wire.close()
            try Self.assertIsNew(await me.back(browser, after: nil), me)
            gate.open()
            await server.rest()
            // What the handlers did is part of it.
            let back = try await me.back(browser, after: nil)
            XCTAssertEqual(back.first, me.answer)
            let offset = try offset(of: back.last)
            XCTAssertEqual(back.last, "42[\"state\",true,\"late\",\"\(offset)\"]")
        }
    }

    // How much

    func testWhoLacksAnEventThatMadeRoomIsNew() async throws {
        let io = Self.server(keeping { $0.maxPacketBytes = 10_000 })
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let me = try await Recoverer.join(browser)
            let inRoom = try await browser.connect()
            _ = try await inRoom.ask("join", "room")
            await me.wire.close()
            await inRoom.reset()
            await server.rest()
            for _ in 1...20 {
                try await server.act {
                    try await io.in("room").emit("much", String(repeating: "x", count: 1_000))
                }
            }
            let bytes = io.core.registry.recovery?.extent.bytes ?? 0
            XCTAssertLessThanOrEqual(bytes, 10_000)
            XCTAssertGreaterThan(bytes, 5_000)
            let again = try await browser.reconnect(inRoom)
            XCTAssertFalse(again.isRecovered)
            let back = try await me.back(browser, after: nil)
            XCTAssertEqual(back, [me.answer])
        }
    }

    func testTheSocketThatLeftFirstMakesRoom() async throws {
        let io = Self.server(keeping { $0.maxSockets = 2 })
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            var tabs: [TestSocket] = []
            for _ in 1...3 { tabs.append(try await browser.connect()) }
            for tab in tabs {
                await tab.reset()
                await server.rest()
            }
            var found: [Bool] = []
            for tab in tabs { found.append(try await browser.reconnect(tab).isRecovered) }
            XCTAssertEqual(found, [false, true, true])
        }
    }

    func testMoreThanMayWaitForAClientIsNotGivenBack() async throws {
        var options = keeping()
        options.engine.outgoingPackets = 10
        let io = Self.server(options)
        for (count, isRecovered) in [(9, true), (10, false)] {
            for transport in [Browser.Transport.webSocket, .polling] {
                try await withTestServer(App(), io) { server in
                    let browser = server.browser()
                    let tab = try await browser.connect()
                    await tab.reset()
                    await server.rest()
                    for _ in 1...count { try await server.tell(io, "n") }
                    let again = try await browser.reconnect(tab, transport: transport)
                    XCTAssertEqual(again.isRecovered, isRecovered, "\(count) \(transport)")
                    let pending = await again.pending
                    XCTAssertEqual(pending.count, isRecovered ? count : 0)
                    let isConnected = await again.isConnected
                    XCTAssertTrue(isConnected)
                }
            }
        }
    }

    func testTimeLeavesNothingBehind() async throws {
        let io = Self.server()
        let clock = ManualClock()
        try await withTestServer(App(), io, clock: clock) { server in
            let browser = server.browser()
            let tab = try await browser.connect()
            _ = try await tab.ask("join", "lobby")
            try await server.tell(io, "kept")
            await tab.reset()
            await server.rest()
            try await server.tell(io, "kept too")
            let recovery = try XCTUnwrap(io.core.registry.recovery)
            XCTAssertEqual(recovery.extent.saved, 1)
            XCTAssertGreaterThan(recovery.extent.bytes, 0)
            await clock.advance(by: .seconds(600))
            XCTAssertEqual(recovery.extent.saved, 0)
            XCTAssertEqual(recovery.extent.bytes, 0)
            let rest = try await server.run { () -> (Int, Bool, Bool) in
                let registry = io.core.registry
                return (
                    await registry.trails.count, await registry.isEmpty,
                    await registry.recoveryWatch == nil
                )
            }
            XCTAssertEqual(rest.0, 0)
            XCTAssertTrue(rest.1)
            XCTAssertTrue(rest.2)
        }
    }
}
