import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Everything that can be under way when a session ends, all of it at once.
final class LogoutAllAtOnceTests: XCTestCase {
    /// The five connections, each in the middle of something.
    private struct Scene: Sendable {
        let poll: Wire
        let post: Wire
        let probe: Wire
        let authorising: Wire
        let recovering: Wire
    }

    private static func scene(_ server: TestServer, _ browser: Browser) async throws -> Scene {
        let cookie = browser.cookies["connect.sid"] ?? ""
        let lost = try await browser.connect()
        await lost.reset()
        await server.rest()
        let recovering = try await browser.webSocket()
        await recovering.say("40{\"pid\":\"\(lost.recoveryID ?? "")\"}")
        let authorising = try await browser.webSocket()
        await authorising.say("40/slow,", "42/slow,[\"note\"]")
        let polling = try await browser.handshake()
        try await polling.join()
        let posting = try await browser.handshake()
        try await posting.join()
        let post = try await Wire.open(browser)
        await post.send(
            Array(
                ("POST /socket.io/?EIO=4&transport=polling&sid=\(posting.sid) HTTP/1.1\r\n"
                    + "Host: test.example\r\nCookie: connect.sid=\(cookie)\r\n"
                    + "Content-Length: 10\r\n\r\n42[\"n").utf8
            )
        )
        let upgrading = try await browser.handshake()
        try await upgrading.join()
        let probe = try await upgrading.upgrade()
        await probe.say("2probe")
        return Scene(
            poll: try await polling.poll(),
            post: post,
            probe: probe,
            authorising: authorising,
            recovering: recovering
        )
    }

    func testNobodyIsLeftWhenTheEndReturnsAndNobodyComesAfterIt() async throws {
        let (gate, notes, clock) = (Gate(), Notes(), ManualClock())
        let options = keeping { $0.skipsMiddleware = false }
        let (app, io, store) = makePassportExample(options: options) { root in
            root.use { socket in if socket.isRecovered { await gate.pass() } }
            root.on("note") { _ in notes.add("heard") }
            root.namespace("/slow") { slow in
                slow.use { _ in await gate.pass() }
                slow.onConnection { _ in notes.add("connected") }
                slow.on("note") { _ in notes.add("heard") }
            }
        }
        try await withTestServer(app, io, clock: clock) { server in
            let browser = server.browser()
            try await browser.logIn()
            let scene = try await Self.scene(server, browser)
            XCTAssertEqual(gate.waiterCount, 2, "one is authorised, one recovered")
            let before = try await server.presence(io)
            XCTAssertEqual(before, [3, 3, 1])
            let (ended, remains, presence) = try await server.run {
                let id = await store.sessions(of: 1)[0].id
                let ended = try await store.endSession(id)
                let remains = await io.remains(of: id)
                return (ended, remains, await io.presence(of: .user(1)))
            }
            XCTAssertEqual(ended, EndedSessions(sessions: 1, sockets: 5))
            XCTAssertEqual(remains, [])
            XCTAssertFalse(presence.isOnline)
            // The answer has gone; the test's own end of the stream may not have read it yet.
            await server.rest()
            XCTAssertEqual(scene.poll.body, "41\u{1E}1")
            gate.open()
            await scene.post.send(Array("ote\"]".utf8))
            await scene.probe.say("5", "42[\"note\"]")
            await scene.authorising.say("42/slow,[\"note\"]", "40")
            await scene.recovering.say("42[\"note\"]", "40")
            XCTAssertEqual(notes.all, [])
            let after = try await server.presence(io)
            XCTAssertEqual(after, [0, 0, 0])
            await clock.advance(by: .seconds(31))
            let (count, isEmpty) = try await server.run {
                (await io.clientCount, await io.core.registry.isEmpty)
            }
            XCTAssertEqual(count, 0)
            XCTAssertTrue(isEmpty)
            XCTAssertEqual(io.core.registry.recovery?.extent.saved, 0)
        }
    }
}
