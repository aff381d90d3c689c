import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// A polling client that closes: its last poll and its last POST come over two connections, so
/// either may be read first.
final class LastPollTests: XCTestCase {
    private static let unknown = "{\"code\":1,\"message\":\"Session ID unknown\"}"

    func testThePollThatIsReadBehindTheCloseEndsLikeOneThatWasReadBefore() async throws {
        for isPollFirst in [true, false] {
            let notes = Notes()
            let io = PollingTests.server(notes)
            try await withTestServer(App(), io) { server in
                server.readsInAnyOrder()
                let session = try await server.browser().handshake()
                try await session.join()
                let early = isPollFirst ? try await session.poll() : nil
                let post = try await session.post("1")
                XCTAssertEqual(notes.all, ["end: transport close"])
                let poll = if let early { early } else { try await session.poll() }
                XCTAssertEqual(poll.response?.status, 200)
                XCTAssertEqual(poll.body, "6")
                XCTAssertEqual(post.body, "ok")
                let next = try await session.poll()
                XCTAssertEqual(next.response?.status, 400)
                XCTAssertEqual(next.body, Self.unknown)
                let count = try await server.run { await io.clientCount }
                XCTAssertEqual(count, 0)
            }
        }
    }

    func testWhoClosesWithoutAPollIsAnsweredShortlyAndThereIsNoSuchSessionThen() async throws {
        let (notes, clock) = (Notes(), ManualClock())
        let io = PollingTests.server(notes)
        try await withTestServer(App(), io, clock: clock) { server in
            server.readsInAnyOrder()
            let session = try await server.browser().handshake()
            try await session.join()
            let post = try await session.post("1")
            XCTAssertEqual(notes.all, ["end: transport close"])
            XCTAssertNil(post.response)
            await clock.advance(by: .milliseconds(50))
            XCTAssertEqual(post.body, "ok")
            let poll = try await session.poll()
            XCTAssertEqual(poll.response?.status, 400)
            XCTAssertEqual(poll.body, Self.unknown)
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testAPollThatIsAboutToBeParkedEndsLikeOneThatIs() async throws {
        let notes = Notes()
        try await withTestServer(App(), PollingTests.server(notes)) { server in
            let browser = server.browser()
            let session = try await browser.handshake()
            try await session.join()
            let (path, type) = (
                "/socket.io/?EIO=4&transport=polling&sid=\(session.sid)", "text/plain"
            )
            let (poll, post) = (try await Wire.open(browser), try await Wire.open(browser))
            await poll.stream.send(browser.bytes("GET", path, [:], []))
            await post.send(browser.bytes("POST", path, ["Content-Type": type], [0x31]))
            XCTAssertEqual(poll.body, "6")
            XCTAssertEqual(post.body, "ok")
            XCTAssertEqual(notes.all, ["end: transport close"])
        }
    }

    func testWithOneLoopNobodyWaitsForAPollThatDoesNotCome() async throws {
        try await withTestServer(App(), PollingTests.server(Notes())) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let post = try await session.post("1")
            XCTAssertEqual(post.body, "ok")
        }
    }

    func testWhatStandsBehindTheCloseIsNotHandled() async throws {
        let notes = Notes()
        try await withTestServer(App(), PollingTests.server(notes)) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let poll = try await session.poll()
            let post = try await session.post("42[\"note\",\"a\"]\u{1E}1\u{1E}42[\"note\",\"b\"]")
            XCTAssertEqual(post.body, "ok")
            XCTAssertEqual(poll.body, "6")
            XCTAssertEqual(notes.all, ["a", "end: transport close"])
        }
    }
}

extension TestServer {
    /// As where the connections of a client are spread over several loops.
    fileprivate func readsInAnyOrder() {
        door.driver.loop.hasSiblings = true
    }
}
