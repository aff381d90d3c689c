import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What the namespace costs, and what is left of it.
final class AdminModeTests: XCTestCase {
    private static func makeServer(_ options: SocketIO.Options) -> SocketIO {
        SocketIO(options: options) { root in
            root.on("echo") { (socket, text: String) in
                await socket.join("lobby")
                try socket.emit("echo", text)
            }
        }
    }

    func testProductionTellsFiguresOnly() async throws {
        let clock = ManualClock()
        let io = Self.makeServer(adminOptions { $0.mode = .production })
        try await withTestServer(App(), io, clock: clock) { server in
            let admin = try await server.browser().webSocket()
            await admin.say("40/admin,")
            let greeting = admin.take().dropFirst(2).map { $0.prefix(30) }
            XCTAssertEqual(
                greeting,
                ["42/admin,[\"config\",{\"supported", "42/admin,[\"server_stats\",{\"ser"]
            )
            let (client, _) = try await server.browser().client()
            await client.say("42[\"echo\",\"a\"]")
            await client.close()
            XCTAssertEqual(admin.take(), [])
            await clock.advance(by: .seconds(2))
            XCTAssertEqual(admin.events("server_stats").count, 1)
        }
    }

    func testProductionOffersNoEventsAndPutsNothingInTheirWay() async throws {
        let io = Self.makeServer(adminOptions { $0.mode = .production })
        let root = try XCTUnwrap(io.core.plan.namespaces.existing("/"))
        XCTAssertNil(root.desk)
        XCTAssertFalse(root.isWatched)
        XCTAssertFalse(root.territory.showsOutgoing)
        XCTAssertNil(root.territory.roomChanged)
        try await withTestServer(App(), io) { server in
            let admin = try await server.browser().webSocket()
            await admin.say("40/admin,")
            XCTAssertEqual(
                admin.events("config"),
                [
                    #"{"supportedFeatures":["EMIT","JOIN","LEAVE","DISCONNECT","MJOIN","MLEAVE","#
                        + #""MDISCONNECT","AGGREGATED_EVENTS"]}"#
                ]
            )
            let (client, _) = try await server.browser().client()
            await admin.say("42/admin,[\"emit\",\"/\",null,\"news\"]")
            XCTAssertEqual(client.take(), ["42[\"news\"]"])
        }
    }

    func testWithoutTheOptionThereIsNoSuchNamespaceAndNothingToPayFor() async throws {
        let io = Self.makeServer(quiet)
        XCTAssertNil(io.core.plan.desk)
        XCTAssertNil(io.core.engine.onEvent)
        let root = try XCTUnwrap(io.core.plan.namespaces.existing("/"))
        XCTAssertNil(root.desk)
        XCTAssertFalse(root.isWatched)
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40/admin,")
            XCTAssertEqual(wire.take(), ["44/admin,{\"message\":\"Invalid namespace\"}"])
        }
    }

    func testTheNamespaceCanHaveAnotherName() async throws {
        let io = Self.makeServer(adminOptions { $0.namespaceName = "back/office" })
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40/admin,", "40/back/office,")
            let got = wire.take()
            XCTAssertEqual(got.first, "44/admin,{\"message\":\"Invalid namespace\"}")
            XCTAssertTrue(got.contains { $0.hasPrefix("42/back/office,[\"all_sockets\",[{") })
        }
    }

    func testAnAppsOwnViewOfTheConnectionsGoesOn() async throws {
        let events = Notes()
        var options = adminOptions()
        options.engine.onEvent = { event, _ in
            if case .opened = event { events.add("opened") }
        }
        try await withTestServer(App(), Self.makeServer(options)) { server in
            _ = try await server.browser().admin()
        }
        XCTAssertEqual(events.all, ["opened"])
    }

    /// An admin that goes in every way there is, and clients that come and go meanwhile.
    func testNothingIsLeftWhenAdminsAndClientsAreGone() async throws {
        weak var desk: AdminDesk?
        weak var core: SocketIOCore?
        let clock = ManualClock()
        do {
            let io = Self.makeServer(adminOptions())
            desk = io.core.plan.desk
            core = io.core
            try await withTestServer(App(), io, clock: clock) { server in
                for round in 0..<4 {
                    let admin = try await server.browser().connect("/admin", transport: .upgrade)
                    let (client, _) = try await server.browser().client()
                    await client.say("42[\"echo\",\"a\"]")
                    await clock.advance(by: .seconds(3))
                    switch round {
                    case 0: await admin.disconnect()
                    case 1: await admin.reset()
                    case 2: await admin.stopAnsweringPings()
                    default: break
                    }
                    await admin.close()
                    await client.close()
                    await clock.advance(by: .seconds(100))
                }
                let isAtRest = try await server.run { await io.core.plan.desk?.isAtRest }
                XCTAssertEqual(isAtRest, true)
                let isEmpty = try await server.run { await io.core.registry.isEmpty }
                XCTAssertTrue(isEmpty)
                XCTAssertEqual(io.core.plan.desk?.meter.clientCount, 0)
                XCTAssertEqual(io.core.plan.desk?.meter.pollingClientCount, 0)
                // One that is there when the server ends.
                _ = try await server.browser().connect("/admin")
            }
            let isAtRest = await desk?.isAtRest
            XCTAssertEqual(isAtRest, true)
        }
        XCTAssertNil(core)
        XCTAssertNil(desk)
    }

    func testAnAdminThatGoesAtAnyStepOfItsWayInIsForgotten() async throws {
        let io = Self.makeServer(adminOptions())
        let desk = try XCTUnwrap(io.core.plan.desk)
        try await withTestServer(App(), io) { server in
            _ = try await server.browser().connect()
            let steps = try await Steps.each(
                of: server,
                prepare: { try await server.browser().webSocket() },
                operation: { await $0.say("40/admin,") },
                intruder: { await $0.stream.reset() },
                check: { _, step in
                    let isAtRest = try await server.run { await desk.isAtRest }
                    XCTAssertTrue(isAtRest, "at step \(step)")
                }
            )
            XCTAssertGreaterThan(steps, 5)
        }
    }

    func testASocketThatGoesAtAnyStepOfItsWayInIsNotLeftInThePicture() async throws {
        let io = Self.makeServer(adminOptions())
        try await withTestServer(App(), io) { server in
            let admin = try await server.browser().admin()
            _ = try await Steps.each(
                of: server,
                prepare: { try await server.browser().webSocket() },
                operation: { await $0.say("40") },
                intruder: { await $0.stream.reset() },
                check: { _, step in
                    let told = admin.take()
                    let came = told.filter { $0.hasPrefix("42/admin,[\"socket_connected\"") }.count
                    let went = told.filter { $0.hasPrefix("42/admin,[\"socket_disconnected\"") }
                    XCTAssertEqual(came, went.count, "at step \(step)")
                }
            )
        }
    }
}
