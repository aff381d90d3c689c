import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Audiences on the wire: each socket once, never the sender, never another namespace.
final class AudienceTests: XCTestCase {
    private static func server() -> SocketIO {
        func fill(_ plan: inout Namespace) {
            plan.on("join") { (socket, rooms: [String]) in
                await socket.join(rooms.map { Room($0) })
            }
            plan.on("leave") { (socket, rooms: [String]) in
                await socket.leave(rooms.map { Room($0) })
            }
            plan.on("self") { socket in try await socket.to(.socket(socket.id)).emit("e") }
            plan.on("self too") { socket in
                try await socket.to("a", .socket(socket.id)).emit("e")
            }
            plan.on("except") { (socket, room: String) in
                try await socket.except(Room(room)).emit("e")
            }
            plan.on("local") { socket in try await socket.local.emit("e") }
            plan.on("list") { (socket, rooms: [String]) in
                try await socket.to(rooms.map { Room($0) }).emit("e")
            }
        }
        return SocketIO(options: quiet) { root in
            fill(&root)
            root.namespace("/other") { other in fill(&other) }
        }
    }

    /// Wires in the rooms they are named after, a letter each, and their ids.
    private static func wires(
        _ server: TestServer,
        _ names: [String]
    ) async throws -> [(wire: Wire, id: SocketID)] {
        var all: [(Wire, SocketID)] = []
        for name in names {
            let wire = try await server.browser().webSocket()
            await wire.say("40")
            let sid = wire.take().last.map { String($0.dropFirst(10).prefix(20)) } ?? ""
            let letters = name.map { "\"\($0)\"" }.joined(separator: ",")
            await wire.say("42[\"join\",[\(letters)]]")
            all.append((wire, try XCTUnwrap(SocketID(sid))))
        }
        return all
    }

    func testASocketInSeveralOfTheRoomsGetsTheEventOnce() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let all = try await Self.wires(server, ["abc", "a", ""])
            try await server.act {
                try await io.to("a", "b").to("c").to(.socket(all[0].id)).emit("e", 1)
            }
            XCTAssertEqual(all.map { $0.wire.take() }, [["42[\"e\",1]"], ["42[\"e\",1]"], []])
            try await server.act { try await io.to("a", "b").except(.socket(all[0].id)).emit("e") }
            XCTAssertEqual(all.map { $0.wire.take() }, [[], ["42[\"e\"]"], []])
            try await server.act { try await io.in(["a", "b"]).except(["c", "x"]).emit("e") }
            XCTAssertEqual(all.map { $0.wire.take() }, [[], ["42[\"e\"]"], []])
        }
    }

    func testASocketThatSendsToItsOwnIdReachesNobody() async throws {
        try await withTestServer(App(), Self.server()) { server in
            let all = try await Self.wires(server, ["a", "a", "b"])
            await all[0].wire.say("42[\"self\"]")
            XCTAssertEqual(all.map { $0.wire.take() }, [[], [], []])
            await all[0].wire.say("42[\"self too\"]")
            XCTAssertEqual(all.map { $0.wire.take() }, [[], ["42[\"e\"]"], []])
        }
    }

    func testExceptAndLocalOfASocketLeaveItselfOutToo() async throws {
        try await withTestServer(App(), Self.server()) { server in
            let all = try await Self.wires(server, ["", "a", "b"])
            await all[0].wire.say("42[\"except\",\"a\"]")
            XCTAssertEqual(all.map { $0.wire.take() }, [[], [], ["42[\"e\"]"]])
            await all[0].wire.say("42[\"local\"]")
            XCTAssertEqual(all.map { $0.wire.take() }, [[], ["42[\"e\"]"], ["42[\"e\"]"]])
            await all[0].wire.say("42[\"list\",[\"a\",\"b\"]]")
            XCTAssertEqual(all.map { $0.wire.take() }, [[], ["42[\"e\"]"], ["42[\"e\"]"]])
        }
    }

    func testAClientWithoutANamespaceCountsAsAClientAndNotAsASocket() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            for (packet, sockets) in [("6", 0), ("40", 1), ("40/other,", 1), ("41", 0)] {
                await wire.say(packet)
                let counts = try await server.run { (await io.clientCount, await io.count) }
                XCTAssertEqual([counts.0, counts.1], [1, sockets], packet)
            }
            await wire.close()
            let clients = try await server.run { await io.clientCount }
            XCTAssertEqual(clients, 0)
        }
    }

    func testWhoeverJoinsBehindABroadcastDoesNotGetItAndWhoeverLeavesBehindItDoes() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let all = try await Self.wires(server, ["a", ""])
            try await server.act {
                try await io.in("a").emit("e", 1)
                await io.to(.socket(all[1].id)).join("a")
                await io.to(.socket(all[0].id)).leave("a")
                try await io.in("a").emit("e", 2)
            }
            XCTAssertEqual(all.map { $0.wire.take() }, [["42[\"e\",1]"], ["42[\"e\",2]"]])
        }
    }

    func testBulkOperationsWithListsStayInTheirNamespace() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let there = try XCTUnwrap(io.namespace("/other"))
            let (wire, _) = try await Self.wires(server, ["a"])[0]
            await wire.say("40/other,", "42/other,[\"join\",[\"a\"]]")
            _ = wire.take()
            try await server.run { await io.in("a").join(["x", "y"]) }
            try await server.run { await io.in("a").leave(["y", "z"]) }
            let counts = try await server.run {
                [
                    await io.in("x").count, await io.in("y").count, await there.in("x").count,
                    await there.in("a").count,
                ]
            }
            XCTAssertEqual(counts, [1, 0, 0, 1])
            let ended = try await server.run { try await io.in("a").disconnectSockets() }
            XCTAssertEqual(ended, 1)
            await wire.rest()
            XCTAssertEqual(wire.take(), ["41"])
            let left = try await server.run { (await io.count, await there.count) }
            XCTAssertEqual([left.0, left.1], [0, 1])
            try await server.act { try await there.disconnectSockets(close: true) }
            XCTAssertEqual(wire.take(), ["41/other,", "close"])
        }
    }

    func testAFetchedSocketJoinsLeavesHearsAndIsClosedByItself() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let all = try await Self.wires(server, ["a", "a"])
            let found = try await server.run { try await io.in("a").fetchSockets() }
            XCTAssertEqual(Set(found.map(\.id)), Set(all.map(\.id)))
            let remote = try XCTUnwrap(found.first { $0.id == all[1].id })
            XCTAssertEqual(remote.rooms, ["a", .socket(all[1].id)])
            XCTAssertEqual(remote.request.query["transport"], "websocket")
            try await server.run { await remote.join("b", "c") }
            try await server.run { await remote.leave("a") }
            let counts = try await server.run {
                [await io.in("a").count, await io.in("b").count, await io.in("c").count]
            }
            XCTAssertEqual(counts, [1, 1, 1])
            XCTAssertEqual(remote.rooms, ["a", .socket(all[1].id)], "a snapshot")
            try await server.act { try await remote.emit("e", 1) }
            try await server.act { try await remote.disconnect(close: true) }
            XCTAssertEqual(all.map { $0.wire.take() }, [[], ["42[\"e\",1]", "41", "close"]])
        }
    }
}
