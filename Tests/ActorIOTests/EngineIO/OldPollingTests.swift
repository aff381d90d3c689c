import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Polls and posts of protocol 3, in both forms of its payload.
final class OldPollingTests: XCTestCase {
    private static let holder = "{\"_placeholder\":true,\"num\":0}"

    private static func server(_ notes: Notes, options: SocketIO.Options = old) -> SocketIO {
        SocketIO(options: options) { root in
            root.on("echo") { (socket, text: String) in try socket.emit("echo", text) }
            root.on("note") { (_, text: String) in notes.add(text) }
            root.on("bytes") { (_, bytes: [UInt8]) in bytes }
            root.onDisconnect { _, reason in notes.add("end: \(reason.rawValue)") }
        }
    }

    func testTextGoesBothWaysWithLengthsInUTF16() async throws {
        try await withTestServer(App(), Self.server(Notes())) { server in
            let session = try await OldSession(server.browser())
            let first = try await session.poll()
            XCTAssertEqual(first.body, "2:40")
            let poll = try await session.poll()
            XCTAssertNil(poll.response)
            let post = try await session.post("15:42[\"echo\",\"🚀\"]15:42[\"echo\",\"éé\"]")
            XCTAssertEqual(post.body, "ok")
            XCTAssertEqual(post.response?.headers["content-type"], "text/html")
            XCTAssertEqual(poll.body, "15:42[\"echo\",\"🚀\"]15:42[\"echo\",\"éé\"]")
        }
    }

    func testBytesGoOutInTheBinaryFormAndOnlyThen() async throws {
        try await withTestServer(App(), Self.server(Notes())) { server in
            let session = try await OldSession(server.browser())
            try await session.join()
            let event = "451-7[\"bytes\",\(Self.holder)]"
            let poll = try await session.poll()
            _ = try await session.post("\(event.utf8.count):\(event)6:b4AP8e")
            let text = "461-7[\(Self.holder)]"
            XCTAssertEqual(
                poll.response?.body,
                [0, 3, 6, 0xFF] + Array(text.utf8) + [1, 4, 0xFF, 4, 0, 0xFF, 0x1E]
            )
            XCTAssertEqual(text.utf8.count, 36)
            XCTAssertEqual(poll.response?.headers["content-type"], "application/octet-stream")
            let next = try await session.poll()
            _ = try await session.post(payload("42[\"echo\",\"a\"]"))
            XCTAssertEqual(next.body, payload("42[\"echo\",\"a\"]"))
            XCTAssertEqual(next.response?.headers["content-type"], "text/plain; charset=UTF-8")
        }
    }

    func testAPostMayHaveTheBinaryForm() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let session = try await OldSession(server.browser())
            try await session.join()
            let note = Array("42[\"note\",\"é\"]".utf8)
            let event = Array("451-7[\"bytes\",\(Self.holder)]".utf8)
            let poll = try await session.poll()
            let post = try await session.post(
                binary: [0, 1, 5, 0xFF] + note + [0, 4, 4, 0xFF] + event + [1, 2, 0xFF, 4, 9]
            )
            XCTAssertEqual(post.body, "ok")
            XCTAssertEqual(notes.all, ["é"])
            XCTAssertEqual(poll.response?.body.suffix(5), [1, 2, 0xFF, 4, 9])
        }
    }

    func testAClientThatAskedForBase64NeverGetsBytes() async throws {
        try await withTestServer(App(), Self.server(Notes())) { server in
            let session = try await OldSession(server.browser(), extra: "&b64=1")
            try await session.join()
            let event = "451-7[\"bytes\",\(Self.holder)]"
            let poll = try await session.poll()
            _ = try await session.post("\(event.utf8.count):\(event)6:b4AP8e")
            let text = "461-7[\(Self.holder)]"
            XCTAssertEqual(poll.body, "36:\(text)6:b4AP8e")
            XCTAssertEqual(poll.response?.headers["content-type"], "text/plain; charset=UTF-8")
        }
    }

    func testAPayloadThatIsNoneIs400AndAParseErrorBehindWhatCameBefore() async throws {
        let bodies = [
            "", "0:", "99999999999999999999:4", "2:4", "x", "42[\"note\",\"new\"]", "1:7",
        ]
        for body in bodies {
            for isBinary in [false, true] {
                let notes = Notes()
                try await withTestServer(App(), Self.server(notes)) { server in
                    let session = try await OldSession(server.browser())
                    try await session.join()
                    let poll = try await session.poll()
                    let good = payload("42[\"note\",\"a\"]")
                    let post =
                        isBinary
                        ? try await session.post(binary: Array(body.utf8))
                        : try await session.post(body.isEmpty ? "" : good + body)
                    XCTAssertEqual(post.response?.status, 400, body)
                    XCTAssertEqual(poll.body, "1:1", body)
                    let before = isBinary || body.isEmpty ? [] : ["a"]
                    XCTAssertEqual(notes.all, before + ["end: parse error"], body)
                }
            }
        }
    }

    func testMorePacketsThanAllowedAreAParseErrorInBothForms() async throws {
        var options = old
        options.engine.maxPacketsPerPayload = 2
        for isBinary in [false, true] {
            let notes = Notes()
            try await withTestServer(App(), Self.server(notes, options: options)) { server in
                let session = try await OldSession(server.browser())
                try await session.join()
                let post =
                    isBinary
                    ? try await session.post(
                        binary: [0, 1, 0xFF, 0x36, 0, 1, 0xFF, 0x36, 0, 1, 0xFF, 0x36]
                    ) : try await session.post("1:61:61:6")
                XCTAssertEqual(post.response?.status, 400)
                XCTAssertEqual(notes.all, ["end: parse error"])
            }
        }
    }

    func testANewClientMayStillNotPostBytes() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let post = try await session.post(
                [0, 1, 0xFF, 0x36],
                headers: ["Content-Type": "application/octet-stream"]
            )
            XCTAssertEqual(post.response?.status, 400)
            XCTAssertEqual(notes.all, ["end: transport error"])
        }
    }

    func testACloseEndsTheParkedPollWithANoop() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let session = try await OldSession(server.browser())
            try await session.join()
            let poll = try await session.poll()
            let post = try await session.post("1:1")
            XCTAssertEqual(post.body, "ok")
            XCTAssertEqual(poll.body, "1:6")
            XCTAssertEqual(notes.all, ["end: transport close"])
        }
    }

    func testOfTwoPollsTheFirstIsAnsweredByAFramedClose() async throws {
        try await withTestServer(App(), Self.server(Notes())) { server in
            let session = try await OldSession(server.browser())
            try await session.join()
            let first = try await session.poll()
            let second = try await session.poll()
            XCTAssertEqual(first.body, "1:1")
            XCTAssertEqual(second.response?.status, 400)
        }
    }

    func testOnePollBringsNoMorePacketsThanAllowed() async throws {
        var options = old
        options.engine.maxPacketsPerPoll = 2
        try await withTestServer(App(), Self.server(Notes(), options: options)) { server in
            let session = try await OldSession(server.browser())
            try await session.join()
            let event = "42[\"echo\",\"a\"]"
            _ = try await session.post(payload(event, event, event))
            let first = try await session.poll()
            let second = try await session.poll()
            XCTAssertEqual(first.body, payload(event, event))
            XCTAssertEqual(second.body, payload(event))
        }
    }
}
