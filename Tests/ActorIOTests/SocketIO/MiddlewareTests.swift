import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Between CONNECT and its answer: what a namespace's middleware may do, and who sees the socket.
final class MiddlewareTests: XCTestCase {
    private struct Mark: Sendable, Equatable { var text: String }

    func testMiddlewareOfOneNamespaceGuardsNoOther() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.use { _ in throw ConnectError("not here") }
            root.namespace("/open") { open in
                open.use { _ in notes.add("open") }
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40/open,", "40")
            let got = wire.take().sorted()
            XCTAssertTrue(got.first?.hasPrefix("40/open,{\"sid\":\"") == true)
            XCTAssertEqual(got.dropFirst(), ["44{\"message\":\"not here\"}"])
            XCTAssertEqual(notes.all, ["open"])
        }
    }

    func testMiddlewareRunsOneAfterAnotherAlsoWhenItSuspends() async throws {
        let (gate, notes) = (Gate(), Notes())
        let io = SocketIO(options: quiet) { root in
            root.use { _ in
                notes.add("first begins")
                await gate.pass()
                notes.add("first ends")
            }
            root.use { _ in notes.add("second") }
            root.onConnection { _ in notes.add("connected") }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            await wire.say("40")
            XCTAssertEqual(notes.all, ["first begins"])
            gate.open()
            await wire.rest()
            XCTAssertEqual(notes.all, ["first begins", "first ends", "second", "connected"])
        }
    }

    func testARefusalEndsTheRoomsAndTheWaitingEventsAndTellsNoHandler() async throws {
        let (gate, notes) = (Gate(), Notes())
        let io = SocketIO(options: quiet) { root in
            root.use { socket in
                await socket.join("a", "b")
                await gate.pass()
                throw try ConnectError("no", data: ["code": 7])
            }
            root.on("note") { (_, text: String) in notes.add(text) }
            root.onConnection { _ in notes.add("connected") }
            root.onDisconnecting { _, _ in notes.add("disconnecting") }
            root.onDisconnect { _, _ in notes.add("disconnected") }
            root.namespace("/other") { _ in }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40", "42[\"note\",\"early\"]")
            gate.open()
            await wire.rest()
            XCTAssertEqual(wire.take(), ["44{\"message\":\"no\",\"data\":{\"code\":7}}"])
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
            await wire.say("40/other,")
            XCTAssertEqual(wire.take().count, 1)
            await wire.close()
            XCTAssertEqual(notes.all, [])
        }
    }

    func testASocketInMiddlewareHasItsIdRequestAuthAndValuesAndIsNotConnected() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.use { socket in
                socket[Mark.self] = Mark(text: "kept")
                await socket.join("a")
                let auth = try socket.auth(as: [String: Int].self)
                let rooms = await socket.rooms
                notes.add("\(socket.id) \(socket.isConnected) \(auth) \(rooms.contains("a"))")
                notes.add("\(socket.request.query["extra"] ?? "none") \(socket.namespaceName)")
            }
            root.onConnection { socket in
                let rooms = await socket.rooms
                notes.add("\(socket.id) \(socket.isConnected) \(rooms.contains("a"))")
                notes.add("\(socket[Mark.self]?.text ?? "lost")")
            }
        }
        try await withTestServer(App(), io) { server in
            let query = "EIO=4&transport=websocket&extra=x"
            let wire = try await server.browser().webSocket(query)
            _ = wire.take()
            await wire.say("40{\"n\":1}")
            let id = String(wire.take().first?.dropFirst(10).prefix(20) ?? "")
            XCTAssertEqual(
                notes.all,
                ["\(id) false [\"n\": 1] true", "x /", "\(id) true true", "kept"]
            )
        }
    }

    func testASocketInMiddlewareIsMeantByNoAudience() async throws {
        let (gate, ids) = (Gate(), Notes())
        let io = SocketIO(options: quiet) { root in
            root.use { socket in
                guard socket.request.query["wait"] != nil else { return }
                await socket.join("a")
                ids.add("\(socket.id)")
                await gate.pass()
            }
        }
        try await withTestServer(App(), io) { server in
            let query = "EIO=4&transport=websocket&wait=1"
            let wire = try await server.browser().webSocket(query)
            let other = try await server.browser().joined()
            _ = wire.take()
            await wire.say("40")
            let own = Room.socket(try XCTUnwrap(SocketID(ids.all.first ?? "")))
            for audience in [io.audience, io.in("a"), io.to(own)] {
                try await server.act { try await audience.emit("e") }
                let counts = try await server.run {
                    (await audience.count, try await audience.fetchSockets().count)
                }
                XCTAssertEqual(counts.0, audience.rooms.isEmpty ? 1 : 0)
                XCTAssertEqual(counts.1, counts.0)
            }
            try await server.run { await io.join("b") }
            let ended = try await server.run { try await io.in("a").disconnectSockets() }
            XCTAssertEqual(ended, 0)
            XCTAssertEqual(other.take(), ["42[\"e\"]"])
            gate.open()
            await wire.rest()
            XCTAssertEqual(wire.take().map { $0.prefix(9) }, ["40{\"sid\":"])
            let rooms = try await server.run {
                (await io.in("a").count, await io.in("b").count, await io.count)
            }
            XCTAssertEqual([rooms.0, rooms.1, rooms.2], [1, 1, 2])
        }
    }

    func testDisconnectInMiddlewareIsARefusalAndWithCloseTheEndOfTheConnection() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.use { socket in socket.disconnect() }
            root.onConnection { _ in notes.add("connected") }
            root.namespace("/close") { close in
                close.use { socket in socket.disconnect(close: true) }
                close.onConnection { _ in notes.add("connected") }
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40")
            XCTAssertEqual(wire.take(), ["44{\"message\":\"disconnected\"}"])
            await wire.say("40/close,")
            XCTAssertEqual(wire.take(), ["44/close,{\"message\":\"disconnected\"}", "close"])
            XCTAssertEqual(notes.all, [])
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }
}
