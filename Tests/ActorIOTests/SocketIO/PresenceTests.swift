import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What counts as present, and how it is counted.
final class PresenceTests: XCTestCase {
    func testSocketsConnectionsAndDevicesAreWhatTheirNamesSay() async throws {
        let (app, io, store) = makePresenceExample()
        try await withTestServer(app, io) { server in
            let (laptop, phone) = (server.browser(), server.browser())
            try await laptop.logIn("john")
            try await phone.logIn("john")
            var found = [try await server.presence(io)]
            let tab = try await laptop.connect()
            found.append(try await server.presence(io))
            _ = try await tab.join("/other")
            found.append(try await server.presence(io))
            _ = try await laptop.connect(transport: .polling)
            found.append(try await server.presence(io))
            _ = try await phone.connect("/other", transport: .upgrade)
            found.append(try await server.presence(io))
            XCTAssertEqual(found, [[0, 0, 0], [1, 1, 1], [2, 1, 1], [3, 2, 1], [4, 3, 2]])
            let cookie = laptop.cookies["connect.sid"] ?? ""
            let sessions = try await server.run { await store.sessions(of: 1).map(\.id) }
            for id in sessions {
                let isLaptops = cookie.contains(id.description)
                let ofSession = try await server.presence(io, .session(id))
                XCTAssertEqual(ofSession, isLaptops ? [3, 2, 1] : [1, 1, 1])
            }
            await tab.disconnect()
            let left = try await server.presence(io)
            XCTAssertEqual(left, [3, 3, 2], "the connection has its other namespace")
        }
    }

    func testSeveralUsersAreAskedForAtOnceAndListed() async throws {
        let (app, io, _) = makePresenceExample()
        try await withTestServer(app, io) { server in
            let (john, jane) = (server.browser(), server.browser())
            try await john.logIn("john")
            try await jane.logIn("jane")
            _ = try await jane.connect()
            _ = try await john.connect()
            _ = try await john.connect("/other")
            let asked = try await server.run {
                await io.presence(of: [.user(2), .user(3), .user(1), .user(2)])
            }
            XCTAssertEqual(asked.map(\.sockets), [1, 0, 2, 1])
            XCTAssertEqual(asked.map(\.isOnline), [true, false, true, true])
            XCTAssertEqual(asked.map(\.userID), ["2", "3", "1", "2"])
            let (all, one, none, count) = try await server.run {
                let all = await io.onlineUsers()
                let one = await io.onlineUsers(limit: 1)
                let none = await io.onlineUsers(limit: -1)
                return (all, one, none, await io.onlineUserCount)
            }
            XCTAssertEqual(Set(all), Set(asked.filter(\.isOnline)))
            XCTAssertEqual(one.count, 1)
            XCTAssertEqual(none.count, 0)
            XCTAssertEqual(count, 2)
        }
    }

    func testAHandlerAsksByItsNamespace() async throws {
        let (app, io, _) = makePresenceExample { root in
            root.namespace("/asking") { asking in
                asking.on("present") { socket in
                    let found = await socket.namespace.presence(of: .user(1))
                    let both = await socket.namespace.presence(of: [.user(1), .user(2)])
                    return [found.sockets, both[0].sockets, both[1].sockets]
                }
            }
        }
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            _ = try await browser.connect("/other")
            let tab = try await browser.connect("/asking")
            let found: [Int] = try await tab.call("present")
            XCTAssertEqual(found, [2, 2, 0])
        }
    }

    func testAHandshakeAloneAndARefusedNamespaceMakeNobodyOnline() async throws {
        let (app, io, _) = makePresenceExample()
        try await withTestServer(app, io) { server in
            let diary = await PresenceDiary(server, io)
            let browser = server.browser()
            try await browser.logIn()
            for transport in Browser.Transport.allCases {
                let connection = try await browser.open(transport)
                let shaken = try await server.presence(io)
                XCTAssertEqual(shaken, [0, 0, 0], "\(transport)")
                do {
                    _ = try await connection.join("/closed")
                    XCTFail("the namespace is closed")
                } catch is ConnectRefused {}
                let refused = try await server.presence(io)
                XCTAssertEqual(refused, [0, 0, 0], "\(transport)")
            }
            XCTAssertEqual(diary.take(), [])
        }
    }

    func testASocketThatIsStillBeingDecidedAboutDoesNotCount() async throws {
        let gate = Gate()
        let (app, io, _) = makePresenceExample { root in
            root.namespace("/slow") { slow in slow.use { _ in await gate.pass() } }
        }
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let wire = try await browser.webSocket()
            await wire.say("40/slow,")
            XCTAssertEqual(gate.waiterCount, 1)
            let waiting = try await server.presence(io)
            gate.open()
            let accepted = try await server.presence(io)
            XCTAssertEqual([waiting, accepted], [[0, 0, 0], [1, 1, 1]])
        }
    }

    func testAVisitorIsNobodyWhateverRoomsItJoins() async throws {
        let io = SocketIO(options: quiet) { root in
            root.onConnection { socket in await socket.join(.user(1), "user:2") }
        }
        try await withTestServer(App(), io) { server in
            let diary = await PresenceDiary(server, io)
            _ = try await server.browser().connect()
            let found = try await server.presence(io)
            XCTAssertEqual(found, [0, 0, 0])
            let (reached, online) = try await server.run {
                (await io.in(.user(1)).count, await io.onlineUserCount)
            }
            XCTAssertEqual(reached, 1, "though an event reaches it")
            XCTAssertEqual(online, 0)
            XCTAssertEqual(diary.take(), [])
        }
    }

    func testAConnectionWithoutASessionIsADeviceOfItsOwn() async throws {
        let bearer = Middleware { request, next in
            var request = request
            request[LoggedInUser.self] = request.query["token"].map { LoggedInUser(id: $0) }
            return try await next(request)
        }
        let io = SocketIO(handshake: [bearer], options: quiet)
        try await withTestServer(App(), io) { server in
            let diary = await PresenceDiary(server, io)
            let browser = server.browser()
            var wires: [Wire] = []
            for token in ["1", "1", "2"] {
                let query = "EIO=4&transport=websocket&token=\(token)"
                let wire = try await browser.webSocket(query)
                await wire.say("40")
                wires.append(wire)
            }
            let found = [
                try await server.presence(io, .user(1)), try await server.presence(io, .user(2)),
            ]
            XCTAssertEqual(found, [[2, 2, 2], [1, 1, 1]])
            await wires[0].close()
            let left = try await server.presence(io, .user(1))
            XCTAssertEqual(left, [1, 1, 1])
            XCTAssertEqual(diary.take(), ["+1", "+2"])
        }
    }

    func testDisconnectingSocketsIsSeenAtOnce() async throws {
        let clock = ManualClock()
        let (app, io, _) = makePresenceExample()
        try await withTestServer(app, io, clock: clock) { server in
            let diary = await PresenceDiary(server, io)
            let browser = server.browser()
            try await browser.logIn()
            let tab = try await browser.connect()
            _ = try await tab.join("/other")
            _ = try await browser.connect(transport: .polling)
            try await server.act { try await io.in(.user(1)).disconnectSockets() }
            let one = try await server.presence(io)
            XCTAssertEqual(one, [1, 1, 1], "the other namespace")
            try await server.act {
                try await io.namespace("/other")?.in(.user(1)).disconnectSockets(close: true)
            }
            let none = try await server.presence(io)
            XCTAssertEqual(none, [0, 0, 0])
            XCTAssertEqual(diary.take(), ["+1"])
            await clock.advance(by: .seconds(5))
            XCTAssertEqual(diary.take(), ["-1"])
        }
    }

    func testNamesOfUsersAreComparedByTheirBytes() {
        let composed = PresenceChange(room: .user("\u{E9}"), isOnline: true)
        let decomposed = PresenceChange(room: .user("e\u{301}"), isOnline: true)
        XCTAssertNotEqual(composed, decomposed)
        // The accent must not be taken for a part of the colon before it.
        let odd = Room.user("\u{301}a")
        XCTAssertEqual(odd.userID.map { Array($0.utf8) }, Array("\u{301}a".utf8))
        XCTAssertNil(Room("lobby").userID)
        XCTAssertEqual(Room.user("").userID, "")
    }
}
