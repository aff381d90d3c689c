import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Into a namespace, in the words of the wire.
final class ConnectTests: XCTestCase {
    private struct Token: Codable, Equatable, Sendable { var token: String }

    /// The packet without the public sid in it, which must be one.
    private static func withoutSid(_ packet: String) -> String {
        guard let mark = packet.range(of: "{\"sid\":\"") else { return packet }
        let sid = packet[mark.upperBound...].prefix(20)
        guard SocketID(String(sid)) != nil else { return packet }
        return packet.replacing(sid, with: "SID")
    }

    func testCONNECTIsAnsweredWithAPublicIdOfEachNamespace() async throws {
        let io = SocketIO(options: quiet) { root in
            root.namespace("/admin") { _ in }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            let open = wire.take().first ?? ""
            await wire.say("40", "40/admin,")
            let got = wire.take()
            XCTAssertEqual(
                got.map(Self.withoutSid),
                ["40{\"sid\":\"SID\"}", "40/admin,{\"sid\":\"SID\"}"]
            )
            let ids = got.map { String($0.suffix(22).prefix(20)) }
            XCTAssertNotEqual(ids[0], ids[1])
            XCTAssertFalse(ids.contains { open.contains($0) }, "the secret id is shown to others")

            let bare = try await server.browser().webSocket()
            _ = bare.take()
            await bare.say("40/admin")
            XCTAssertEqual(bare.take().map(Self.withoutSid), ["40/admin,{\"sid\":\"SID\"}"])
        }
    }

    func testTheAuthPayloadReachesTheMiddlewareAndMayBeMissing() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.use { socket in
                notes.add((try? socket.auth(as: Token.self))?.token ?? "none")
            }
        }
        try await withTestServer(App(), io) { server in
            _ = try await server.browser().connect(auth: Token(token: "a\u{2028}/é"))
            _ = try await server.browser().connect()
            let wire = try await server.browser().webSocket()
            await wire.say("40{\"token\":\"raw\",\"token\":\"last\"}")
            XCTAssertEqual(notes.all, ["a\u{2028}/é", "none", "last"])
        }
    }

    func testAnAuthPayloadThatIsMissingReadsAsAnEmptyObjectAndAsNil() async throws {
        struct Mixed: Decodable, Sendable { var token: String? }
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.use { socket in
                notes.add("\(try socket.auth(as: JSONValue.self))")
                notes.add("\(try socket.auth(as: Mixed.self).token ?? "none")")
                notes.add("\(try socket.auth(as: Token?.self) == nil)")
                notes.add("\((try? socket.auth(as: Token.self)) == nil)")
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            XCTAssertEqual(notes.all, ["{}", "none", "true", "true"])
            _ = wire
        }
    }

    func testAPacketOfMoreOrDeeperValuesThanTheOptionsAllowClosesItsConnection() async throws {
        var options = quiet
        (options.maxElements, options.maxDepth) = (6, 3)
        let io = SocketIO(options: options) { root in
            root.on("e") { (_, arguments: Arguments) in arguments }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("421[\"e\",1,2,3,4]", "422[\"e\",[[1]]]")
            XCTAssertEqual(wire.take(), ["431[1,2,3,4]", "432[[[1]]]"])
            for packet in ["42[\"e\",1,2,3,4,5,6]", "42[\"e\",[[[1]]]]"] {
                let other = try await server.browser().joined()
                await other.say(packet)
                XCTAssertTrue(other.isEnded, packet)
            }
            XCTAssertFalse(wire.isEnded)
        }
    }

    func testAuthOfTheGreatestSizeIsTakenAndOneByteMoreIsRefused() async throws {
        var options = quiet
        options.maxAuth = 20
        let io = SocketIO(options: options) { root in root.namespace("/n") { _ in } }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            // A message of 21 bytes, then one of 20.
            await wire.say("40/n,{\"a\":\"12345678\"}")
            XCTAssertEqual(wire.take(), ["44/n,{\"message\":\"auth too large\"}"])
            await wire.say("40/n,{\"a\":\"1234567\"}")
            XCTAssertEqual(wire.take().map(Self.withoutSid), ["40/n,{\"sid\":\"SID\"}"])
        }
    }

    func testARefusalIsCONNECTERRORWithMessageAndData() async throws {
        struct Secret: Error {}
        let io = SocketIO(options: quiet) { root in
            root.use { socket in
                switch try socket.auth(as: Token.self).token {
                case "data": throw try ConnectError("not \"authorized\"", data: ["until": 2030])
                case "plain": throw ConnectError("no")
                case "http": throw HTTPError(.forbidden)
                case "secret": throw Secret()
                default: break
                }
            }
            root.namespace("/admin") { admin in
                admin.use { _ in throw ConnectError("no") }
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            for word in ["data", "plain", "http", "secret"] {
                await wire.say("40{\"token\":\"\(word)\"}")
            }
            await wire.say("40/admin,")
            XCTAssertEqual(
                wire.take(),
                [
                    "44{\"message\":\"not \\\"authorized\\\"\",\"data\":{\"until\":2030}}",
                    "44{\"message\":\"no\"}",
                    "44{\"message\":\"Forbidden\","
                        + "\"data\":{\"code\":\"forbidden\",\"status\":403}}",
                    "44{\"message\":\"internal error\"}", "44/admin,{\"message\":\"no\"}",
                ]
            )
            await wire.say("40{\"token\":\"good\"}")
            XCTAssertEqual(wire.take().map(Self.withoutSid), ["40{\"sid\":\"SID\"}"])
            let count = try await server.run { await io.count }
            XCTAssertEqual(count, 1)
        }
    }

    func testMiddlewareRunsInOrderAndStopsAtTheFirstThatThrows() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.use { _ in notes.add("first") }
            root.use { _ in
                notes.add("second")
                throw ConnectError("no")
            }
            root.use { _ in notes.add("third") }
            root.onConnection { _ in notes.add("connected") }
            root.onDisconnect { _, _ in notes.add("disconnected") }
        }
        try await withTestServer(App(), io) { server in
            do {
                _ = try await server.browser().connect()
                XCTFail("connected")
            } catch let refusal as ConnectRefused {
                XCTAssertEqual(refusal.message, "no")
            }
            XCTAssertEqual(notes.all, ["first", "second"])
            let rest = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(rest)
        }
    }

    func testAnUnknownNamespaceIsRefusedAndTheConnectionStays() async throws {
        try await withTestServer(App(), SocketIO(options: quiet)) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40/random", "40/b?x=1,", "40//,", "40/\u{301},{}", "40")
            let got = wire.take()
            XCTAssertEqual(
                got.dropLast(),
                [
                    "44/random,{\"message\":\"Invalid namespace\"}",
                    "44/b?x=1,{\"message\":\"Invalid namespace\"}",
                    "44//,{\"message\":\"Invalid namespace\"}",
                    "44/\u{301},{\"message\":\"Invalid namespace\"}",
                ]
            )
            XCTAssertEqual(got.last.map(Self.withoutSid), "40{\"sid\":\"SID\"}")
        }
    }

    func testNamespacesAreComparedByTheirBytes() async throws {
        let io = SocketIO(options: quiet) { root in
            root.namespace("/caf\u{E9}") { _ in }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40/cafe\u{301},", "40/caf\u{E9},")
            let got = wire.take()
            XCTAssertEqual(Array((got.first ?? "").utf8.prefix(2)), Array("44".utf8))
            XCTAssertEqual(Array((got.last ?? "").utf8.prefix(2)), Array("40".utf8))
        }
    }

    func testASecondCONNECTClosesTheConnectionAlsoWhileTheFirstIsDecided() async throws {
        let gate = Gate()
        let io = SocketIO(options: quiet) { root in
            root.namespace("/slow") { slow in
                slow.use { _ in await gate.pass() }
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("40")
            XCTAssertEqual(wire.take(), ["close"])

            let early = try await server.browser().joined()
            await early.say("40/slow,", "40/slow,")
            XCTAssertEqual(early.take(), ["close"])
            gate.open()
            await early.rest()
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    func testAnythingForANamespaceThatWasNeverJoinedClosesTheConnection() async throws {
        let gate = Gate()
        let io = SocketIO(options: quiet) { root in
            root.namespace("/other") { other in
                other.use { _ in await gate.pass() }
            }
        }
        for packet in ["42[\"x\"]", "41", "43[]", "430[]", "42/nowhere,[\"x\"]", "41/nowhere,"] {
            try await withTestServer(App(), io) { server in
                let wire = try await server.browser().webSocket()
                await wire.say("40/other,", packet)
                XCTAssertEqual(wire.take().last, "close", packet)
                let count = try await server.run { await io.clientCount }
                XCTAssertEqual(count, 0, packet)
            }
        }
        gate.open()
    }

    func testAClientThatJoinsNothingIsClosedAtTheConnectTimeoutExactly() async throws {
        var options = quiet
        options.engine.pingInterval = .seconds(600)
        let clock = ManualClock()
        let io = SocketIO(options: options) { root in
            root.namespace("/never") { never in
                never.use { _ in throw ConnectError("no") }
            }
        }
        try await withTestServer(App(), io, clock: clock) { server in
            let idle = try await server.browser().webSocket()
            let refused = try await server.browser().webSocket()
            let joined = try await server.browser().webSocket()
            let left = try await server.browser().webSocket()
            await refused.say("40/never,")
            await joined.say("40")
            await left.say("40")
            await left.say("41")
            await clock.advance(by: .milliseconds(44_999))
            XCTAssertEqual(idle.take().count, 1)
            await clock.advance(by: .milliseconds(1))
            XCTAssertEqual(idle.take(), ["close"])
            XCTAssertEqual(refused.take().last, "close")
            await clock.advance(by: .seconds(100))
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 2)
        }
    }

    func testNamespacesOfOneConnectionAreLimited() async throws {
        var options = quiet
        options.maxNamespaces = 3
        let gate = Gate()
        let io = SocketIO(options: options) { root in
            for number in 0..<5 { root.namespace("/\(number)") { _ in } }
            root.namespace("/slow") { slow in
                slow.use { _ in await gate.pass() }
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            for number in 0..<5 { await wire.say("40/\(number),") }
            let got = wire.take()
            XCTAssertEqual(
                got.suffix(2),
                [
                    "44/3,{\"message\":\"too many namespaces\"}",
                    "44/4,{\"message\":\"too many namespaces\"}",
                ]
            )
            await wire.say("41/0,", "40/4,")
            XCTAssertEqual(wire.take().map(Self.withoutSid), ["40/4,{\"sid\":\"SID\"}"])

            let spammer = try await server.browser().webSocket()
            _ = spammer.take()
            for _ in 0..<50 {
                await spammer.say("40/slow,")
                await spammer.say("41/slow,")
            }
            XCTAssertEqual(gate.arrivals, 3, "decisions that are under way must be bounded")
            gate.open()
            await spammer.rest()
            _ = spammer.take()
            await spammer.say("40/slow,")
            XCTAssertEqual(spammer.take().map(Self.withoutSid), ["40/slow,{\"sid\":\"SID\"}"])
        }
    }

    func testAClientThatLeavesWhileItIsDecidedIsNeverConnected() async throws {
        let (gate, notes) = (Gate(), Notes())
        let io = SocketIO(options: quiet) { root in
            root.use { _ in await gate.pass() }
            root.onConnection { _ in notes.add("connected") }
            root.onDisconnect { _, _ in notes.add("disconnected") }
            root.namespace("/other") { _ in }
        }
        try await withTestServer(App(), io) { server in
            let leaver = try await server.browser().webSocket()
            await leaver.say("40/other,", "40", "41")
            let cutter = try await server.browser().webSocket()
            await cutter.say("40")
            await cutter.close()
            gate.open()
            await leaver.rest()
            XCTAssertEqual(notes.all, [])
            let count = try await server.run { await io.count }
            XCTAssertEqual(count, 0)
            await leaver.close()
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    func testWhatTheMiddlewareEmitsComesBeforeTheAnswerAndTheHandlersAfterIt() async throws {
        let io = SocketIO(options: quiet) { root in
            root.use { socket in try socket.emit("m") }
            root.onConnection { socket in try socket.emit("c") }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40")
            XCTAssertEqual(
                wire.take().map(Self.withoutSid),
                ["42[\"m\"]", "40{\"sid\":\"SID\"}", "42[\"c\"]"]
            )
        }
    }
}
