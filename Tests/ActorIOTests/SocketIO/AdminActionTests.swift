import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What an admin does to others.
final class AdminActionTests: XCTestCase {
    private static func makeServer(
        _ change: (inout AdminOptions) -> Void = { _ in }
    ) -> SocketIO {
        SocketIO(options: adminOptions(change)) { root in
            root.on("join") { (socket, room: String) in await socket.join(Room(room)) }
            root.on("rooms") { socket in await socket.rooms.map(\.description).sorted() }
            root.namespace("/chat") { _ in }
        }
    }

    func testEmitReachesANamespaceARoomOrASocket() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let (one, id) = try await server.browser().client()
            let (two, _) = try await server.browser().client()
            let (chat, _) = try await server.browser().client(of: "/chat")
            await two.say("42[\"join\",\"lobby\"]")
            let admin = try await server.browser().admin()
            await admin.say("42/admin,[\"emit\",\"/\",null,\"news\",1,{\"a\":\"b\"}]")
            await admin.say("42/admin,[\"emit\",\"/\",\"lobby\",\"room\"]")
            await admin.say("42/admin,[\"emit\",\"/\",\"\(id)\",\"you\",[]]")
            await admin.say("42/admin,[\"emit\",\"/chat\",\"\",\"chat\",true]")
            XCTAssertEqual(one.take(), ["42[\"news\",1,{\"a\":\"b\"}]", "42[\"you\",[]]"])
            XCTAssertEqual(two.take(), ["42[\"news\",1,{\"a\":\"b\"}]", "42[\"room\"]"])
            XCTAssertEqual(chat.take(), ["42/chat,[\"chat\",true]"])
        }
    }

    func testEmitPassesBytesOn() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let (client, _) = try await server.browser().client()
            let admin = try await server.browser().admin()
            let place = "{\"_placeholder\":true,\"num\":0}"
            await admin.say("451-/admin,[\"emit\",\"/\",null,\"bytes\",\(place),2]")
            await admin.say(binary: [4, 5])
            XCTAssertEqual(client.take(), ["451-[\"bytes\",\(place),2]", "b:4,5"])
        }
    }

    func testJoinAndLeaveMoveSockets() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let one = try await server.browser().connect()
            let two = try await server.browser().connect()
            let admin = try await server.browser().admin()
            func rooms(_ socket: TestSocket) async throws -> [String] {
                let rooms: [String] = try await socket.call("rooms")
                return rooms.filter { $0 != socket.id }
            }
            await admin.say("42/admin,[\"join\",\"/\",\"all\"]")
            await admin.say("42/admin,[\"join\",\"/\",\"some\",\"\(one.id)\"]")
            var (first, second) = (try await rooms(one), try await rooms(two))
            XCTAssertEqual(first, ["all", "some"])
            XCTAssertEqual(second, ["all"])
            await admin.say("42/admin,[\"join\",\"/\",\"more\",\"some\"]")
            await admin.say("42/admin,[\"leave\",\"/\",\"all\",\"\(two.id)\"]")
            (first, second) = (try await rooms(one), try await rooms(two))
            XCTAssertEqual(first, ["all", "more", "some"])
            XCTAssertEqual(second, [])
            await admin.say("42/admin,[\"leave\",\"/\",\"all\",null]")
            first = try await rooms(one)
            XCTAssertEqual(first, ["more", "some"])
        }
    }

    func testDisconnectEndsASocketOrItsWholeConnection() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let (one, first) = try await server.browser().client()
            let (two, second) = try await server.browser().client()
            let (three, _) = try await server.browser().client()
            let admin = try await server.browser().admin()
            await admin.say("42/admin,[\"_disconnect\",\"/\",false,\"\(first)\"]")
            XCTAssertEqual(one.take(), ["41"])
            XCTAssertFalse(one.isEnded)
            await admin.say("42/admin,[\"_disconnect\",\"/\",true,\"\(second)\"]")
            XCTAssertEqual(two.take().first, "41")
            XCTAssertTrue(two.isEnded)
            XCTAssertEqual(three.take(), [])
            await admin.say("42/admin,[\"_disconnect\",\"/\",false]")
            XCTAssertEqual(three.take(), ["41"])
            XCTAssertEqual(
                admin.events("socket_disconnected").map { $0.contains("server namespace") },
                [true, true, true]
            )
        }
    }

    func testAdminsCanBeDisconnectedByAdmins() async throws {
        let io = Self.makeServer()
        try await withTestServer(App(), io) { server in
            let first = try await server.browser().admin()
            let second = try await server.browser().admin()
            await first.say("42/admin,[\"_disconnect\",\"/admin\",true]")
            XCTAssertEqual([first.isEnded, second.isEnded], [true, true])
            let isAtRest = try await server.run { await io.core.plan.desk?.isAtRest }
            XCTAssertEqual(isAtRest, true)
        }
    }

    func testWhatCanNotBeDoneDoesNothingAndEndsNothing() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let (client, _) = try await server.browser().client()
            let admin = try await server.browser().admin()
            await admin.say(
                "42/admin,[\"emit\",\"/unknown\",null,\"news\"]",
                "42/admin,[\"emit\",\"/\",null,\"disconnect\"]",
                "42/admin,[\"emit\",\"/\",null]",
                "42/admin,[\"emit\",\"/\",7,\"news\"]",
                "42/admin,[\"emit\"]",
                "42/admin,[\"join\",\"/\"]",
                "42/admin,[\"leave\",\"/unknown\",\"room\"]",
                "42/admin,[\"_disconnect\",\"/\",\"yes\"]"
            )
            XCTAssertEqual(client.take(), [])
            await admin.say("42/admin,[\"emit\",\"/\",null,\"news\"]")
            XCTAssertEqual(client.take(), ["42[\"news\"]"])
        }
    }

    func testWhoOnlyLooksIsOfferedNothingAndChangesNothing() async throws {
        try await withTestServer(App(), Self.makeServer { $0.isReadOnly = true }) { server in
            let (client, id) = try await server.browser().client()
            let admin = try await server.browser().webSocket()
            await admin.say("40/admin,")
            XCTAssertEqual(
                admin.events("config"),
                [#"{"supportedFeatures":["AGGREGATED_EVENTS","ALL_EVENTS"]}"#]
            )
            await admin.say(
                "42/admin,[\"emit\",\"/\",null,\"news\"]",
                "42/admin,[\"join\",\"/\",\"room\"]",
                "42/admin,[\"leave\",\"/\",\"\(id)\"]",
                "42/admin,[\"_disconnect\",\"/\",true]"
            )
            XCTAssertEqual(client.take(), [])
            XCTAssertEqual(admin.take(), [], "nobody joined, left or was sent anything")
            XCTAssertFalse(client.isEnded)
        }
    }

    func testEveryActionIsInTheLog() async throws {
        let lines = Notes()
        var options = adminOptions()
        options.log = Log(level: .notice) { entry in lines.add(entry.line) }
        let io = SocketIO(options: options)
        try await withTestServer(App(), io) { server in
            let admin = try await server.browser().admin()
            _ = lines.take()
            await admin.say("42/admin,[\"join\",\"/\",\"room\",\"lobby\"]")
            await admin.say("42/admin,[\"_disconnect\",\"/\",true]")
            let got = lines.take()
            XCTAssertEqual(got.count, 2)
            XCTAssertTrue(got[0].contains("an admin acted") && got[0].contains("join"), got[0])
            XCTAssertTrue(got[0].contains("lobby"), got[0])
            XCTAssertTrue(got[1].contains("disconnect"), got[1])
        }
    }
}
