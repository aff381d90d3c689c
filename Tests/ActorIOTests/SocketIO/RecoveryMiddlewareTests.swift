import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// A socket that comes back, and the middleware it passed before.
final class RecoveryMiddlewareTests: XCTestCase {
    private static func server(
        skips: Bool,
        _ notes: Notes,
        _ extend: @escaping @Sendable (isolated Socket) async throws -> Void = { _ in }
    ) -> SocketIO {
        let chain = [
            Middleware { request, next in
                notes.add("chain")
                return try await next(request)
            }
        ]
        return SocketIO(handshake: chain, options: keeping { $0.skipsMiddleware = skips }) { root in
            root.use { socket in
                let isThere = await socket.rooms.contains("lobby")
                notes.add("middleware \(socket.isRecovered) \(isThere)")
                try await extend(socket)
            }
            root.on("join") { (socket, room: String) in await socket.join(Room(room)) }
        }
    }

    func testTheHandshakeChainIsNeverSkippedAndTheMiddlewareWhenTheOptionsSaySo() async throws {
        for skips in [true, false] {
            let notes = Notes()
            let io = Self.server(skips: skips, notes)
            try await withTestServer(App(), io) { server in
                let browser = server.browser()
                let tab = try await browser.connect()
                _ = try await tab.ask("join", "lobby")
                await tab.reset()
                await server.rest()
                let again = try await browser.reconnect(tab)
                XCTAssertTrue(again.isRecovered)
                let second = skips ? ["chain"] : ["chain", "middleware true true"]
                XCTAssertEqual(notes.all, ["chain", "middleware false false"] + second)
            }
        }
    }

    func testAMiddlewareThatRefusesEndsWhatWasSaved() async throws {
        let notes = Notes()
        let io = Self.server(skips: false, notes) { socket in
            if socket.isRecovered { throw ConnectError("no more") }
        }
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let me = try await Recoverer.join(browser)
            await me.wire.close()
            let refused = try await me.back(browser, after: nil)
            XCTAssertEqual(refused, ["44{\"message\":\"no more\"}"])
            let again = try await me.back(browser, after: nil)
            XCTAssertFalse((again.first ?? "").contains(me.sid))
            XCTAssertTrue((again.first ?? "").hasPrefix("40"))
        }
    }

    func testOneThatIsLostInMiddlewareMayTryAgain() async throws {
        let gate = Gate()
        let io = Self.server(skips: false, Notes()) { socket in
            if socket.isRecovered { await gate.pass() }
        }
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let me = try await Recoverer.join(browser)
            await me.wire.close()
            try await server.tell(io, "missed")
            let wire = try await browser.webSocket()
            _ = wire.take()
            await wire.say("40{\"pid\":\"\(me.pid)\"}")
            XCTAssertEqual(wire.take(), [])
            await wire.close()
            try await server.tell(io, "missed too")
            let second = try await browser.webSocket()
            _ = second.take()
            await second.say("40{\"pid\":\"\(me.pid)\"}")
            try await server.tell(io, "and this")
            gate.open()
            await server.rest()
            let back = second.take()
            XCTAssertEqual(back.count, 4)
            XCTAssertEqual(
                back.map { $0.split(separator: "\"").dropFirst().first.map(String.init) },
                ["missed", "missed too", "and this", "sid"]
            )
            XCTAssertEqual(back.last, me.answer)
            try await server.tell(io, "now")
            XCTAssertTrue(second.take().first?.hasPrefix("42[\"now\"") ?? false)
        }
    }

    func testOneThatWasLostTakesNothingFromTheOneThatCameAfterIt() async throws {
        let gate = Gate()
        let io = Self.server(skips: false, Notes()) { socket in
            if socket.isRecovered, gate.arrivals == 0 { await gate.pass() }
        }
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let tab = try await browser.connect()
            _ = try await tab.ask("join", "lobby")
            await tab.reset()
            await server.rest()
            let wire = try await browser.webSocket()
            await wire.say("40{\"pid\":\"\(tab.recoveryID ?? "")\"}")
            XCTAssertEqual(gate.arrivals, 1)
            await wire.close()
            let again = try await browser.reconnect(tab)
            XCTAssertTrue(again.isRecovered)
            gate.open()
            await server.rest()
            try await server.tell(io, "now", in: "lobby")
            let pending = await again.pending
            XCTAssertEqual(pending, ["now"])
        }
    }

    func testOneWhoseEventsWereDroppedWhileMiddlewareDecidedHasToComeAnew() async throws {
        let gate = Gate()
        var options = keeping { recovery in
            recovery.skipsMiddleware = false
            recovery.maxPacketBytes = 5_000
        }
        options.connectTimeout = .seconds(10)
        let io = SocketIO(options: options) { root in
            root.use { socket in
                if socket.isRecovered { await gate.pass() }
            }
        }
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let me = try await Recoverer.join(browser)
            await me.wire.close()
            let wire = try await browser.webSocket()
            _ = wire.take()
            await wire.say("40{\"pid\":\"\(me.pid)\"}")
            for _ in 1...10 {
                try await server.act {
                    try await io.emit("much", String(repeating: "x", count: 1_000))
                }
            }
            gate.open()
            await server.rest()
            XCTAssertEqual(wire.take(), ["close"])
            let back = try await me.back(browser, after: nil)
            XCTAssertEqual(back.count, 1)
            XCTAssertFalse((back.first ?? "").contains(me.sid))
        }
    }

    func testWhoIsOnItsWayBackIsStillInItsRoomsForThoseWhoChangeThem() async throws {
        let gate = Gate()
        let io = Self.server(skips: false, Notes()) { socket in
            guard socket.isRecovered else { return }
            await socket.join("inner")
            await gate.pass()
        }
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let tab = try await browser.connect()
            _ = try await tab.ask("join", "lobby")
            await tab.reset()
            await server.rest()
            let wire = try await browser.webSocket()
            _ = wire.take()
            await wire.say("40{\"pid\":\"\(tab.recoveryID ?? "")\"}")
            try await server.act {
                await io.in("lobby").join("attic")
                await io.in("inner").leave("lobby")
            }
            gate.open()
            await server.rest()
            _ = wire.take()
            let rooms = try await server.run { try await io.fetchSockets().map(\.rooms) }
            XCTAssertEqual(rooms, [["attic", "inner", Room(tab.id)]])
        }
    }

    func testWhoIsSentAwayOnItsWayBackHasToComeAnew() async throws {
        let gate = Gate()
        let io = Self.server(skips: false, Notes()) { socket in
            if socket.isRecovered { await gate.pass() }
        }
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let me = try await Recoverer.join(browser)
            await me.wire.close()
            let wire = try await browser.webSocket()
            _ = wire.take()
            await wire.say("40{\"pid\":\"\(me.pid)\"}")
            try await server.act { _ = try await io.disconnectSockets() }
            gate.open()
            await server.rest()
            XCTAssertEqual(wire.take(), ["close"])
            let back = try await me.back(browser, after: nil)
            XCTAssertEqual(back.count, 1)
            XCTAssertFalse((back.first ?? "").contains(me.sid))
        }
    }

    func testANamespaceThatWasForgottenIsMadeAgainForTheSocketThatComesBack() async throws {
        var options = keeping()
        options.cleansUpEmptyNamespaces = true
        let io = SocketIO(options: options) { root in
            root.namespaces(matching: "/tenants/:id") { tenant in
                tenant.on("join") { socket in await socket.join("lobby") }
            }
        }
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let tab = try await browser.connect("/tenants/7")
            _ = try await tab.ask("join")
            let name = io.namespace("/tenants/7")
            await tab.reset()
            await server.rest()
            XCTAssertNil(io.namespace("/tenants/7"))
            try await server.act { try await name?.in("lobby").emit("missed") }
            let again = try await browser.reconnect(tab)
            XCTAssertTrue(again.isRecovered)
            let pending = await again.pending
            XCTAssertEqual(pending, ["missed"])
            try await server.act { try await io.namespace("/tenants/7")?.in("lobby").emit("now") }
            _ = try await again.next("now")
        }
    }

    func testWhatWasMissedIsNotShownAgainToThoseWhoSeeWhatIsSent() async throws {
        let notes = Notes()
        let io = SocketIO(options: keeping()) { root in
            root.onAnyOutgoing { _, event in
                notes.add("\(event.name) with \(event.arguments.count)")
            }
        }
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let tab = try await browser.connect()
            try await server.act { try await io.emit("before", 1) }
            await tab.reset()
            await server.rest()
            try await server.act { try await io.emit("missed", 2) }
            let again = try await browser.reconnect(tab)
            let pending = await again.pending
            XCTAssertEqual(pending, ["missed"])
            try await server.act { try await io.emit("after", 3) }
            XCTAssertEqual(notes.all, ["before with 1", "after with 1"])
        }
    }

    func testWhatMiddlewareSendsComesInItsPlace() async throws {
        let io = Self.server(skips: false, Notes()) { socket in
            try socket.emit("from middleware")
            await socket.join("inner")
            try await socket.namespace.in("inner").emit("inner")
        }
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let wire = try await browser.webSocket()
            _ = wire.take()
            await wire.say("40")
            let first = wire.take()
            XCTAssertTrue((first.first ?? "").hasPrefix("42[\"from middleware\""))
            let me = try Recoverer(wire, try XCTUnwrap(first.last))
            await wire.close()
            try await server.tell(io, "missed")
            let back = try await me.back(browser, after: try offset(of: first.first))
            let offsets = try offsets(of: back.dropLast(), 3)
            XCTAssertEqual(
                back,
                [
                    "42[\"missed\",\"\(offsets[0])\"]",
                    "42[\"from middleware\",\"\(offsets[1])\"]",
                    "42[\"inner\",\"\(offsets[2])\"]", me.answer,
                ]
            )
            XCTAssertEqual(offsets, offsets.sorted())
        }
    }
}
