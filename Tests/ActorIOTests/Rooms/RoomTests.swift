import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Who hears what: rooms, exceptions, and the verbs that act on many sockets.
final class RoomTests: XCTestCase {
    private static func server(options: SocketIO.Options = quiet) -> SocketIO {
        func fill(_ plan: inout Namespace) {
            plan.on("join") { (socket, room: String) in await socket.join(Room(room)) }
            plan.on("leave") { (socket, room: String) in await socket.leave(Room(room)) }
            plan.on("rooms") { socket in await socket.rooms.map(\.description).sorted() }
            plan.on("to") { (socket, room: String) in try await socket.to(Room(room)).emit("e", 1) }
            plan.on("broadcast") { socket in try await socket.broadcast.emit("e", 1) }
            plan.on("all") { socket in try await socket.namespace.emit("e", 1) }
        }
        return SocketIO(options: options) { root in
            fill(&root)
            root.namespace("/other") { other in fill(&other) }
        }
    }

    /// Tabs in the rooms they are named after, a letter each.
    private static func tabs(_ server: TestServer, _ names: [String]) async throws -> [TestSocket] {
        var tabs: [TestSocket] = []
        for name in names {
            let tab = try await server.browser().connect()
            for letter in name { _ = try await tab.ask("join", String(letter)) }
            tabs.append(tab)
        }
        return tabs
    }

    private static func heard(_ tabs: [TestSocket]) async throws -> [Int] {
        await tabs.first?.driver.advance(by: .zero)
        var counts: [Int] = []
        for tab in tabs {
            var count = 0
            while await tab.pending.contains("e") {
                _ = try await tab.next("e")
                count += 1
            }
            counts.append(count)
        }
        return counts
    }

    func testToInExceptAndTheirUnionsReachEverySocketOnce() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let tabs = try await Self.tabs(server, ["", "a", "b", "ab", "abc"])
            let cases: [(Audience, [Int])] = [
                (io.audience, [1, 1, 1, 1, 1]), (io.to("a"), [0, 1, 0, 1, 1]),
                (io.in("b"), [0, 0, 1, 1, 1]), (io.to("a", "b"), [0, 1, 1, 1, 1]),
                (io.to("a").to("b"), [0, 1, 1, 1, 1]), (io.to(["a", "c"]), [0, 1, 0, 1, 1]),
                (io.except("a"), [1, 0, 1, 0, 0]), (io.to("a").except("b"), [0, 1, 0, 0, 0]),
                (io.to("b").except("c", "nobody"), [0, 0, 1, 1, 0]),
                (io.to("nobody"), [0, 0, 0, 0, 0]), (io.to("a").local, [0, 1, 0, 1, 1]),
                (io.to("a").volatile, [0, 1, 0, 1, 1]),
                (io.to(.socket(try XCTUnwrap(SocketID(tabs[2].id)))), [0, 0, 1, 0, 0]),
                (io.except(.socket(try XCTUnwrap(SocketID(tabs[2].id)))), [1, 1, 0, 1, 1]),
            ]
            for (number, (audience, expected)) in cases.enumerated() {
                try await server.run { try await audience.emit("e", 1) }
                let heard = try await Self.heard(tabs)
                XCTAssertEqual(heard, expected, "case \(number)")
                let count = try await server.run { await audience.count }
                XCTAssertEqual(count, expected.reduce(0, +), "count of case \(number)")
                let fetched = try await server.run { try await audience.fetchSockets().map(\.id) }
                let ids = zip(tabs, expected).filter { $0.1 == 1 }.map(\.0.id)
                XCTAssertEqual(fetched.map(\.description).sorted(), ids.sorted())
            }
        }
    }

    func testASocketThatSendsToRoomsIsNeverMeantItself() async throws {
        try await withTestServer(App(), Self.server()) { server in
            let tabs = try await Self.tabs(server, ["a", "a", "b"])
            try await tabs[0].emit("to", "a")
            var heard = try await Self.heard(tabs)
            XCTAssertEqual(heard, [0, 1, 0])
            try await tabs[0].emit("broadcast")
            heard = try await Self.heard(tabs)
            XCTAssertEqual(heard, [0, 1, 1])
            try await tabs[0].emit("all")
            heard = try await Self.heard(tabs)
            XCTAssertEqual(heard, [1, 1, 1])
        }
    }

    func testRoomsBelongToOneNamespace() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let tab = try await server.browser().connect()
            let other = try await tab.join("/other")
            _ = try await tab.ask("join", "a")
            _ = try await other.ask("join", "a")
            let there = try XCTUnwrap(io.namespace("/other"))
            XCTAssertNil(io.namespace("other"))
            try await server.run { try await there.to("a").emit("e", 1) }
            let heard = try await Self.heard([tab, other])
            XCTAssertEqual(heard, [0, 1])
            await other.disconnect()
            let counts = try await server.run {
                (await io.in("a").count, await there.in("a").count)
            }
            XCTAssertEqual(counts.0, 1)
            XCTAssertEqual(counts.1, 0)
        }
    }

    func testASocketIsInItsOwnRoomAndInThoseItJoinedUntilItLeavesThem() async throws {
        try await withTestServer(App(), Self.server()) { server in
            let tab = try await server.browser().connect()
            _ = try await tab.ask("join", "b")
            _ = try await tab.ask("join", "a")
            _ = try await tab.ask("join", "a")
            var rooms: [String] = try await tab.call("rooms")
            XCTAssertEqual(rooms, [tab.id, "a", "b"].sorted())
            _ = try await tab.ask("leave", "a")
            _ = try await tab.ask("leave", "nobody")
            _ = try await tab.ask("leave", tab.id)
            rooms = try await tab.call("rooms")
            XCTAssertEqual(rooms, [tab.id, "b"].sorted())
        }
    }

    func testRoomsAreComparedByTheirBytes() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let tab = try await server.browser().connect()
            _ = try await tab.ask("join", "caf\u{E9}")
            let composed = try await server.run { await io.in("caf\u{E9}").count }
            let decomposed = try await server.run { await io.in("cafe\u{301}").count }
            XCTAssertEqual(composed, 1)
            XCTAssertEqual(decomposed, 0)
            _ = try await tab.ask("leave", "cafe\u{301}")
            let rest = try await server.run { await io.in("caf\u{E9}").count }
            XCTAssertEqual(rest, 1)
        }
    }

    func testRoomsOfOneSocketAreLimited() async throws {
        var options = quiet
        options.maxRooms = 3
        try await withTestServer(App(), Self.server(options: options)) { server in
            let tab = try await server.browser().connect()
            for number in 0..<10 { _ = try await tab.ask("join", "\(number)") }
            var rooms: [String] = try await tab.call("rooms")
            XCTAssertEqual(rooms, [tab.id, "0", "1", "2"].sorted())
            _ = try await tab.ask("leave", "1")
            _ = try await tab.ask("join", "9")
            rooms = try await tab.call("rooms")
            XCTAssertEqual(rooms, [tab.id, "0", "2", "9"].sorted())
        }
    }

    func testManySocketsJoinLeaveAndDisconnectAtOnce() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let tabs = try await Self.tabs(server, ["a", "ab", "b"])
            try await server.run { await io.in("a").join("x", "y") }
            try await server.run { await io.in("b").leave("y") }
            let counts = try await server.run { (await io.in("x").count, await io.in("y").count) }
            XCTAssertEqual(counts.0, 2)
            XCTAssertEqual(counts.1, 1)

            let ended = try await server.run { try await io.in("a").disconnectSockets() }
            XCTAssertEqual(ended, 2)
            let rest = try await server.run { await io.count }
            XCTAssertEqual(rest, 1)
            let connections = try await server.run { await io.clientCount }
            XCTAssertEqual(connections, 3)
            let reasons = [await tabs[0].disconnected, await tabs[1].disconnected]
            XCTAssertEqual(reasons, [.serverDisconnect, .serverDisconnect])
            let last = try await server.run { try await io.disconnectSockets(close: true) }
            XCTAssertEqual(last, 1)
            let left = try await server.run { await io.clientCount }
            XCTAssertEqual(left, 2)
        }
    }

    func testAFetchedSocketHasItsRoomsAndTheVerbs() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let tabs = try await Self.tabs(server, ["a", "b"])
            let found = try await server.run { try await io.in("b").fetchSockets() }
            let remote = try XCTUnwrap(found.first)
            XCTAssertEqual(remote.id.description, tabs[1].id)
            XCTAssertEqual(remote.rooms, ["b", Room(tabs[1].id)])
            try await server.run { try await remote.emit("e", 1) }
            let heard = try await Self.heard(tabs)
            XCTAssertEqual(heard, [0, 1])
            try await server.run { try await remote.disconnect() }
            let reason = await tabs[1].disconnected
            XCTAssertEqual(reason, .serverDisconnect)
            let again = try await server.run { try await remote.disconnectSockets() }
            XCTAssertEqual(again, 0)
        }
    }

    func testARoomNamedAfterASocketReachesThatSocketAndWhoeverJoinedIt() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let tabs = try await Self.tabs(server, ["", "", ""])
            _ = try await tabs[1].ask("join", tabs[0].id)
            try await server.run { try await io.to(Room(tabs[0].id)).emit("e", 1) }
            let heard = try await Self.heard(tabs)
            XCTAssertEqual(heard, [1, 1, 0])
        }
    }

    func testASocketIsSeenFromItsCONNECTAndNotBefore() async throws {
        let gate = Gate()
        let io = SocketIO(options: quiet) { root in
            root.use { socket in
                await socket.join("a")
                await gate.pass()
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40")
            let before = try await server.run { await io.in("a").count }
            XCTAssertEqual(before, 0)
            try await server.act { try await io.to("a").emit("e", 1) }
            gate.open()
            await wire.rest()
            XCTAssertEqual(wire.take().count, 1)
            try await server.act { try await io.to("a").emit("e", 2) }
            await wire.rest()
            XCTAssertEqual(wire.take(), ["42[\"e\",2]"])
        }
    }

    func testNobodyIsFoundInARoomWhileItsLastHandlersStillRun() async throws {
        let (gate, notes) = (Gate(), Notes())
        let io = SocketIO(options: quiet) { root in
            root.on("join") { (socket, room: String) in await socket.join(Room(room)) }
            root.onDisconnecting { socket, _ in
                notes.add("\(await socket.rooms.contains("a"))")
                await gate.pass()
                notes.add("\(await socket.rooms.contains("a"))")
            }
            root.onDisconnect { socket, _ in notes.add("\(await socket.rooms.contains("a"))") }
        }
        try await withTestServer(App(), io) { server in
            let tab = try await server.browser().connect()
            _ = try await tab.ask("join", "a")
            await tab.close()
            await tab.driver.advance(by: .zero)
            XCTAssertEqual(notes.all, ["true"])
            let count = try await server.run { await io.in("a").count }
            XCTAssertEqual(count, 0)
            let all = try await server.run { await io.count }
            XCTAssertEqual(all, 0)
            gate.open()
            await tab.driver.advance(by: .zero)
            XCTAssertEqual(notes.all, ["true", "true", "false"])
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }
}
