import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Events for admins who do not take them, or do not come to them, and for no admin at all.
final class AdminFlowTests: XCTestCase {
    private static func makeServer() -> SocketIO {
        SocketIO(options: adminOptions()) { root in
            root.on("join") { (socket, room: String) in await socket.join(Room(room)) }
            root.on("none") { _ in }
            root.namespace("/seen") { seen in
                seen.onAny { _, _ in }
                seen.onAnyOutgoing { _, _ in }
            }
        }
    }

    func testEventsAreCountedWhileTheyAreUnderWay() {
        let flow = AdminFlow(maxBytes: 100)
        var held = [flow.begin(60), flow.begin(40), flow.begin(1)]
        XCTAssertEqual(held.map { $0 != nil }, [true, true, false])
        XCTAssertEqual(flow.underWay, 100)
        held.remove(at: 0)
        XCTAssertEqual(flow.underWay, 40)
        XCTAssertNil(flow.begin(61))
        held = []
        XCTAssertEqual(flow.underWay, 0)
        held = [flow.begin(1_000), flow.begin(1)]
        XCTAssertEqual(held.map { $0 != nil }, [true, false], "one alone may be large")
    }

    func testAnAdminThatDoesNotReadMissesEventsAndStays() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let admin = try await server.browser().connect("/admin")
            let (client, _) = try await server.browser().client()
            _ = try await admin.next("socket_connected")
            await admin.setReading(false)
            let text = String(repeating: "x", count: 10_000)
            for _ in 0..<200 { await client.say("42[\"none\",\"\(text)\"]") }
            await client.say("42[\"join\",\"lobby\"]")
            await admin.setReading(true)
            var room = ""
            while room != "lobby" { room = try await admin.next("room_joined").decode(1) }
            let isConnected = await admin.isConnected
            XCTAssertTrue(isConnected)
            let missed = await admin.pending.filter { $0 == "event_received" }.count
            XCTAssertLessThan(missed, 100)
            await client.say("42[\"none\",1]")
            let more = await admin.pending.filter { $0 == "event_received" }.count
            XCTAssertEqual(more, missed + 1, "it reads again")
        }
    }

    func testEventsAreDroppedWhenTooManyAreUnderWayAndThePictureIsNot() async throws {
        let io = Self.makeServer()
        let desk = try XCTUnwrap(io.core.plan.desk)
        try await withTestServer(App(), io) { server in
            let admin = try await server.browser().admin()
            let (client, _) = try await server.browser().client()
            _ = admin.take()
            var passage = desk.flow.begin(1_000_000)
            XCTAssertNotNil(passage)
            await client.say("42[\"join\",\"lobby\"]")
            let told = admin.take()
            XCTAssertEqual(told.count, 1)
            XCTAssertTrue(told.first?.hasPrefix("42/admin,[\"room_joined\"") == true, "\(told)")
            passage = nil
            await client.say("42[\"none\"]")
            XCTAssertEqual(admin.events("event_received").count, 1)
            XCTAssertEqual(desk.flow.underWay, 0)
        }
    }

    func testNobodyLooksAtEventsWithoutAnAdmin() async throws {
        let io = Self.makeServer()
        let root = try XCTUnwrap(io.core.plan.namespaces.existing("/"))
        let seen = try XCTUnwrap(io.core.plan.namespaces.existing("/seen"))
        try await withTestServer(App(), io) { server in
            XCTAssertEqual([root.isWatched, root.territory.showsOutgoing], [false, false])
            XCTAssertEqual([seen.isWatched, seen.territory.showsOutgoing], [true, true])
            let admin = try await server.browser().admin()
            XCTAssertEqual([root.isWatched, root.territory.showsOutgoing], [true, true])
            await admin.close()
            XCTAssertEqual([root.isWatched, root.territory.showsOutgoing], [false, false])
            XCTAssertEqual([seen.isWatched, seen.territory.showsOutgoing], [true, true])
        }
    }
}
