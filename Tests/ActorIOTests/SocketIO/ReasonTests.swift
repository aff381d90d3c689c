import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Every way a socket can end: what is on the wire, and what the server's handlers are told.
final class ReasonTests: XCTestCase {
    private struct Way {
        let name: String
        let reason: String
        let wire: [String]
        let act: @Sendable (Wire, ManualClock) async -> Void

        init(
            _ name: String,
            _ reason: String,
            _ wire: [String],
            _ act: @escaping @Sendable (Wire, ManualClock) async -> Void
        ) {
            (self.name, self.reason, self.wire, self.act) = (name, reason, wire, act)
        }
    }

    private static let ways = [
        Way("the client leaves both", "client namespace disconnect", []) { wire, _ in
            await wire.say("41", "41/admin,")
        },
        Way("the server leaves both", "server namespace disconnect", ["41", "41/admin,"]) {
            await $0.say("42[\"leave\"]", "42/admin,[\"leave\"]")
            _ = $1
        },
        Way(
            "the server closes",
            "server namespace disconnect",
            ["41", "41/admin,", "close"]
        ) { wire, _ in await wire.say("42[\"close\"]") },
        Way("the client's close frame", "transport close", ["close"]) { wire, _ in
            await wire.send(FrameWriter.close(nil, mask: 7))
        },
        Way("the engine's close packet", "transport close", ["close"]) { wire, _ in
            await wire.say("1")
        },
        Way("a closed tab", "transport close", []) { wire, _ in await wire.close() },
        Way("a reset", "transport close", []) { wire, _ in
            await wire.stream.reset()
            await wire.rest()
        },
        Way("a pulled cable", "ping timeout", ["2", "close"]) { wire, clock in
            await clock.advance(by: .seconds(45))
        },
        Way("no packet of Socket.IO", "forced close", ["close"]) { wire, _ in
            await wire.say("42{}")
        },
        Way("no packet of Engine.IO", "parse error", ["close"]) { wire, _ in
            await wire.say("x")
        },
        Way("a ping of the client", "transport error", ["close"]) { wire, _ in
            await wire.say("2")
        },
        Way("a frame without a mask", "transport error", ["close 1002"]) { wire, _ in
            await wire.send(FrameWriter.frame(.text, Array("3".utf8)))
        },
        Way("a namespace that was never joined", "forced close", ["close"]) { wire, _ in
            await wire.say("42/nowhere,[\"x\"]")
        },
        Way("CONNECT twice", "forced close", ["close"]) { wire, _ in await wire.say("40/admin,") },
        Way("CONNECT_ERROR of a client", "forced close", ["close"]) { wire, _ in
            await wire.say("44{\"message\":\"x\"}")
        },
    ]

    private static func server(_ notes: Notes) -> SocketIO {
        func fill(_ plan: inout Namespace, _ name: String) {
            plan.on("leave") { socket in socket.disconnect() }
            plan.on("close") { socket in socket.disconnect(close: true) }
            plan.onDisconnecting { _, reason in notes.add("\(name) first \(reason.rawValue)") }
            plan.onDisconnect { _, reason in notes.add("\(name) then \(reason.rawValue)") }
        }
        return SocketIO(options: quiet) { root in
            fill(&root, "/")
            root.namespace("/admin") { admin in fill(&admin, "/admin") }
        }
    }

    func testEveryEndHasItsReasonInEveryNamespaceOnceAndItsWordsOnTheWire() async throws {
        for way in Self.ways {
            let (clock, notes) = (ManualClock(), Notes())
            let io = Self.server(notes)
            try await withTestServer(App(), io, clock: clock) { server in
                let wire = try await server.browser().joined()
                await wire.say("40/admin,")
                _ = wire.take()
                await way.act(wire, clock)
                XCTAssertEqual(wire.take(), way.wire, way.name)
                XCTAssertEqual(
                    notes.all.filter { $0.hasPrefix("/ ") },
                    ["/ first \(way.reason)", "/ then \(way.reason)"],
                    way.name
                )
                XCTAssertEqual(
                    notes.all.filter { $0.hasPrefix("/admin ") },
                    ["/admin first \(way.reason)", "/admin then \(way.reason)"],
                    way.name
                )
                await wire.close()
                XCTAssertEqual(notes.count, 4, way.name)
                let isEmpty = try await server.run { await io.core.registry.isEmpty }
                XCTAssertTrue(isEmpty, way.name)
            }
        }
    }

    func testAPollerThatGoesAwayIsATransportErrorAndOneThatSaysSoIsAClose() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let cut = try await server.browser().handshake()
            try await cut.join()
            let poll = try await cut.poll()
            await poll.close()
            XCTAssertEqual(notes.all, ["/ first transport error", "/ then transport error"])
            let polite = try await server.browser().handshake()
            try await polite.join()
            let parked = try await polite.poll()
            let post = try await polite.post("1")
            XCTAssertEqual(post.body, "ok")
            XCTAssertEqual(parked.body, "6")
            XCTAssertEqual(
                notes.all.suffix(2),
                ["/ first transport close", "/ then transport close"]
            )
        }
    }

    func testAShutdownSaysServerShuttingDownAndSendsNoDISCONNECT() async throws {
        let notes = Notes()
        let io = Self.server(notes)
        let (wire, poll) = try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("40/admin,")
            _ = wire.take()
            let session = try await server.browser().handshake()
            try await session.join()
            return (wire, try await session.poll())
        }
        XCTAssertEqual(wire.take(), ["close 1001"])
        XCTAssertEqual(poll.body, "1")
        XCTAssertEqual(
            notes.all.sorted(),
            [
                "/ first server shutting down", "/ first server shutting down",
                "/ then server shutting down", "/ then server shutting down",
                "/admin first server shutting down", "/admin then server shutting down",
            ]
        )
        let isEmpty = await io.core.registry.isEmpty
        XCTAssertTrue(isEmpty)
    }

    func testARefusedCONNECTAndAClientWithoutANamespaceHaveNoReason() async throws {
        let (clock, notes) = (ManualClock(), Notes())
        let io = SocketIO(options: quiet) { root in
            root.use { _ in throw ConnectError("no") }
            root.onDisconnecting { _, _ in notes.add("disconnecting") }
            root.onDisconnect { _, _ in notes.add("disconnected") }
        }
        try await withTestServer(App(), io, clock: clock) { server in
            let (idle, refused) = (
                try await server.browser().webSocket(), try await server.browser().webSocket()
            )
            await refused.say("40")
            await clock.advance(by: .seconds(25))
            await idle.say("3")
            await refused.say("3")
            await clock.advance(by: .seconds(20))
            XCTAssertEqual(idle.take().last, "close")
            XCTAssertEqual(
                refused.take().suffix(3),
                ["44{\"message\":\"no\"}", "2", "close"]
            )
            XCTAssertEqual(notes.all, [])
        }
    }
}
