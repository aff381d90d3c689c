import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// A client loses its connection and finds its socket again as it was.
final class RecoveryTests: XCTestCase {
    private static func server(
        _ notes: Notes = Notes(),
        _ options: SocketIO.Options = keeping()
    ) -> SocketIO {
        SocketIO(options: options) { root in
            root.onConnection { socket in
                let rooms = await socket.rooms.filter { $0 != .socket(socket.id) }
                let color = socket[Color.self]?.name ?? "none"
                notes.add("\(socket.isRecovered) \(color) \(rooms.map(\.description).sorted())")
            }
            root.on("paint") { (socket, color: String) in socket[Color.self] = Color(name: color) }
            root.on("join") { (socket, room: String) in await socket.join(Room(room)) }
            root.on("leave") { (socket, room: String) in await socket.leave(Room(room)) }
        }
    }

    func testIdRoomsAndValuesAreThoseOfBeforeOverEveryTransport() async throws {
        for before in Browser.Transport.allCases {
            for after in Browser.Transport.allCases {
                let notes = Notes()
                let io = Self.server(notes)
                try await withTestServer(App(), io) { server in
                    let browser = server.browser()
                    let tab = try await browser.connect(transport: before)
                    XCTAssertFalse(tab.isRecovered)
                    _ = try await tab.ask("paint", "red")
                    _ = try await tab.ask("join", "lobby")
                    await tab.reset()
                    await server.rest()
                    try await server.tell(io, "here", in: "lobby")
                    try await server.tell(io, "elsewhere", in: "attic")
                    try await server.tell(io, "own", in: .socket(SocketID(tab.id) ?? SocketID()))
                    let again = try await browser.reconnect(tab, transport: after)
                    XCTAssertTrue(again.isRecovered)
                    XCTAssertEqual(again.id, tab.id)
                    XCTAssertEqual(again.recoveryID, tab.recoveryID)
                    let pending = await again.pending
                    XCTAssertEqual(pending, ["here", "own"])
                    XCTAssertEqual(notes.all, ["false none []", "true red [\"lobby\"]"])
                    try await server.tell(io, "later", in: "lobby")
                    _ = try await again.next("later")
                    let count = try await server.run { await io.in("lobby").count }
                    XCTAssertEqual(count, 1)
                }
            }
        }
    }

    func testASocketThatNeverGotAnEventIsRecovered() async throws {
        let io = Self.server()
        for offset in ["", ",\"offset\":\"\"", ",\"offset\":null"] {
            try await withTestServer(App(), io) { server in
                let browser = server.browser()
                try await server.tell(io, "before")
                let me = try await Recoverer.join(browser)
                await me.wire.close()
                try await server.tell(io, "missed")
                let wish = "{\"pid\":\"\(me.pid)\"\(offset)}"
                let back = try await Recoverer.hear(browser, "40" + wish)
                XCTAssertEqual(back.count, 2, wish)
                XCTAssertTrue((back.first ?? "").hasPrefix("42[\"missed\","), wish)
                XCTAssertEqual(back.last, me.answer, wish)
            }
        }
    }

    func testRecoveryWorksAgainAndAgain() async throws {
        let notes = Notes()
        let io = Self.server(notes)
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            var tab = try await browser.connect()
            _ = try await tab.ask("join", "lobby")
            let id = tab.id
            for round in 1...20 {
                await tab.reset()
                await server.rest()
                if round % 3 > 0 { try await server.tell(io, "n\(round)", in: "lobby") }
                tab = try await browser.reconnect(tab)
                XCTAssertTrue(tab.isRecovered)
                XCTAssertEqual(tab.id, id)
                let pending = await tab.pending
                XCTAssertEqual(pending, round % 3 > 0 ? ["n\(round)"] : [])
            }
            XCTAssertEqual(notes.count, 21)
        }
    }

    func testTheSecondDisconnectionHasItsOwnReason() async throws {
        let io = Self.server()
        let clock = ManualClock()
        try await withTestServer(App(), io, clock: clock) { server in
            let browser = server.browser()
            let tab = try await browser.connect()
            await tab.reset()
            await server.rest()
            let again = try await browser.reconnect(tab)
            await again.setStalled(true)
            await clock.advance(by: .seconds(46))
            await again.setStalled(false)
            let third = try await browser.reconnect(again)
            XCTAssertTrue(third.isRecovered)
            await third.disconnect()
            let reason = await third.disconnected
            XCTAssertEqual(reason, .clientDisconnect)
        }
    }

    func testWhatAClientLacksIsJudgedByTheRoomsOfThatTime() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let tab = try await browser.connect()
            _ = try await tab.ask("join", "left")
            await tab.setStalled(true)
            try await server.tell(io, "in left", in: "left")
            try await server.tell(io, "before entered", in: "entered")
            try await server.act {
                await io.leave("left")
                await io.join("entered")
            }
            try await server.tell(io, "after left", in: "left")
            try await server.tell(io, "in entered", in: "entered")
            await tab.reset()
            await server.rest()
            let again = try await browser.reconnect(tab)
            let pending = await again.pending
            XCTAssertEqual(pending, ["in left", "in entered"])
        }
    }

    func testWhoIsAwayIsStillInItsRoomsForThoseWhoChangeThem() async throws {
        let notes = Notes()
        let io = Self.server(notes)
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let tab = try await browser.connect()
            _ = try await tab.ask("join", "lobby")
            await tab.reset()
            await server.rest()
            try await server.act {
                await io.in("lobby").join("attic")
                await io.in("attic").leave("lobby")
            }
            try await server.tell(io, "lobby", in: "lobby")
            try await server.tell(io, "attic", in: "attic")
            let again = try await browser.reconnect(tab)
            let pending = await again.pending
            XCTAssertEqual(pending, ["attic"])
            XCTAssertEqual(notes.all.last, "true none [\"attic\"]")
        }
    }

    func testTheSameIsTrueWhileItsLastHandlersRun() async throws {
        let gate = Gate()
        let io = SocketIO(options: keeping()) { root in
            root.onConnection { socket in
                if !socket.isRecovered { await socket.join("lobby") }
            }
            root.onDisconnecting { _, _ in await gate.pass() }
        }
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let tab = try await browser.connect()
            await tab.reset()
            await server.rest()
            try await server.act {
                await io.in("lobby").join("attic")
                await io.in("lobby").leave("lobby")
            }
            gate.open()
            try await server.tell(io, "lobby", in: "lobby")
            try await server.tell(io, "attic", in: "attic")
            let again = try await browser.reconnect(tab)
            XCTAssertTrue(again.isRecovered)
            let pending = await again.pending
            XCTAssertEqual(pending, ["attic"])
        }
    }

    func testWhoIsDisconnectedWhileAwayIsNotRecovered() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let tab = try await browser.connect()
            _ = try await tab.ask("join", "lobby")
            await tab.reset()
            await server.rest()
            try await server.act { _ = try await io.in("lobby").disconnectSockets() }
            let again = try await browser.reconnect(tab)
            XCTAssertFalse(again.isRecovered)
            XCTAssertNotEqual(again.id, tab.id)
        }
    }

    func testAHandlerOfBeforeStillReachesItsClient() async throws {
        for isBackBefore in [false, true] {
            let gate = Gate()
            let io = SocketIO(options: keeping()) { root in
                root.on("work") { socket in
                    await gate.pass()
                    try socket.emit("done")
                    await gate.pass()
                    try socket.emit("done again")
                }
            }
            try await withTestServer(App(), io) { server in
                let browser = server.browser()
                let tab = try await browser.connect()
                try await tab.emit("work")
                await server.rest()
                await tab.reset()
                await server.rest()
                var again = tab
                if isBackBefore { again = try await browser.reconnect(tab) }
                gate.open()
                await server.rest()
                if !isBackBefore { again = try await browser.reconnect(tab) }
                await server.rest()
                let pending = await again.pending
                XCTAssertEqual(pending, ["done", "done again"])
            }
        }
    }

    func testApplicationsOwnKeysWinAndReachTheServer() async throws {
        let notes = Notes()
        let io = SocketIO(options: keeping()) { root in
            root.onConnection { socket in
                struct Auth: Decodable { var pid: JSONValue?, token: String? }
                let auth: Auth? = try? socket.auth()
                let pid = auth?.pid.map { $0.int ?? 0 }
                notes.add("\(socket.isRecovered) \(pid ?? -1) \(auth?.token ?? "")")
            }
        }
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let tab = try await browser.connect()
            await tab.reset()
            await server.rest()
            let own = try await browser.reconnect(tab, auth: ["pid": 4711])
            XCTAssertFalse(own.isRecovered)
            let again = try await browser.reconnect(tab, auth: ["token": "t"])
            XCTAssertTrue(again.isRecovered)
            XCTAssertEqual(notes.all, ["false -1 ", "false 4711 ", "true 0 t"])
        }
    }
}
