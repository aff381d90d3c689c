import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Out of a namespace, by whom and how.
final class DisconnectTests: XCTestCase {
    private static func server(_ notes: Notes) -> SocketIO {
        func fill(_ plan: inout Namespace, _ name: String) {
            plan.on("leave") { socket in socket.disconnect() }
            plan.on("close") { socket in socket.disconnect(close: true) }
            plan.on("note") { (_, text: String) in notes.add("\(name) \(text)") }
            plan.onDisconnecting { socket, reason in
                let rooms = await socket.rooms.filter { $0 == "lobby" }
                notes.add("\(name) disconnecting \(rooms.map(\.description))")
            }
            plan.onDisconnect { socket, reason in
                let rooms = await socket.rooms
                notes.add("\(name) \(reason.rawValue) \(rooms.map(\.description))")
            }
            plan.onConnection { socket in await socket.join("lobby") }
        }
        return SocketIO(options: quiet) { root in
            fill(&root, "/")
            root.namespace("/admin") { admin in fill(&admin, "/admin") }
        }
    }

    func testTheClientLeavesOneNamespaceAndStaysInTheOther() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let wire = try await server.browser().joined()
            await wire.say("40/admin,")
            _ = wire.take()
            await wire.say("41/admin,", "42/admin,[\"note\",\"late\"]", "42[\"note\",\"here\"]")
            XCTAssertEqual(wire.take(), [])
            XCTAssertEqual(
                notes.all.filter { $0.hasPrefix("/admin") },
                ["/admin disconnecting [\"lobby\"]", "/admin client namespace disconnect []"]
            )
            XCTAssertTrue(notes.all.contains("/ here"))
        }
    }

    func testTheServerLeavesOneNamespaceByADISCONNECTPacket() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let wire = try await server.browser().joined()
            await wire.say("40/admin,")
            _ = wire.take()
            await wire.say("42/admin,[\"leave\"]")
            XCTAssertEqual(wire.take(), ["41/admin,"])
            await wire.say("42[\"leave\"]")
            XCTAssertEqual(wire.take(), ["41"])
            XCTAssertEqual(
                notes.all,
                [
                    "/admin disconnecting [\"lobby\"]", "/admin server namespace disconnect []",
                    "/ disconnecting [\"lobby\"]", "/ server namespace disconnect []",
                ]
            )
        }
    }

    func testLatePacketsForANamespaceThatWasLeftAreIgnoredAndItCanBeJoinedAgain() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let wire = try await server.browser().joined()
            let late = [
                "42[\"leave\"]", "42[\"note\",\"late\"]", "421[\"note\",\"late\"]", "430[1]", "41",
                "451-[\"note\",{\"_placeholder\":true,\"num\":0}]",
            ]
            for packet in late { await wire.say(packet) }
            await wire.say(binary: [1, 2])
            XCTAssertEqual(wire.take(), ["41"])
            await wire.say("40")
            XCTAssertEqual(wire.take().count, 1)
            await wire.say("42[\"note\",\"again\"]")
            XCTAssertEqual(notes.all.last, "/ again")
            XCTAssertFalse(notes.all.contains("/ late"))
        }
    }

    func testDisconnectWithCloseSaysItInEveryNamespaceAndClosesTheConnection() async throws {
        let notes = Notes()
        let io = Self.server(notes)
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("40/admin,")
            _ = wire.take()
            await wire.say("42[\"close\"]", "42[\"note\",\"late\"]")
            XCTAssertEqual(wire.take(), ["41", "41/admin,", "close"])
            XCTAssertEqual(
                notes.all.filter { !$0.contains("disconnecting") },
                ["/ server namespace disconnect []", "/admin server namespace disconnect []"]
            )
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    func testEverySocketOfALostConnectionIsToldOnceWithTheReason() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let tab = try await server.browser().connect()
            _ = try await tab.join("/admin")
            await tab.close()
            await server.rest()
            XCTAssertEqual(
                notes.all.filter { !$0.contains("disconnecting") }.sorted(),
                ["/ transport close []", "/admin transport close []"]
            )
        }
    }

    func testASocketThatHasLeftSendsAndJoinsNothing() async throws {
        let gate = Gate()
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.on("work") { socket in
                await gate.pass()
                try socket.emit("late")
                try socket.volatile.emit("late")
                await socket.join("lobby")
                await socket.leave("lobby")
                do {
                    let _: Int = try await socket.call("late", timeout: .seconds(1))
                } catch {
                    notes.add("\(error)")
                }
                try await socket.to("lobby").emit("late")
                notes.add("connected: \(socket.isConnected)")
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("421[\"work\"]", "41")
            gate.open()
            await wire.rest()
            XCTAssertEqual(wire.take(), [])
            XCTAssertEqual(notes.all, ["call: disconnected", "connected: false"])
            let count = try await server.run { await io.in("lobby").count }
            XCTAssertEqual(count, 0)
            await wire.close()
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    func testHandlersAreCancelledWhenTheirSocketLeaves() async throws {
        let notes = Notes()
        @Sendable func waitForCancellation(_ name: String) async {
            let gate = Gate()
            await withTaskCancellationHandler {
                await gate.pass()
            } onCancel: {
                gate.open()
            }
            notes.add("\(name) cancelled: \(Task.isCancelled)")
        }
        let io = SocketIO(options: quiet) { root in
            root.on("work") { _ in await waitForCancellation("handler") }
            root.namespace("/slow") { slow in
                slow.onConnection { _ in await waitForCancellation("connection") }
            }
            root.namespace("/gate") { gate in
                gate.use { _ in await waitForCancellation("middleware") }
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"work\"]", "40/slow,", "40/gate,")
            XCTAssertEqual(notes.all, [])
            await wire.close()
            XCTAssertEqual(
                notes.all.sorted(),
                [
                    "connection cancelled: true", "handler cancelled: true",
                    "middleware cancelled: true",
                ]
            )
        }
    }

    func testAConnectionHandlerThatThrowsDisconnectsItsSocket() async throws {
        struct Broken: Error {}
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.onConnection { _ in throw Broken() }
            root.on("note") { (_, text: String) in notes.add(text) }
            root.onError { error, event in notes.add("\(event.name): \(error)") }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            await wire.say("40", "42[\"note\",\"late\"]")
            XCTAssertEqual(wire.take().last, "41")
            XCTAssertEqual(notes.all, ["connection: Broken()"])
        }
    }
}
