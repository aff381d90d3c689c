import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// The rooms of a connection: `user:` and `session:`, over all namespaces and transports.
final class ConnectionRoomTests: XCTestCase {
    private static let other: @Sendable (inout Namespace) -> Void = { root in
        root.namespace("/other") { other in
            other.on("rooms") { socket in await socket.rooms.map(\.description) }
        }
    }

    func testAUsersRoomHasAllSocketsOfANamespaceOnEveryTransport() async throws {
        let (app, io, _) = makePassportExample(Self.other)
        try await withTestServer(app, io) { server in
            let there = try XCTUnwrap(io.namespace("/other"))
            let john = server.browser()
            try await john.logIn("john")
            var tabs: [TestSocket] = []
            for transport in Browser.Transport.allCases {
                let tab = try await john.connect(transport: transport)
                tabs += [tab, try await tab.join("/other")]
            }
            let jane = server.browser()
            try await jane.logIn("jane")
            let stranger = try await jane.connect("/other")
            try await server.run {
                try await io.to(.user(1)).emit("root", 1)
                try await there.to(.user(1)).emit("other", 1)
            }
            await stranger.driver.advance(by: .zero)
            for tab in tabs {
                let heard = await tab.pending
                XCTAssertEqual(heard, [tab.namespace == "/" ? "root" : "other"])
            }
            let silence = await stranger.pending
            XCTAssertEqual(silence, [])
            let rooms: [String] = try await tabs[1].call("rooms")
            XCTAssertTrue(rooms.contains("user:1"))
            XCTAssertEqual(rooms.filter { $0.hasPrefix("session:") }.count, 1)
        }
    }

    func testPresenceIsRightThroughConnectCloseResetAndLogout() async throws {
        let (app, io, _) = makePassportExample(Self.other)
        let clock = ManualClock()
        try await withTestServer(app, io, clock: clock) { server in
            @Sendable func online() async throws -> Int {
                await clock.settle()
                return try await server.run { await io.in(.user(1)).count }
            }
            let (laptop, phone) = (server.browser(), server.browser())
            try await laptop.logIn("john")
            try await phone.logIn("john")
            var counts = [try await online()]
            let tabs = [
                try await laptop.connect(), try await laptop.connect(transport: .polling),
                try await laptop.connect(transport: .upgrade), try await phone.connect(),
                try await phone.connect(transport: .polling),
            ]
            counts.append(try await online())
            _ = try await tabs[0].join("/other")
            counts.append(try await online())
            await tabs[0].close()
            counts.append(try await online())
            await tabs[1].reset()
            counts.append(try await online())
            await tabs[2].disconnect()
            counts.append(try await online())
            _ = try await tabs[2].join("/")
            counts.append(try await online())
            try await laptop.post("/logout")
            counts.append(try await online())
            await tabs[3].stopAnsweringPings()
            await clock.advance(by: .seconds(45))
            counts.append(try await online())
            await tabs[4].close()
            counts.append(try await online())
            XCTAssertEqual(counts, [0, 5, 5, 4, 3, 2, 3, 2, 1, 0])
            await clock.advance(by: .seconds(60))
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    func testAHandlersOwnJoinOfAUsersRoomAddsNothingAndItsLeaveTakesNothing() async throws {
        let (app, io, _) = makePassportExample { root in
            root.on("leave") { socket in await socket.leave(.user(1)) }
        }
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn("john")
            let tab = try await browser.connect()
            let before = try await server.run { await io.in(.user(1)).count }
            XCTAssertEqual(before, 1)
            _ = try await tab.ask("leave")
            let after = try await server.run { await io.in(.user(1)).count }
            XCTAssertEqual(after, 1)
        }
    }

    func testAVisitorWhoJoinsAUsersRoomByHandIsInItInThatNamespaceOnly() async throws {
        let io = SocketIO(options: quiet) { root in
            root.on("join") { socket in await socket.join(.user(1)) }
        }
        try await withTestServer(App(), io) { server in
            let tab = try await server.browser().connect()
            _ = try await tab.ask("join")
            let count = try await server.run { await io.in(.user(1)).count }
            XCTAssertEqual(count, 1)
            await tab.close()
            await tab.driver.advance(by: .zero)
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }
}
