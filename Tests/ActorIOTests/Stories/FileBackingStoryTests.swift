import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// A server that is started again on the same directory.
final class FileBackingStoryTests: XCTestCase {
    private func serve(
        _ scratch: ScratchDirectory,
        _ body: @Sendable (TestServer) async throws -> Void
    ) async throws {
        let backing = try await FileBacking.open(directory: scratch.path)
        let example = makePassportExample(store: SessionStore(backing: backing))
        var app = example.0
        app.post("/visit") { request in
            let count = try await request.session.update { data in
                data[Visits.self] += 1
                return data[Visits.self]
            }
            return .text("\(count)")
        }
        try await withTestServer(app, example.1) { try await body($0) }
        try await backing.close()
    }

    func testABrowserIsLoggedInAfterARestartAndOneThatLoggedOutIsNot() async throws {
        let scratch = ScratchDirectory()
        let cookies = Locked<[String?]>([])
        try await serve(scratch) { server in
            for index in 0..<2 {
                let browser = server.browser()
                try await browser.logIn()
                let cookie = browser.cookies["connect.sid"]
                cookies.withLock { $0.append(cookie) }
                let visits = try await browser.post("/visit")
                XCTAssertEqual(visits.text, "1")
                if index == 1 { try await browser.post("/logout") }
            }
        }
        try await serve(scratch) { server in
            let stays = server.browser()
            stays.setCookie("connect.sid", cookies.withLock { $0[0] })
            let tab = try await stays.connect()
            let name = try await tab.call(Chat.whoami)
            XCTAssertEqual(name, "john")
            let visits = try await stays.post("/visit")
            XCTAssertEqual(visits.text, "2")
            let left = server.browser()
            left.setCookie("connect.sid", cookies.withLock { $0[1] })
            let page = try await left.get("/")
            XCTAssertEqual(page.status, 302)
            do {
                _ = try await left.connect()
                XCTFail("the one who logged out is back")
            } catch let refusal as HandshakeRefused {
                XCTAssertEqual(refusal.status, 401)
            }
            let ended = try await stays.post("/logout")
            XCTAssertEqual(ended.status, 204)
            let reason = await tab.disconnected
            XCTAssertEqual(reason, .serverDisconnect)
        }
        XCTAssertEqual(scratch.names, [])
    }
}
