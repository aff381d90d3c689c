import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Pings and pongs by the clock, to the millisecond.
final class HeartbeatWireTests: XCTestCase {
    private static let almost = Duration.milliseconds(24_999)
    private static let tick = Duration.milliseconds(1)

    func testAWebSocketIsPingedAfterTheIntervalAndTheNextOneCountsFromThePong() async throws {
        let clock = ManualClock()
        try await withTestServer(App(), SocketIO(options: quiet), clock: clock) { server in
            let wire = try await server.browser().joined()
            await clock.advance(by: Self.almost)
            XCTAssertEqual(wire.take(), [])
            await clock.advance(by: Self.tick)
            XCTAssertEqual(wire.take(), ["2"])

            await clock.advance(by: .seconds(5))
            await wire.say("3")
            await clock.advance(by: Self.almost)
            XCTAssertEqual(wire.take(), [])
            await clock.advance(by: Self.tick)
            XCTAssertEqual(wire.take(), ["2"])
        }
    }

    func testAnIntervalShorterThanTheTimeoutIsKept() async throws {
        var options = quiet
        options.engine.pingInterval = .seconds(5)
        let clock = ManualClock()
        try await withTestServer(App(), SocketIO(options: options), clock: clock) { server in
            let wire = try await server.browser().joined()
            for _ in 1...3 {
                await clock.advance(by: .milliseconds(4_999))
                XCTAssertEqual(wire.take(), [])
                await clock.advance(by: Self.tick)
                XCTAssertEqual(wire.take(), ["2"])
                await wire.say("3")
            }
        }
    }

    func testAPollGetsThePingAndTheSessionEndsAtTheTimeout() async throws {
        let clock = ManualClock()
        let notes = Notes()
        let io = PollingTests.server(notes)
        try await withTestServer(App(), io, clock: clock) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let poll = try await session.poll()
            await clock.advance(by: .seconds(25))
            XCTAssertEqual(poll.body, "2")
            let next = try await session.poll()
            await clock.advance(by: .milliseconds(19_999))
            XCTAssertNil(next.response)
            await clock.advance(by: Self.tick)
            XCTAssertEqual(next.body, "1")
            XCTAssertEqual(notes.all, ["end: ping timeout"])
            let late = try await session.post("3")
            XCTAssertEqual(late.response?.status, 400)
        }
    }

    func testASilentWebSocketIsClosedAtTheTimeoutExactly() async throws {
        let clock = ManualClock()
        let notes = Notes()
        let io = PollingTests.server(notes)
        try await withTestServer(App(), io, clock: clock) { server in
            let wire = try await server.browser().joined()
            await clock.advance(by: .milliseconds(44_999))
            XCTAssertEqual(notes.all, [])
            // Only a pong counts as life.
            await wire.say("42[\"note\",\"alive\"]")
            await clock.advance(by: Self.tick)
            XCTAssertEqual(notes.all, ["alive", "end: ping timeout"])
            XCTAssertEqual(wire.take(), ["2", "close"])
        }
    }

    func testAPongOneTickBeforeTheTimeoutSavesTheSession() async throws {
        let clock = ManualClock()
        let io = SocketIO(options: quiet)
        try await withTestServer(App(), io, clock: clock) { server in
            let wire = try await server.browser().joined()
            await clock.advance(by: .milliseconds(44_999))
            await wire.say("3")
            await clock.advance(by: .milliseconds(24_999))
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 1)
            XCTAssertEqual(wire.take(), ["2"])
        }
    }

    func testAPingFromTheClientEndsTheSessionOnBothTransports() async throws {
        let notes = Notes()
        try await withTestServer(App(), PollingTests.server(notes)) { server in
            let wire = try await server.browser().joined()
            await wire.say("2")
            XCTAssertEqual(wire.take(), ["close"])
            XCTAssertEqual(notes.all, ["end: transport error"])

            let session = try await server.browser().handshake()
            try await session.join()
            let poll = try await session.poll()
            _ = try await session.post("2\u{1E}42[\"note\",\"behind\"]")
            XCTAssertEqual(poll.body, "1")
            XCTAssertEqual(notes.all.suffix(1), ["end: transport error"])
            XCTAssertEqual(notes.count, 2)
        }
    }

    func testAFloodOfPongsIsAnsweredByNothing() async throws {
        let clock = ManualClock()
        try await withTestServer(App(), SocketIO(options: quiet), clock: clock) { server in
            let wire = try await server.browser().joined()
            for _ in 0..<1_000 {
                await wire.stream.send(ClientCodec.frame(text: Array("3".utf8)))
            }
            await wire.rest()
            await clock.advance(by: Self.almost)
            XCTAssertEqual(wire.take(), [])
        }
    }

    func testOpenNoopAndUpgradeFromAClientAreIgnored() async throws {
        let notes = Notes()
        try await withTestServer(App(), PollingTests.server(notes)) { server in
            let wire = try await server.browser().joined()
            await wire.say("0{}", "6", "5", "3probe", "42[\"note\",\"alive\"]")
            XCTAssertEqual(notes.all, ["alive"])
            XCTAssertEqual(wire.take(), [])
        }
    }

    func testAnUpgradeLeavesAPendingPongDeadlineAsItWas() async throws {
        let clock = ManualClock()
        let notes = Notes()
        try await withTestServer(App(), PollingTests.server(notes), clock: clock) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let poll = try await session.poll()
            await clock.advance(by: .seconds(25))
            XCTAssertEqual(poll.body, "2")
            await clock.advance(by: .seconds(10))
            let wire = try await session.upgrade()
            await wire.say("2probe")
            await wire.say("5")
            await clock.advance(by: .milliseconds(9_999))
            XCTAssertEqual(notes.all, [])
            await clock.advance(by: Self.tick)
            XCTAssertEqual(notes.all, ["end: ping timeout"])
            XCTAssertEqual(wire.take(), ["3probe", "close"])
        }
    }

    func testAPongOverTheNewTransportAnswersAPingOfTheOld() async throws {
        let clock = ManualClock()
        let notes = Notes()
        try await withTestServer(App(), PollingTests.server(notes), clock: clock) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let poll = try await session.poll()
            await clock.advance(by: .seconds(25))
            XCTAssertEqual(poll.body, "2")
            let wire = try await session.upgrade()
            await wire.say("2probe")
            await wire.say("5", "3")
            await clock.advance(by: .milliseconds(24_999))
            XCTAssertEqual(notes.all, [])
            XCTAssertEqual(wire.take(), ["3probe"])
            await clock.advance(by: Self.tick)
            XCTAssertEqual(wire.take(), ["2"])
        }
    }
}
