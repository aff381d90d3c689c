import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What a closed polling session still has to say is for its own login, and not after it.
final class FarewellSecretTests: XCTestCase {
    private static func story() -> (App, SocketIO) {
        let (app, io, _) = makePassportExample { root in
            root.on("go") { socket in
                try socket.emit("secret", 42)
                socket.disconnect(close: true)
            }
        }
        return (app, io)
    }

    /// A session that has closed with something left to say, and nobody polling.
    private static func closing(_ browser: Browser) async throws -> RawSession {
        try await browser.logIn()
        let session = try await browser.handshake()
        try await session.join()
        let post = try await session.post("42[\"go\"]")
        XCTAssertEqual(post.body, "ok")
        return session
    }

    func testItsOwnLoginGetsEverything() async throws {
        let (app, io) = Self.story()
        try await withTestServer(app, io) { server in
            let session = try await Self.closing(server.browser())
            let poll = try await session.poll()
            XCTAssertEqual(poll.body, "42[\"secret\",42]\u{1e}41\u{1e}1")
        }
    }

    func testAStrangerWithItsIdGetsNothing() async throws {
        let (app, io) = Self.story()
        try await withTestServer(app, io) { server in
            let session = try await Self.closing(server.browser())
            let stranger = server.browser()
            try await stranger.logIn("jane")
            for thief in [server.browser(), stranger] {
                let stolen = RawSession(browser: thief, sid: session.sid)
                let poll = try await stolen.poll()
                XCTAssertEqual(poll.response?.status, 403)
                XCTAssertFalse(poll.body?.contains("secret") == true)
            }
        }
    }

    func testAfterALogoutThereIsNothingButTheClose() async throws {
        let (app, io) = Self.story()
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            let session = try await Self.closing(browser)
            try await browser.post("/logout")
            let poll = try await session.poll()
            XCTAssertEqual(poll.body, "1")
        }
    }
}
