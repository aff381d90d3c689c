import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// A server whose packets are MessagePack, on every transport.
final class MessagePackTests: XCTestCase {
    private static var options: SocketIO.Options {
        var options = quiet
        options.parser = MessagePackParser()
        return options
    }

    private static func server(
        _ notes: Notes = Notes(),
        _ options: SocketIO.Options = options
    ) -> SocketIO {
        SocketIO(options: options) { root in
            root.on("note") { (_, text: String) in notes.add(text) }
            root.on("echo") { (_, value: JSONValue) in value }
            root.on("back") { (socket, value: JSONValue, bytes: [UInt8]) in
                try socket.emit("back", bytes, value)
            }
            root.on("all") { (socket, value: JSONValue) in
                try await socket.namespace.emit("all", value)
            }
            root.on("ask") { socket in
                let sum: Int = try await socket.call("sum", [1, 2], [UInt8](arrayLiteral: 3))
                notes.add("sum \(sum)")
            }
            root.on("fail") { _ in throw CallError(.failed, "no \"way\"") }
            root.namespace("/chat") { chat in
                chat.on("who") { socket in socket.namespaceName }
            }
            root.namespace("/closed") { closed in
                closed.use { socket in
                    struct Key: Decodable { var key: [UInt8] }
                    let key = try? socket.auth(as: Key.self).key
                    throw try ConnectError("no", data: ["bytes": key?.count ?? 0])
                }
            }
        }
    }

    private static let connect = packed("82 'type' 00 'nsp' '/'")

    private static func text(_ bytes: [UInt8]) -> String {
        "b:" + bytes.map { "\($0)" }.joined(separator: ",")
    }

    private static func joined(_ server: TestServer) async throws -> Wire {
        let wire = try await server.browser().webSocket()
        await wire.say(binary: connect)
        _ = wire.take()
        return wire
    }

    // The wire

    func testEveryPacketIsOneBinaryFrameEachWay() async throws {
        try await withTestServer(App(), Self.server()) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say(binary: Self.connect)
            let yes = wire.take()
            XCTAssertEqual(yes.count, 1)
            let head = Self.text(packed("83 'type' 00 'nsp' '/' 'data' 81 'sid' B4"))
            XCTAssertTrue(yes[0].hasPrefix(head), yes[0])

            await wire.say(
                binary: packed("84 'type' 02 'nsp' '/' 'id' 07 'data' 92 'echo' 81 'b' C4 01 FF")
            )
            XCTAssertEqual(
                wire.take(),
                [Self.text(packed("84 'type' 03 'nsp' '/' 'data' 91 81 'b' C4 01 FF 'id' 07"))]
            )
            await wire.say(
                binary: packed("83 'type' 02 'nsp' '/' 'data' 93 'back' CB 3F F8 00*6 C4 00")
            )
            XCTAssertEqual(
                wire.take(),
                [Self.text(packed("83 'type' 02 'nsp' '/' 'data' 93 'back' C4 00 CB 3F F8 00*6"))]
            )
            await wire.say(binary: packed("84 'type' 02 'nsp' '/' 'id' 08 'data' 91 'note'"))
            XCTAssertEqual(wire.take().count, 1)
            await wire.say(binary: packed("82 'type' 01 'nsp' '/'"))
            XCTAssertEqual(wire.take(), [])
        }
    }

    func testARefusalAndADisconnectAreBinaryToo() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let wire = try await Self.joined(server)
            await wire.say(
                binary: packed("83 'type' 00 'nsp' '/closed' 'data' 81 'key' C4 02 01 02")
            )
            let refusal = packed(
                "83 'type' 04 'nsp' '/closed' 'data' 82 'message' 'no' 'data' 81 'bytes' 02"
            )
            XCTAssertEqual(wire.take(), [Self.text(refusal)])
            await wire.say(binary: packed("82 'type' 00 'nsp' '/none'"))
            XCTAssertEqual(
                wire.take(),
                [
                    Self.text(
                        packed("83 'type' 04 'nsp' '/none' 'data' 81 'message' 'Invalid namespace'")
                    )
                ]
            )
            try await server.act { try await io.disconnectSockets() }
            XCTAssertEqual(wire.take(), [Self.text(packed("82 'type' 01 'nsp' '/'"))])
        }
    }

    func testPollingCarriesEachPacketAsBase64() async throws {
        try await withTestServer(App(), Self.server()) { server in
            let session = try await server.browser().handshake()
            func base64(_ text: String) -> String {
                "b" + String(decoding: Base64.encode(packed(text)), as: UTF8.self)
            }
            _ = try await session.post(base64("82 'type' 00 'nsp' '/'"))
            let yes = try await session.poll()
            XCTAssertEqual(yes.body?.first, "b")
            let poll = try await session.poll()
            let event = base64("84 'type' 02 'nsp' '/' 'id' 01 'data' 92 'echo' C4 01 05")
            let other = base64("84 'type' 02 'nsp' '/' 'id' 02 'data' 92 'echo' 7F")
            let post = try await session.post("\(event)\u{1E}\(other)")
            XCTAssertEqual(post.body, "ok")
            let answers = [
                base64("84 'type' 03 'nsp' '/' 'data' 91 C4 01 05 'id' 01"),
                base64("84 'type' 03 'nsp' '/' 'data' 91 7F 'id' 02"),
            ]
            XCTAssertEqual(poll.body, answers.joined(separator: "\u{1E}"))
        }
    }

    func testWhatWaitedForAPollGoesOutAsBinaryFramesAfterTheUpgrade() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let session = try await server.browser().handshake()
            let connect = "b" + String(decoding: Base64.encode(Self.connect), as: UTF8.self)
            _ = try await session.post(connect)
            _ = try await session.poll()
            let wire = try await session.upgrade()
            await wire.say("2probe")
            XCTAssertEqual(wire.take(), ["3probe"])
            try await server.act { try await io.emit("a", 1) }
            try await server.act { try await io.emit("a", [UInt8](arrayLiteral: 2)) }
            await wire.say("5")
            XCTAssertEqual(
                wire.take(),
                [
                    Self.text(packed("83 'type' 02 'nsp' '/' 'data' 92 'a' 01")),
                    Self.text(packed("83 'type' 02 'nsp' '/' 'data' 92 'a' C4 01 02")),
                ]
            )
        }
    }

    func testClientsOfProtocol3SpeakItToo() async throws {
        var options = Self.options
        options.engine.allowsEIO3 = true
        try await withTestServer(App(), Self.server(Notes(), options)) { server in
            let yes = packed("82 'type' 00 'nsp' '/'")
            let event = packed("84 'type' 02 'nsp' '/' 'id' 01 'data' 92 'echo' C4 01 05")
            let answer = packed("84 'type' 03 'nsp' '/' 'data' 91 C4 01 05 'id' 01")

            let wire = try await server.browser().webSocket("EIO=3&transport=websocket")
            XCTAssertEqual(wire.take().dropFirst(), [Self.text([4] + yes)])
            await wire.say(binary: [4] + event)
            XCTAssertEqual(wire.take(), [Self.text([4] + answer)])
            await wire.say(binary: [4] + packed("82 'type' 00 'nsp' '/chat?token=1'"))
            XCTAssertEqual(wire.take(), [Self.text([4] + packed("82 'type' 00 'nsp' '/chat'"))])
            await wire.say(binary: [4] + packed("82 'type' 00 'nsp' '/closed'"))
            XCTAssertEqual(
                wire.take(),
                [Self.text([4] + packed("83 'type' 04 'nsp' '/closed' 'data' 81 'bytes' 00"))]
            )
        }
    }

    func testClientsOfProtocol3PollItAsBase64OrAsBytes() async throws {
        var options = Self.options
        options.engine.allowsEIO3 = true
        try await withTestServer(App(), Self.server(Notes(), options)) { server in
            let yes = packed("82 'type' 00 'nsp' '/'")
            let session = try await OldSession(server.browser(), extra: "&b64=1")
            func base64(_ bytes: [UInt8]) -> String {
                let packet = "b4" + String(decoding: Base64.encode(bytes), as: UTF8.self)
                return "\(packet.utf8.count):\(packet)"
            }
            let first = try await session.poll()
            XCTAssertEqual(first.body, base64(yes))
            let poll = try await session.poll()
            let event = packed("84 'type' 02 'nsp' '/' 'id' 01 'data' 92 'echo' C4 01 05")
            _ = try await session.post(base64(event))
            let answer = packed("84 'type' 03 'nsp' '/' 'data' 91 C4 01 05 'id' 01")
            XCTAssertEqual(poll.body, base64(answer))

            let binary = try await OldSession(server.browser())
            let bytes = try await binary.poll()
            let length = yes.count + 1
            let head = [1, UInt8(length / 10), UInt8(length % 10), 0xFF, 4]
            XCTAssertEqual(bytes.response?.body, head + yes)
        }
    }

    // The test kit

    func testEventsCallsAndNamespacesWorkOnEveryTransport() async throws {
        for transport in Browser.Transport.allCases {
            let notes = Notes()
            try await withTestServer(App(), Self.server(notes)) { server in
                let tab = try await server.browser().connect(transport: transport)
                let nested: JSONValue = [
                    "list": [1, -1, 2.5, nil, true], "bytes": .binary([0, 30, 255]),
                    "deep": [["é\n": .binary([])]],
                ]
                let echoed: JSONValue = try await tab.call("echo", nested)
                XCTAssertEqual(echoed, nested, "\(transport)")

                try await tab.emit("back", "x", [UInt8](repeating: 7, count: 300))
                let back = try await tab.next("back")
                XCTAssertEqual(try back.decode(0), [UInt8](repeating: 7, count: 300))
                XCTAssertEqual(try back.decode(1), "x")

                await tab.answer("sum") { arguments in
                    let numbers: [Int] = try arguments.decode(0)
                    let bytes: [UInt8] = try arguments.decode(1)
                    return numbers.reduce(0, +) + bytes.reduce(0) { $0 + Int($1) }
                }
                try await tab.emit("ask")
                await server.rest()
                XCTAssertEqual(notes.all, ["sum 6"], "\(transport)")

                let chat = try await tab.join("/chat")
                let name: String = try await chat.call("who")
                XCTAssertEqual(name, "/chat")
                do {
                    let _: Int = try await tab.call("fail")
                    XCTFail("it failed there")
                } catch let error as CallError {
                    XCTAssertEqual(error.message, "no \"way\"")
                }
                await chat.disconnect()
                let again: JSONValue = try await tab.call("echo", 1)
                XCTAssertEqual(again, 1)
            }
        }
    }

    func testARefusalSaysWhyAndReadsBytesOfTheAuth() async throws {
        struct Key: Encodable { var key: [UInt8] }
        try await withTestServer(App(), Self.server()) { server in
            do {
                _ = try await server.browser().connect("/closed", auth: Key(key: [1, 2, 3]))
                XCTFail("it is closed")
            } catch let refusal as ConnectRefused {
                XCTAssertEqual(refusal.message, "no")
                let payload: JSONValue = try refusal.payload.decode(0)
                XCTAssertEqual(payload["data"]?["bytes"]?.int, 3)
            }
        }
    }

    func testABroadcastReachesClientsOfBothTransports() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let poller = try await server.browser().connect(transport: .polling)
            let tabs = [
                try await server.browser().connect(), try await server.browser().connect(),
                poller, try await server.browser().connect(transport: .upgrade),
            ]
            try await tabs[0].emit("all", JSONValue.object(["b": .binary([9])]))
            for tab in tabs {
                let value: JSONValue = try await tab.next("all").decode(0)
                XCTAssertEqual(value, ["b": .binary([9])])
            }
            try await server.act { try await io.volatile.emit("all", 2) }
            for tab in tabs {
                let value: Int = try await tab.next("all").decode(0)
                XCTAssertEqual(value, 2)
            }
        }
    }

    func testWhatAClientDoesNotTakeCountsAgainstItsBudget() async throws {
        var options = Self.options
        options.engine.outgoingPackets = 3
        let io = Self.server(Notes(), options)
        try await withTestServer(App(), io) { server in
            let session = try await server.browser().handshake()
            let connect = "b" + String(decoding: Base64.encode(Self.connect), as: UTF8.self)
            _ = try await session.post(connect)
            _ = try await session.poll()
            for number in 0..<3 { try await server.act { try await io.emit("a", number) } }
            var count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 1)
            try await server.act { try await io.emit("a", 3) }
            count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    // Hostile

    private static let closing = [
        "", "C1", "90", "83 'type' 02 'nsp' '/' 'data' 92 'note'",
        "83 'type' 02 'nsp' '/' 'data' 92 'note' A1 FF",
        "83 'type' 02 'nsp' '/' 'data' 92 'note' DB FF*4",
        "83 'type' 02 'nsp' '/' 'data' 92 'note' DD FF*4",
        "83 'type' 02 'nsp' '/' 'data' 92 'note' 91*100000",
        "83 'type' 02 'nsp' '/' 'data' 92 'note' D8 07 00*16",
        "83 'type' 02 'nsp' '/' 'data' 92 'note' 'x' 00",
        "83 'type' 02 'nsp' '/' 'data' 92 'disconnect' 'x'",
        "83 'type' 02 'nsp' '/none' 'data' 92 'note' 'x'",
        "83 'type' 02 'nsp' '/' 'data' 9D 'note' " + String(repeating: "C4 00 ", count: 12),
        "83 'type' 03 'nsp' '/' 'data' 90", "83 'type' 04 'nsp' '/' 'data' 81 'message' 'x'",
        "83 'type' 05 'nsp' '/' 'data' 92 'note' C4 00", "82 'type' 00 'nsp' '/'",
    ]

    func testEachOfTheListClosesItsSenderAndLeavesTheBystanderAlone() async throws {
        let notes = Notes()
        let io = Self.server(notes)
        try await withTestServer(App(), io) { server in
            let bystander = try await server.browser().connect()
            for packet in Self.closing {
                let wire = try await Self.joined(server)
                await wire.say(binary: packed(packet))
                XCTAssertEqual(wire.take(), ["close"], packet)
                await wire.close()
            }
            let wire = try await Self.joined(server)
            await wire.say("42[\"note\",\"x\"]")
            XCTAssertEqual(wire.take(), ["close"], "text among MessagePack")
            await wire.close()
            XCTAssertEqual(notes.all, [])
            let alive: JSONValue = try await bystander.call("echo", "alive")
            XCTAssertEqual(alive, "alive")
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 1)
        }
    }

    func testTheSameByPollingEndsTheSession() async throws {
        let notes = Notes()
        let io = Self.server(notes)
        try await withTestServer(App(), io) { server in
            for packet in Self.closing where packet.utf8.count < 1_000 {
                let session = try await server.browser().handshake()
                func base64(_ bytes: [UInt8]) -> String {
                    "b" + String(decoding: Base64.encode(bytes), as: UTF8.self)
                }
                _ = try await session.post(base64(Self.connect))
                _ = try await session.poll()
                let poll = try await session.poll()
                _ = try await session.post(base64(packed(packet)))
                XCTAssertEqual(poll.body, "1", packet)
            }
            XCTAssertEqual(notes.all, [])
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testReservedNamesStayReserved() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            do {
                try await server.run { try await io.emit("connect", 1) }
                XCTFail("connect is reserved")
            } catch {
                XCTAssertTrue(error is ReservedEventName)
            }
        }
    }
}
