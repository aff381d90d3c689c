import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// In protocol 3 the client pings, and the server counts.
final class OldHeartbeatTests: XCTestCase {
    private static let silence = Duration.milliseconds(44_999)
    private static let tick = Duration.milliseconds(1)

    func testAPeerThatPingsIsGoneAfterTheIntervalAndTheTimeout() {
        let start = LoopTime(nanoseconds: 1_000)
        var heart = Heartbeat(
            interval: .seconds(25),
            timeout: .seconds(20),
            openedAt: start,
            peerPings: true
        )
        XCTAssertEqual(heart.nextDeadline, start + .seconds(45))
        XCTAssertEqual(heart.fired(at: start + .seconds(25)), .none)
        heart.pong(at: start + .seconds(30))
        XCTAssertEqual(heart.fired(at: start + .seconds(45)), .none)
        XCTAssertEqual(heart.nextDeadline, start + .seconds(75))
        XCTAssertEqual(heart.fired(at: start + .seconds(75)), .timeout)
    }

    func testALoopThatStoodStillGivesSuchAPeerOneMoreStretchAfterEachPing() {
        let start = LoopTime(nanoseconds: 1_000)
        var heart = Heartbeat(
            interval: .seconds(25),
            timeout: .seconds(20),
            openedAt: start,
            peerPings: true
        )
        XCTAssertEqual(heart.fired(at: start + .seconds(100)), .none)
        heart.pong(at: start + .seconds(100))
        XCTAssertEqual(heart.fired(at: start + .seconds(200)), .none)
        XCTAssertEqual(heart.nextDeadline, start + .seconds(201))
        XCTAssertEqual(heart.fired(at: start + .seconds(201)), .timeout)
    }

    func testASilentWebSocketIsClosedAtTheSumExactlyAndNeverPinged() async throws {
        let clock = ManualClock()
        let notes = Notes()
        let io = PollingTests.server(notes, options: old)
        try await withTestServer(App(), io, clock: clock) { server in
            let wire = try await server.browser().oldJoined()
            await clock.advance(by: Self.silence)
            XCTAssertEqual(wire.take(), [])
            // Only a ping counts as life.
            await wire.say("42[\"note\",\"alive\"]")
            await clock.advance(by: Self.tick)
            XCTAssertEqual(notes.all, ["alive", "end: ping timeout"])
            XCTAssertEqual(wire.take(), ["close"])
        }
    }

    func testEachPingIsAnsweredWithItsPayloadAndStartsTheTimeAgain() async throws {
        let clock = ManualClock()
        let notes = Notes()
        let io = PollingTests.server(notes, options: old)
        try await withTestServer(App(), io, clock: clock) { server in
            let wire = try await server.browser().oldJoined()
            await clock.advance(by: Self.silence)
            await wire.say("2", "2é 1", "2probe")
            XCTAssertEqual(wire.take(), ["3", "3é 1", "3probe"])
            await clock.advance(by: Self.silence)
            XCTAssertEqual(notes.all, [])
            await clock.advance(by: Self.tick)
            XCTAssertEqual(notes.all, ["end: ping timeout"])
        }
    }

    func testPollingHearsPongsAndEndsAtTheSumExactly() async throws {
        let clock = ManualClock()
        let notes = Notes()
        let io = PollingTests.server(notes, options: old)
        try await withTestServer(App(), io, clock: clock) { server in
            let session = try await OldSession(server.browser())
            try await session.join()
            let poll = try await session.poll()
            await clock.advance(by: .seconds(25))
            XCTAssertNil(poll.response)
            _ = try await session.post("1:23:2é!")
            XCTAssertEqual(poll.body, "1:33:3é!")
            let next = try await session.poll()
            await clock.advance(by: Self.silence)
            XCTAssertNil(next.response)
            await clock.advance(by: Self.tick)
            XCTAssertEqual(next.body, "1:1")
            XCTAssertEqual(notes.all, ["end: ping timeout"])
        }
    }

    func testAPongFromTheClientEndsTheSessionOnBothTransports() async throws {
        let notes = Notes()
        let io = PollingTests.server(notes, options: old)
        try await withTestServer(App(), io) { server in
            for pong in ["3", "3probe"] {
                let wire = try await server.browser().oldJoined()
                await wire.say(pong)
                XCTAssertEqual(wire.take(), ["close"], pong)
            }
            let session = try await OldSession(server.browser())
            try await session.join()
            let poll = try await session.poll()
            _ = try await session.post("1:319:42[\"note\",\"behind\"]")
            XCTAssertEqual(poll.body, "1:1")
            let end = "end: transport error"
            XCTAssertEqual(notes.all, [end, end, end])
        }
    }

    func testPingsOfAClientThatNeverPollsWaitAndItIsClosedAtTheTimeout() async throws {
        let (notes, clock) = (Notes(), ManualClock())
        var options = old
        options.engine.outgoingPackets = 100
        let io = PollingTests.server(notes, options: options)
        try await withTestServer(App(), io, clock: clock) { server in
            let session = try await OldSession(server.browser())
            try await session.join()
            let post = try await session.post(String(repeating: "1:2", count: 100))
            XCTAssertNil(post.response)
            await clock.advance(by: .seconds(44))
            XCTAssertEqual(notes.all, [])
            await clock.advance(by: .seconds(1))
            XCTAssertEqual(notes.all, ["end: ping timeout"])
            XCTAssertEqual(post.body, "ok")
        }
    }

    func testAPingOverTheNewTransportCountsAfterAnUpgrade() async throws {
        let clock = ManualClock()
        let notes = Notes()
        let io = PollingTests.server(notes, options: old)
        try await withTestServer(App(), io, clock: clock) { server in
            let session = try await OldSession(server.browser())
            try await session.join()
            let wire = try await session.upgrade()
            await wire.say("2probe")
            await wire.say("5")
            // A probe is no sign of life; the time still counts from the opening.
            await clock.advance(by: .seconds(40))
            await wire.say("2")
            await clock.advance(by: Self.silence)
            XCTAssertEqual(notes.all, [])
            await clock.advance(by: Self.tick)
            XCTAssertEqual(notes.all, ["end: ping timeout"])
            XCTAssertEqual(wire.take(), ["3probe", "3", "close"])
        }
    }
}
