import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// How the server's own goodbye reaches a client (wire-protocol: closing from the server).
final class ClosingTests: XCTestCase {
    private static func server(_ notes: Notes) -> SocketIO {
        SocketIO(options: quiet) { root in
            root.on("bye") { socket in
                try socket.emit("bye")
                socket.disconnect(close: true)
            }
            root.on("note") { (_, text: String) in notes.add(text) }
            root.onDisconnect { _, reason in notes.add("end: \(reason.rawValue)") }
        }
    }

    func testAWebSocketGetsWhatIsQueuedAndThenTheCloseFrame() async throws {
        let notes = Notes()
        let io = Self.server(notes)
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"bye\"]", "42[\"note\",\"late\"]")
            XCTAssertEqual(wire.take(), ["42[\"bye\"]", "41", "close"])
            XCTAssertEqual(notes.all, ["end: server namespace disconnect"])
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testAParkedPollGetsTheDataAndTheCloseInOneBody() async throws {
        let notes = Notes()
        let io = Self.server(notes)
        try await withTestServer(App(), io) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let poll = try await session.poll()
            let post = try await session.post("42[\"bye\"]\u{1E}42[\"note\",\"late\"]")
            XCTAssertEqual(post.body, "ok")
            XCTAssertEqual(poll.body, "42[\"bye\"]\u{1E}41\u{1E}1")
            XCTAssertEqual(notes.all, ["end: server namespace disconnect"])
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testWithoutAPollTheFarewellWaitsForTheNextOneAndThenTheSidIsForgotten() async throws {
        let notes = Notes()
        let io = Self.server(notes)
        try await withTestServer(App(), io) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            _ = try await session.post("42[\"bye\"]")
            XCTAssertEqual(notes.all, ["end: server namespace disconnect"])
            let late = try await session.post("42[\"note\",\"late\"]")
            XCTAssertEqual(late.body, "ok")
            let poll = try await session.poll()
            XCTAssertEqual(poll.body, "42[\"bye\"]\u{1E}41\u{1E}1")
            XCTAssertEqual(notes.count, 1)
            let next = try await session.poll()
            XCTAssertEqual(next.body, "{\"code\":1,\"message\":\"Session ID unknown\"}")
        }
    }

    func testTheFarewellIsKeptForThirtySecondsExactly() async throws {
        let clock = ManualClock()
        let io = Self.server(Notes())
        try await withTestServer(App(), io, clock: clock) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            _ = try await session.post("42[\"bye\"]")
            await clock.advance(by: .milliseconds(29_999))
            let before = try await server.run { await io.clientCount }
            XCTAssertEqual(before, 1)
            await clock.advance(by: .milliseconds(1))
            let after = try await server.run { await io.clientCount }
            XCTAssertEqual(after, 0)
        }
    }

    func testAPollThatArrivesTogetherWithTheGoodbyeGetsAllOfIt() async throws {
        let notes = Notes()
        let io = Self.server(notes)
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let path = "/socket.io/?EIO=4&transport=polling&sid="
            for delay in 0..<40 {
                let session = try await browser.handshake()
                try await session.join()
                let (post, poll) = (try await Wire.open(browser), try await Wire.open(browser))
                let bye = browser.bytes("POST", path + session.sid, [:], Array("42[\"bye\"]".utf8))
                let get = browser.bytes("GET", path + session.sid, [:], [])
                server.door.driver.interrupt(after: delay) {
                    post.stream.onLoop { $0.send(bye) }
                }
                await poll.send(get)
                _ = await server.door.driver.finishInterruption()
                await poll.rest()
                XCTAssertEqual(poll.body, "42[\"bye\"]\u{1E}41\u{1E}1", "after \(delay) jobs")
                let count = try await server.run { await io.clientCount }
                XCTAssertEqual(count, 0, "after \(delay) jobs")
            }
        }
    }

    func testAShutdownClosesEverybodyWithoutADisconnectPacket() async throws {
        let notes = Notes()
        let io = Self.server(notes)
        let wires = try await withTestServer(App(), io) { server in
            let socket = try await server.browser().joined()
            let session = try await server.browser().handshake()
            try await session.join()
            return (socket, try await session.poll())
        }
        XCTAssertEqual(wires.0.take(), ["close 1001"])
        XCTAssertEqual(wires.1.body, "1")
        XCTAssertEqual(
            notes.all,
            ["end: server shutting down", "end: server shutting down"]
        )
    }

    func testAClosePacketOnAWebSocketClosesIt() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let wire = try await server.browser().joined()
            await wire.say("1", "42[\"note\",\"late\"]")
            XCTAssertEqual(wire.take(), ["close"])
            XCTAssertEqual(notes.all, ["end: transport close"])
        }
    }

    func testAWebSocketThatIsResetIsGoneAtOnce() async throws {
        let notes = Notes()
        let io = Self.server(notes)
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.stream.reset()
            await wire.rest()
            XCTAssertEqual(notes.count, 1)
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testAMessageOverTheLimitIsClosedWith1009() async throws {
        var options = quiet
        options.engine.maxPayload = 100
        let notes = Notes()
        let io = PollingTests.server(notes, options: options)
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"note\",\"\(String(repeating: "x", count: 88))\"]")
            XCTAssertEqual(wire.take(), ["close 1009"])
            XCTAssertEqual(notes.all, ["end: transport error"])
            let fits = try await server.browser().joined()
            await fits.say("42[\"note\",\"\(String(repeating: "x", count: 87))\"]")
            XCTAssertEqual(fits.take(), [])
            XCTAssertEqual(notes.count, 2)
        }
    }

    func testAFrameThatIsNoPacketEndsTheSession() async throws {
        for bad in ["", "x", "9", "b#", "7", "🙂"] {
            let notes = Notes()
            try await withTestServer(App(), Self.server(notes)) { server in
                let wire = try await server.browser().joined()
                await wire.say(bad, "42[\"note\",\"late\"]")
                XCTAssertEqual(wire.take(), ["close"], bad)
                XCTAssertEqual(notes.all, ["end: parse error"], bad)
            }
        }
    }
}
