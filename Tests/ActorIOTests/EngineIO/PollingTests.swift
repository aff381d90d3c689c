import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Polls and posts, as they pass and as they collide.
final class PollingTests: XCTestCase {
    /// Answers `echo`, and tells `notes` of every end.
    static func server(_ notes: Notes, options: SocketIO.Options = quiet) -> SocketIO {
        SocketIO(options: options) { root in
            root.on("echo") { (socket, text: String) in try socket.emit("echo", text) }
            root.on("note") { (_, text: String) in notes.add(text) }
            root.onDisconnect { _, reason in notes.add("end: \(reason.rawValue)") }
        }
    }

    func testAPollWaitsForDataAndTakesAllOfIt() async throws {
        try await withTestServer(App(), Self.server(Notes())) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let poll = try await session.poll()
            XCTAssertNil(poll.response)
            let post = try await session.post("42[\"echo\",\"a\"]\u{1E}42[\"echo\",\"b\"]")
            XCTAssertEqual(post.body, "ok")
            XCTAssertEqual(post.response?.headers["content-type"], "text/html")
            XCTAssertEqual(post.response?.headers["cache-control"], "no-store")
            XCTAssertEqual(poll.body, "42[\"echo\",\"a\"]\u{1E}42[\"echo\",\"b\"]")
            XCTAssertEqual(poll.response?.headers["content-length"], "29")
        }
    }

    func testWhatComesBetweenTwoPollsWaitsForTheNext() async throws {
        try await withTestServer(App(), Self.server(Notes())) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            _ = try await session.post("42[\"echo\",\"a\"]")
            _ = try await session.post("42[\"echo\",\"b\"]")
            let poll = try await session.poll()
            XCTAssertEqual(poll.body, "42[\"echo\",\"a\"]\u{1E}42[\"echo\",\"b\"]")
        }
    }

    func testOfTwoPollsTheFirstIsAnsweredByTheCloseAndTheSecondIs400() async throws {
        let notes = Notes()
        let io = Self.server(notes)
        try await withTestServer(App(), io) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let first = try await session.poll()
            let second = try await session.poll()
            XCTAssertEqual(first.response?.status, 200)
            XCTAssertEqual(first.body, "1")
            XCTAssertEqual(second.response?.status, 400)
            XCTAssertEqual(second.body, "")
            XCTAssertEqual(notes.all, ["end: transport error"])
            let third = try await session.poll()
            XCTAssertEqual(third.body, "{\"code\":1,\"message\":\"Session ID unknown\"}")
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testTwoPollsInOneReadCollideAsWell() async throws {
        let io = Self.server(Notes())
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let session = try await browser.handshake()
            let request = browser.bytes(
                "GET",
                "/socket.io/?EIO=4&transport=polling&sid=\(session.sid)",
                [:],
                []
            )
            let (one, two) = (try await Wire.open(browser), try await Wire.open(browser))
            await one.stream.send(request)
            await two.send(request)
            XCTAssertEqual(Set([one.body, two.body]), ["1", ""])
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testASecondPostWhileOneIsReadEndsTheSession() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let browser = server.browser()
            let session = try await browser.handshake()
            try await session.join()
            let slow = try await Wire.open(browser)
            await slow.send(
                Array(
                    ("POST /socket.io/?EIO=4&transport=polling&sid=\(session.sid) HTTP/1.1\r\n"
                        + "Host: test.example\r\nContent-Length: 20\r\n\r\n42[\"no").utf8
                )
            )
            let second = try await session.post("42[\"note\",\"second\"]")
            XCTAssertEqual(second.response?.status, 400)
            await slow.send(Array("te\",\"slow\"]   ".utf8))
            XCTAssertEqual(notes.all, ["end: transport error"])
        }
    }

    func testAPollThatIsGivenUpEndsTheSession() async throws {
        let notes = Notes()
        let io = Self.server(notes)
        try await withTestServer(App(), io) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let poll = try await session.poll()
            await poll.close()
            XCTAssertEqual(notes.all, ["end: transport error"])
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testAPostThatIsCutEndsTheSession() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let browser = server.browser()
            let session = try await browser.handshake()
            try await session.join()
            let slow = try await Wire.open(browser)
            await slow.send(
                Array(
                    ("POST /socket.io/?EIO=4&transport=polling&sid=\(session.sid) HTTP/1.1\r\n"
                        + "Host: test.example\r\nContent-Length: 20\r\n\r\n42[\"no").utf8
                )
            )
            await slow.close()
            XCTAssertEqual(notes.all, ["end: transport error"])
        }
    }

    func testAPostThatIsNoPacketIs400AndWhatStoodBeforeItIsHandled() async throws {
        for bad in ["abc", "", "\u{1E}", "9", "b###", "bAB", "é", "4x\u{1E}"] {
            let notes = Notes()
            try await withTestServer(App(), Self.server(notes)) { server in
                let session = try await server.browser().handshake()
                try await session.join()
                let poll = try await session.poll()
                let post = try await session.post("42[\"note\",\"before\"]\u{1E}\(bad)")
                XCTAssertEqual(post.response?.status, 400, bad)
                XCTAssertEqual(poll.body, "1", bad)
                let next = try await session.poll()
                XCTAssertEqual(next.response?.status, 400, bad)
                XCTAssertEqual(notes.all.first, "before", bad)
                XCTAssertEqual(notes.count, 2, bad)
            }
        }
    }

    func testClosingByPostEndsTheParkedPollWithANoop() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let poll = try await session.poll()
            let post = try await session.post("1\u{1E}42[\"note\",\"behind\"]")
            XCTAssertEqual(post.body, "ok")
            XCTAssertEqual(poll.body, "6")
            XCTAssertEqual(notes.all, ["end: transport close"])
            let next = try await session.poll()
            XCTAssertEqual(next.response?.status, 400)
        }
    }

    func testABodyOfOctetsIsRefusedAndEndsTheSession() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let post = try await session.post(
                "42[\"note\",\"x\"]",
                headers: ["Content-Type": "application/octet-stream"]
            )
            XCTAssertEqual(post.response?.status, 400)
            XCTAssertEqual(notes.all, ["end: transport error"])
        }
    }

    func testOtherMethodsAreRefusedAndLeaveTheSessionAlone() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let browser = server.browser()
            let session = try await browser.handshake()
            try await session.join()
            for method in ["PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"] {
                let wire = try await browser.wire(
                    method,
                    "EIO=4&transport=polling&sid=\(session.sid)"
                )
                XCTAssertEqual(wire.response?.status, 405, method)
                XCTAssertEqual(wire.response?.headers["allow"], "GET, POST", method)
            }
            _ = try await session.post("42[\"note\",\"alive\"]")
            XCTAssertEqual(notes.all, ["alive"])
        }
    }

    func testAPostOverTheLimitIs413ByLengthAndByChunks() async throws {
        var options = quiet
        options.engine.maxPayload = 100
        for isChunked in [false, true] {
            let notes = Notes()
            let io = Self.server(notes, options: options)
            try await withTestServer(App(), io) { server in
                let browser = server.browser()
                let session = try await browser.handshake()
                try await session.join()
                let text = String(repeating: "x", count: 86)
                let fits = try await session.post("42[\"note\",\"\(text)\"]")
                XCTAssertEqual(fits.body, "ok")
                let body = "42[\"note\",\"\(text)xx\"]"
                XCTAssertEqual(body.utf8.count, 101)
                let post = try await Wire.open(browser)
                let head =
                    "POST /socket.io/?EIO=4&transport=polling&sid=\(session.sid) HTTP/1.1\r\n"
                    + "Host: test.example\r\n"
                let rest =
                    isChunked
                    ? "Transfer-Encoding: chunked\r\n\r\n65\r\n\(body)\r\n0\r\n\r\n"
                    : "Content-Length: 101\r\n\r\n\(body)"
                await post.send(Array((head + rest).utf8))
                XCTAssertEqual(post.response?.status, 413)
                XCTAssertEqual(notes.count, 2)
                XCTAssertEqual(notes.all.last, "end: transport error")
            }
        }
    }

    func testMorePacketsInAPayloadThanAllowedAreAParseError() async throws {
        var options = quiet
        options.engine.maxPacketsPerPayload = 3
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes, options: options)) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let packets = (0..<4).map { "42[\"note\",\"\($0)\"]" }.joined(separator: "\u{1E}")
            let post = try await session.post(packets)
            XCTAssertEqual(post.response?.status, 400)
            XCTAssertEqual(notes.all, ["0", "1", "2", "end: parse error"])
        }
    }
}
