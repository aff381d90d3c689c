import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Figures every two seconds, while an admin is there.
final class AdminStatsTests: XCTestCase {
    private static func makeServer(
        _ change: (inout AdminOptions) -> Void = { _ in }
    ) -> SocketIO {
        SocketIO(options: adminOptions(change)) { root in
            root.on("echo") { (socket, text: String) in try socket.emit("echo", text) }
            root.namespace("/chat") { _ in }
        }
    }

    private static func stats(
        uptime: String,
        clients: Int,
        polling: Int = 0,
        figures: String = "",
        sockets: (root: Int, admin: Int, chat: Int)
    ) -> String {
        #"{"serverId":"test","hostname":"HOST","pid":PID,"uptime":\#(uptime),"#
            + #""clientsCount":\#(clients),"pollingClientsCount":\#(polling),"#
            + #""aggregatedEvents":[\#(figures)],"namespaces":["#
            + #"{"name":"/","socketsCount":\#(sockets.root)},"#
            + #"{"name":"/admin","socketsCount":\#(sockets.admin)},"#
            + #"{"name":"/chat","socketsCount":\#(sockets.chat)}]}"#
    }

    private static func figure(_ second: Int, _ type: String, _ count: Int) -> String {
        #"{"timestamp":\#(1_800_000_000 + second)000,"type":"\#(type)","count":\#(count)}"#
    }

    private static func events(_ wire: Wire) -> [String] {
        wire.events("server_stats").map { text in
            text.replacing(
                "\"hostname\":\"\(ThisProcess.hostname)\"",
                with: "\"hostname\":\"HOST\""
            )
            .replacing("\"pid\":\(ThisProcess.id),", with: "\"pid\":PID,")
        }
    }

    func testFiguresComeAtOnceAndThenEveryTwoSeconds() async throws {
        let clock = ManualClock()
        try await withTestServer(App(), Self.makeServer(), clock: clock) { server in
            let wire = try await server.browser().webSocket()
            await wire.say("40/admin,")
            let sockets = (root: 0, admin: 1, chat: 0)
            XCTAssertEqual(
                Self.events(wire),
                [Self.stats(uptime: "0", clients: 1, sockets: sockets)]
            )
            await clock.advance(by: .milliseconds(1_999))
            XCTAssertEqual(Self.events(wire), [])
            await clock.advance(by: .milliseconds(1))
            XCTAssertEqual(Self.events(wire).count, 1)
            await clock.advance(by: .milliseconds(500))
            let (client, _) = try await server.browser().client()
            await clock.advance(by: .milliseconds(1_500))
            let second = Self.events(wire)
            XCTAssertEqual(second.count, 1)
            XCTAssertTrue(
                (second.first ?? "").hasPrefix(
                    #"{"serverId":"test","hostname":"HOST","pid":PID,"uptime":4,"#
                )
            )
            XCTAssertTrue(
                (second.first ?? "").contains(#""namespaces":[{"name":"/","socketsCount":1}"#)
            )
            XCTAssertTrue(
                (second.first ?? "").contains(Self.figure(5, "rawConnection", 1)),
                (second.first ?? "")
            )
            await client.close()
            await clock.advance(by: .seconds(2))
            let third = Self.events(wire)
            XCTAssertTrue(
                (third.first ?? "").contains(
                    #"{"timestamp":1800000007000,"type":"rawDisconnection","#
                        + #""subType":"transport close","count":1}"#
                ),
                (third.first ?? "")
            )
            await clock.advance(by: .seconds(10))
            XCTAssertEqual(Self.events(wire).count, 5)
        }
    }

    func testPacketsAndBytesAreCountedWithoutTheEnginesOwn() async throws {
        let clock = ManualClock()
        // Without single events, which would be packets to the admin too.
        let io = Self.makeServer { $0.mode = .production }
        try await withTestServer(App(), io, clock: clock) { server in
            let (client, _) = try await server.browser().client()
            let admin = try await server.browser().admin()
            await clock.advance(by: .seconds(2))
            _ = admin.take()
            await client.say("42[\"echo\",\"abc\"]", "42[\"none\"]")
            await clock.advance(by: .seconds(2))
            let got = Self.events(admin)
            XCTAssertEqual(got.count, 1)
            // 2["echo","abc"] and 2["none"] came; 2["echo","abc"] went, and nothing else.
            XCTAssertTrue(
                (got.first ?? "").contains(Self.figure(5, "packetsIn", 2)),
                (got.first ?? "")
            )
            XCTAssertTrue(
                (got.first ?? "").contains(Self.figure(5, "bytesIn", 24)),
                (got.first ?? "")
            )
            // The answer, and the figures before these.
            XCTAssertTrue(
                (got.first ?? "").contains(Self.figure(5, "packetsOut", 2)),
                (got.first ?? "")
            )
        }
    }

    func testClientsAreCountedByTheirTransport() async throws {
        let clock = ManualClock()
        try await withTestServer(App(), Self.makeServer(), clock: clock) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let staying = try await server.browser().connect("/chat", transport: .polling)
            let admin = try await server.browser().admin()
            func counts() async -> String {
                await clock.advance(by: .seconds(2))
                let text = Self.events(admin).first ?? ""
                return String(
                    text.dropFirst(
                        text.range(of: "clientsCount")?.lowerBound.utf16Offset(in: text) ?? 0
                    ).prefix(44)
                )
            }
            let before = await counts()
            XCTAssertEqual(before, #"clientsCount":3,"pollingClientsCount":2,"agg"#)
            let wire = try await session.upgrade()
            await wire.say("2probe")
            await wire.say("5")
            let between = await counts()
            XCTAssertEqual(between, #"clientsCount":3,"pollingClientsCount":1,"agg"#)
            await wire.close()
            await staying.close()
            let after = await counts()
            XCTAssertEqual(after, #"clientsCount":1,"pollingClientsCount":0,"agg"#)
        }
    }

    func testNoFiguresAreMadeWhenTheLastAdminHasLeft() async throws {
        let clock = ManualClock()
        let io = Self.makeServer()
        let desk = try XCTUnwrap(io.core.plan.desk)
        try await withTestServer(App(), io, clock: clock) { server in
            let loop = server.door.driver.loop
            let timers = loop.timerCount
            let first = try await server.browser().admin()
            let second = try await server.browser().admin()
            await clock.advance(by: .seconds(2))
            XCTAssertEqual([first, second].map { Self.events($0).count }, [1, 1])
            await first.close()
            await clock.advance(by: .seconds(2))
            XCTAssertEqual(Self.events(second).count, 1)
            await second.say("41/admin,")
            await second.close()
            let isAtRest = try await server.run { await desk.isAtRest }
            XCTAssertTrue(isAtRest)
            XCTAssertFalse(desk.isListening)
            XCTAssertEqual(loop.timerCount, timers)
            // What happens meanwhile is not counted for the next one.
            let (client, _) = try await server.browser().client()
            await client.say("42[\"echo\",\"abc\"]")
            XCTAssertEqual(desk.meter.take(at: 0), [])
        }
    }

    func testTheIntervalIsAnOptionAndTheMachineLendsItsName() async throws {
        let clock = ManualClock()
        let io = Self.makeServer {
            $0.statsInterval = .seconds(5)
            $0.serverID = nil
        }
        try await withTestServer(App(), io, clock: clock) { server in
            let wire = try await server.browser().admin()
            await clock.advance(by: .milliseconds(4_999))
            XCTAssertEqual(Self.events(wire), [])
            await clock.advance(by: .milliseconds(1))
            let host = ThisProcess.hostname
            XCTAssertFalse(host.isEmpty)
            XCTAssertEqual(
                Self.events(wire).map { $0.hasPrefix(#"{"serverId":"\#(host)","#) },
                [true]
            )
        }
    }
}
