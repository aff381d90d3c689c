import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Clients of Socket.IO 1 and 2 in their namespaces, in the words of the wire.
final class OldClientTests: XCTestCase {
    private struct Token: Codable, Sendable { var token: String }
    private static let holder = "{\"_placeholder\":true,\"num\":0}"

    func testTheRootNamespaceIsJoinedWithoutBeingAskedForAndWithoutAnId() async throws {
        let notes = Notes()
        let io = SocketIO(options: old) { root in
            root.use { socket in
                notes.add("deciding on \((try? socket.auth(as: Token.self))?.token ?? "none")")
            }
            root.onConnection { socket in
                notes.add("connected by \(socket.transport)")
                try socket.emit("hello")
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket("EIO=3&transport=websocket")
            XCTAssertEqual(wire.take().dropFirst(), ["40", "42[\"hello\"]"])
            let session = try await OldSession(server.browser())
            XCTAssertEqual(notes.count, 2, "it may not even have got its answer")
            let poll = try await session.poll()
            XCTAssertEqual(poll.body, payload("40", "42[\"hello\"]"))
            let next = try await session.poll()
            XCTAssertNil(next.response, "once")
            XCTAssertEqual(
                notes.all,
                [
                    "deciding on none", "connected by webSocket", "deciding on none",
                    "connected by polling",
                ]
            )
            let count = try await server.run { await io.count }
            XCTAssertEqual(count, 2)
        }
    }

    func testOtherNamespacesAreJoinedByTheirNameWithTheQueryAsAuth() async throws {
        let notes = Notes()
        let io = SocketIO(options: old) { root in
            root.namespace("/admin") { admin in
                admin.use { socket in
                    guard try socket.auth(as: Token.self).token == "a,b é" else {
                        throw ConnectError("no")
                    }
                }
                admin.on("echo") { (socket, text: String) in try socket.emit("echo", text) }
                admin.onDisconnect { _, reason in notes.add(reason.rawValue) }
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().oldJoined()
            await wire.say("40/admin?token=a%2Cb%20%C3%A9,", "42/admin,[\"echo\",\"x\"]")
            XCTAssertEqual(wire.take(), ["40/admin,", "42/admin,[\"echo\",\"x\"]"])
            await wire.say("41/admin?token=a")
            XCTAssertEqual(notes.all, ["client namespace disconnect"])
            await wire.say("40/admin?token=a%2Cb+%C3%A9")
            XCTAssertEqual(wire.take(), ["40/admin,"])
        }
    }

    func testARefusalIsTheBareDataOrElseTheBareText() async throws {
        struct Secret: Error {}
        let io = SocketIO(options: old) { root in
            root.use { _ in throw ConnectError("not \"you\"") }
            root.namespace("/data") { space in
                space.use { _ in throw try ConnectError("no", data: ["a": 1]) }
            }
            root.namespace("/http") { space in
                space.use { _ in throw HTTPError(.forbidden) }
            }
            root.namespace("/secret") { space in
                space.use { _ in throw Secret() }
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket("EIO=3&transport=websocket")
            XCTAssertEqual(wire.take().last, "44\"not \\\"you\\\"\"")
            for name in ["data,", "http?a=b", "secret", "random?x=1,"] {
                await wire.say("40/\(name)")
            }
            XCTAssertEqual(
                wire.take(),
                [
                    "44/data,{\"a\":1}",
                    "44/http,{\"message\":\"Forbidden\",\"code\":\"forbidden\",\"status\":403}",
                    "44/secret,\"internal error\"",
                    "44/random,\"Invalid namespace\"",
                ]
            )
        }
    }

    func testAClientThatIsRefusedEverywhereIsClosedAtTheTimeout() async throws {
        let clock = ManualClock()
        let io = SocketIO(options: old) { root in
            root.use { _ in throw ConnectError("no") }
        }
        try await withTestServer(App(), io, clock: clock) { server in
            let wire = try await server.browser().webSocket("EIO=3&transport=websocket")
            await clock.advance(by: .seconds(40))
            await wire.say("2")
            _ = wire.take()
            await clock.advance(by: .milliseconds(4_999))
            XCTAssertEqual(wire.take(), [])
            await clock.advance(by: .milliseconds(1))
            XCTAssertEqual(wire.take(), ["close"])
        }
    }

    func testEventsAnswersAndBytesAreTheSameText() async throws {
        let notes = Notes()
        let io = SocketIO(options: old) { root in
            root.on("add") { (_, a: Int, b: Int) in a + b }
            root.on("bytes") { (_, bytes: [UInt8]) in bytes }
            root.on("ask") { socket in
                let answer: [UInt8] = try await socket.call("q", [UInt8]([9]))
                notes.add("\(answer)")
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().oldJoined()
            await wire.say("423[\"add\",1,2]", "451-4[\"bytes\",\(Self.holder)]")
            await wire.say(binary: [4, 7])
            XCTAssertEqual(wire.take(), ["433[3]", "461-4[\(Self.holder)]", "b:4,7"])
            await wire.say("42[\"ask\"]")
            XCTAssertEqual(wire.take(), ["451-0[\"q\",\(Self.holder)]", "b:4,9"])
            await wire.say("461-0[\(Self.holder)]")
            await wire.say(binary: [4, 1, 2])
            XCTAssertEqual(notes.all, ["[1, 2]"])
        }
    }

    func testTheSecretIdOfTheConnectionIsNoSocketsId() async throws {
        let ids = Notes()
        let io = SocketIO(options: old) { root in
            root.onConnection { socket in ids.add("\(socket.id)") }
            root.namespace("/admin") { admin in
                admin.onConnection { socket in ids.add("\(socket.id)") }
            }
        }
        try await withTestServer(App(), io) { server in
            let session = try await OldSession(server.browser())
            try await session.join()
            _ = try await session.post(payload("40/admin"))
            XCTAssertEqual(ids.count, 2)
            XCTAssertFalse(ids.all.contains(session.sid))
        }
    }

    func testTheServerDisconnectsFromOneNamespaceOrFromAll() async throws {
        let notes = Notes()
        let io = SocketIO(options: old) { root in
            root.on("leave") { socket in socket.disconnect() }
            root.on("all") { socket in socket.disconnect(close: true) }
            root.onDisconnect { _, reason in notes.add(reason.rawValue) }
            root.namespace("/admin") { _ in }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().oldJoined()
            await wire.say("42[\"leave\"]")
            XCTAssertEqual(wire.take(), ["41"])
            let other = try await server.browser().oldJoined()
            await other.say("40/admin")
            await other.say("42[\"all\"]")
            XCTAssertEqual(other.take(), ["40/admin,", "41", "41/admin,", "close"])
            let end = "server namespace disconnect"
            XCTAssertEqual(notes.all, [end, end])
        }
    }

    func testACONNECTThatIsSaidAgainIsNotHeard() async throws {
        let gate = Gate()
        let notes = Notes()
        let io = SocketIO(options: old) { root in
            root.onConnection { _ in notes.add("connected") }
            root.namespace("/slow") { slow in
                slow.use { _ in await gate.pass() }
                slow.onConnection { _ in notes.add("slow") }
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().oldJoined()
            await wire.say("40", "40/?a=b,", "40/slow,", "40/slow,")
            XCTAssertEqual(wire.take(), [])
            gate.open()
            await wire.rest()
            await wire.say("40/slow")
            XCTAssertEqual(wire.take(), ["40/slow,"])
            XCTAssertEqual(notes.all, ["connected", "slow"])
        }
    }

    func testWhatANewClientMayNotSayAnOldOneMayNotSayEither() async throws {
        for packet in ["44\"no\"", "42{}", "42/admin,[\"x\"]", "47", "4"] {
            let io = SocketIO(options: old) { root in
                root.namespace("/admin") { _ in }
            }
            try await withTestServer(App(), io) { server in
                let wire = try await server.browser().oldJoined()
                await wire.say(packet)
                XCTAssertEqual(wire.take(), ["close"], packet)
            }
        }
    }
}
