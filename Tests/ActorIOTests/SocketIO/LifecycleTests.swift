import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// In which order a socket begins and ends.
final class LifecycleTests: XCTestCase {
    func testASocketHasItsRoomAndIsConnectedBeforeItsHandlersAndItsAnswerLeavesBeforeTheirs()
        async throws
    {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.use { socket in notes.add("middleware \(socket.isConnected)") }
            root.onConnection { socket in
                let isThere = await socket.rooms.contains(.socket(socket.id))
                let count = await socket.namespace.in(.socket(socket.id)).count
                notes.add("connection \(socket.isConnected) \(isThere) \(count)")
                try await socket.namespace.emit("all")
                try socket.emit("own")
            }
            root.on("note") { (_, text: String) in notes.add(text) }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40", "42[\"note\",\"first\"]", "42[\"note\",\"second\"]")
            let got = wire.take()
            XCTAssertTrue(got.first?.hasPrefix("40{\"sid\":\"") == true)
            XCTAssertEqual(got.dropFirst(), ["42[\"all\"]", "42[\"own\"]"])
            XCTAssertEqual(
                notes.all,
                ["middleware false", "connection true true 1", "first", "second"]
            )
        }
    }

    private static func three(_ notes: Notes) -> SocketIO {
        func fill(_ plan: inout Namespace, _ name: String) {
            plan.onDisconnecting { _, _ in notes.add("\(name) first") }
            plan.onDisconnect { _, _ in notes.add("\(name) then") }
        }
        return SocketIO(options: quiet) { root in
            fill(&root, "/")
            for name in ["/a", "/b"] { root.namespace(name) { fill(&$0, name) } }
        }
    }

    func testALostConnectionEndsItsSocketsInTheOrderTheyJoined() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.three(notes)) { server in
            let wire = try await server.browser().webSocket()
            for packet in ["40/b,", "40", "40/a,"] { await wire.say(packet) }
            await wire.close()
            for step in ["first", "then"] {
                let order = notes.all.filter { $0.hasSuffix(step) }
                XCTAssertEqual(order, ["/b \(step)", "/ \(step)", "/a \(step)"])
            }
        }
    }

    func testOnARealPortHandlersThatDoNotWaitRunOneSocketAfterAnother() async throws {
        for loops in [1, 3] {
            var options = Server.Options()
            options.loops = loops
            for _ in 0..<5 {
                let notes = Notes()
                try await withServer(App(), Self.three(notes), options: options) { server in
                    let tab = try await server.browser().connect("/b")
                    _ = try await tab.join("/")
                    _ = try await tab.join("/a")
                    await tab.close()
                    await eventually("all handlers") { notes.count == 6 }
                }
                XCTAssertEqual(
                    notes.all,
                    ["/b first", "/b then", "/ first", "/ then", "/a first", "/a then"]
                )
            }
        }
    }

    func testTheRoomsAreThereInDisconnectingAndGoneInDisconnect() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.onConnection { socket in await socket.join("a", "b") }
            root.onDisconnecting { socket, _ in
                notes.add("first \(await socket.rooms.map(\.description).sorted().prefix(2))")
            }
            root.onDisconnect { socket, _ in notes.add("then \(await socket.rooms.count)") }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("41", "41")
            await wire.close()
            XCTAssertEqual(notes.count, 2)
            XCTAssertTrue(notes.all.first?.contains("\"a\"") == true)
            XCTAssertEqual(notes.all.last, "then 0")
        }
    }

    func testTheOthersInItsRoomsHearWhatASocketSaysWhileItLeavesAndTheLastWordIsItsOwn()
        async throws
    {
        let io = SocketIO(options: quiet) { root in
            root.onConnection { socket in await socket.join("a") }
            root.onDisconnecting { socket, reason in
                try? await socket.to("a").emit("leaving", reason.rawValue)
                try? await socket.namespace.in("a").emit("count", socket.namespace.count)
            }
            root.onDisconnect { socket, _ in try? await socket.namespace.emit("left") }
        }
        try await withTestServer(App(), io) { server in
            let leaver = try await server.browser().joined()
            let other = try await server.browser().joined()
            await leaver.say("41")
            XCTAssertEqual(leaver.take(), [])
            XCTAssertEqual(
                other.take(),
                [
                    "42[\"leaving\",\"client namespace disconnect\"]", "42[\"count\",1]",
                    "42[\"left\"]",
                ]
            )
        }
    }

    func testEventsThatWaitWhenTheirSocketLeavesReachNoHandler() async throws {
        let (gate, notes) = (Gate(), Notes())
        let io = SocketIO(options: quiet) { root in
            root.onConnection { _ in await gate.pass() }
            root.on("note") { (_, text: String) in notes.add(text) }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            await wire.say("40", "42[\"note\",\"early\"]", "421[\"note\",\"asked\"]", "41")
            _ = wire.take()
            gate.open()
            await wire.rest()
            XCTAssertEqual(notes.all, [])
            XCTAssertEqual(wire.take(), [])
        }
    }

    func testAnEventBehindADisconnectReachesNoHandler() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.on("leave") { socket in socket.disconnect() }
            root.on("late leave") { socket in
                await Task.yield()
                socket.disconnect()
            }
            root.on("note") { (_, text: String) in notes.add(text) }
        }
        try await withTestServer(App(), io) { server in
            for word in ["leave", "late leave"] {
                let wire = try await server.browser().joined()
                await wire.say("42[\"\(word)\"]")
                await wire.say("42[\"note\",\"late\"]")
                XCTAssertEqual(wire.take(), ["41"], word)
            }
            XCTAssertEqual(notes.all, [])
        }
    }

    func testASocketThatEndsInTheMiddleOfABroadcastChangesNothingForTheOthers() async throws {
        let io = SocketIO(options: quiet) { root in
            root.onConnection { socket in await socket.join("a") }
            root.onDisconnecting { socket, _ in
                try? await socket.to("a").emit("gone")
                _ = try? await socket.namespace.in("a").disconnectSockets()
            }
            root.on("end") { socket in
                try await socket.namespace.in("a").emit("before")
                socket.disconnect()
                try await socket.namespace.in("a").emit("after")
            }
        }
        try await withTestServer(App(), io) { server in
            var wires: [Wire] = []
            for _ in 0..<4 { wires.append(try await server.browser().joined()) }
            await wires[1].say("42[\"end\"]")
            XCTAssertEqual(wires[1].take(), ["42[\"before\"]", "41"])
            for wire in [wires[0], wires[2], wires[3]] {
                let got = wire.take()
                XCTAssertEqual(got.prefix(1), ["42[\"before\"]"])
                XCTAssertEqual(got.last, "41")
                XCTAssertLessThanOrEqual(got.filter { $0 == "42[\"after\"]" }.count, 1)
                XCTAssertTrue(got.contains("42[\"gone\"]"))
            }
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    func testANewConnectionHasANewIdAndAllNamespacesOfOneShareItsRequest() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.onConnection { socket in
                notes.add("\(socket.id) \(socket.request.query["n"] ?? "")")
            }
            root.namespace("/other") { other in
                other.onConnection { socket in
                    notes.add("\(socket.id) \(socket.request.query["n"] ?? "")")
                }
            }
        }
        try await withTestServer(App(), io) { server in
            for number in 1...2 {
                let query = "EIO=4&transport=websocket&n=\(number)"
                let wire = try await server.browser().webSocket(query)
                await wire.say("40", "40/other,")
            }
            XCTAssertEqual(notes.all.map { $0.suffix(2) }, [" 1", " 1", " 2", " 2"])
            XCTAssertEqual(Set(notes.all.map { $0.prefix(20) }).count, 4)
        }
    }
}
