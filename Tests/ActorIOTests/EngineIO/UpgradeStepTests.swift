import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// The probe of an upgrade at every step of a poll's way in.
final class UpgradeStepTests: XCTestCase {
    private struct Round: Sendable {
        let session: RawSession
        let probe: Wire
        let poll: Wire
        let query: String
    }

    /// The client goes on only when its poll has ended, so that one must end wherever it is.
    func testAPollEndsWhereverItIsWhenTheProbeIsAnswered() async throws {
        let io = SocketIO(options: quiet)
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let steps = try await Steps.each(of: server) {
                let session = try await browser.handshake()
                return Round(
                    session: session,
                    probe: try await session.upgrade(),
                    poll: try await Wire.open(browser),
                    query: "/socket.io/?EIO=4&transport=polling&sid=\(session.sid)"
                )
            } operation: { round in
                await round.poll.stream.send(browser.bytes("GET", round.query, [:], []))
                await server.rest()
            } intruder: { round in
                await round.probe.stream.send(ClientCodec.frame(text: Array("2probe".utf8)))
            } check: { round, step in
                await server.rest()
                XCTAssertEqual(round.poll.body, "6", "step \(step)")
                XCTAssertEqual(round.probe.take(), ["3probe"], "step \(step)")
                await round.probe.say("5")
            }
            XCTAssertGreaterThan(steps, 2)
        }
    }
}
