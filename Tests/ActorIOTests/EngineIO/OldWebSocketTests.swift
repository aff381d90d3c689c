import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Frames of protocol 3, and the way to them from polling.
final class OldWebSocketTests: XCTestCase {
    private static let holder = "{\"_placeholder\":true,\"num\":0}"

    private static func server(_ notes: Notes) -> SocketIO {
        SocketIO(options: old) { root in
            root.on("echo") { (socket, text: String) in try socket.emit("echo", text) }
            root.on("note") { (_, text: String) in notes.add(text) }
            root.on("bytes") { (_, bytes: [UInt8]) in bytes }
            root.onDisconnect { _, reason in notes.add("end: \(reason.rawValue)") }
        }
    }

    func testABinaryFrameBeginsWithItsTypeBothWays() async throws {
        try await withTestServer(App(), Self.server(Notes())) { server in
            let wire = try await server.browser().oldJoined()
            await wire.say("451-7[\"bytes\",\(Self.holder)]")
            await wire.say(binary: [4, 0, 255])
            XCTAssertEqual(wire.take(), ["461-7[\(Self.holder)]", "b:4,0,255"])
            await wire.say("451-8[\"bytes\",\(Self.holder)]")
            await wire.say(binary: [4])
            XCTAssertEqual(wire.take(), ["461-8[\(Self.holder)]", "b:4"])
        }
    }

    func testAFrameOfAnotherTypeOrNoneIsAParseError() async throws {
        for bytes: [UInt8] in [[], [0], [3, 1], [5], [0x34, 1]] {
            let notes = Notes()
            try await withTestServer(App(), Self.server(notes)) { server in
                let wire = try await server.browser().oldJoined()
                await wire.say("451-7[\"bytes\",\(Self.holder)]")
                await wire.say(binary: bytes)
                XCTAssertEqual(wire.take(), ["close"], "\(bytes)")
                XCTAssertEqual(notes.all, ["end: parse error"], "\(bytes)")
            }
        }
    }

    func testAClientThatAskedForBase64SendsAndGetsTexts() async throws {
        try await withTestServer(App(), Self.server(Notes())) { server in
            let wire = try await server.browser().oldJoined("&b64=1")
            await wire.say("451-7[\"bytes\",\(Self.holder)]", "b4AP8e")
            XCTAssertEqual(wire.take(), ["461-7[\(Self.holder)]", "b4AP8e"])
        }
    }

    func testABroadcastReachesOldAndNewClientsEachInItsFrames() async throws {
        let io = Self.server(Notes())
        try await withTestServer(App(), io) { server in
            let new = try await server.browser().joined()
            let young = try await server.browser().oldJoined()
            let base64 = try await server.browser().oldJoined("&b64=1")
            let session = try await OldSession(server.browser())
            try await session.join()
            let poll = try await session.poll()
            try await server.act { try await io.emit("b", [UInt8]([1, 2])) }
            let text = "451-[\"b\",\(Self.holder)]"
            XCTAssertEqual(new.take(), [text, "b:1,2"])
            XCTAssertEqual(young.take(), [text, "b:4,1,2"])
            XCTAssertEqual(base64.take(), [text, "b4AQI="])
            XCTAssertEqual(poll.response?.body.suffix(6), [1, 3, 0xFF, 4, 1, 2])
        }
    }

    func testAnUpgradeGoesByProbeAndNoopAndLosesNothing() async throws {
        try await withTestServer(App(), Self.server(Notes())) { server in
            let session = try await OldSession(server.browser())
            try await session.join()
            let poll = try await session.poll()
            let wire = try await session.upgrade()
            await wire.say("2probe")
            XCTAssertEqual(wire.take(), ["3probe"])
            XCTAssertEqual(poll.body, "1:6")
            let late = try await session.poll()
            XCTAssertEqual(late.body, "1:6")
            let event = "451-7[\"bytes\",\(Self.holder)]"
            _ = try await session.post("\(event.utf8.count):\(event)6:b4AQI=")
            _ = try await session.post(payload("42[\"echo\",\"a\"]", "2"))
            await wire.say("5", "42[\"echo\",\"b\"]")
            XCTAssertEqual(
                wire.take(),
                [
                    "461-7[\(Self.holder)]", "b:4,1,2", "42[\"echo\",\"a\"]", "3",
                    "42[\"echo\",\"b\"]",
                ]
            )
            let after = try await session.poll()
            XCTAssertEqual(after.response?.status, 400)
        }
    }

    func testAClientThatUpgradesBeforeItPollsFindsItsNamespaceOnTheWebSocket() async throws {
        try await withTestServer(App(), Self.server(Notes())) { server in
            let session = try await OldSession(server.browser())
            let wire = try await session.upgrade()
            await wire.say("2probe")
            await wire.say("5")
            XCTAssertEqual(wire.take(), ["3probe", "40"])
        }
    }

    func testAnUpgradeSpeaksTheProtocolOfItsSession() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let session = try await OldSession(server.browser())
            try await session.join()
            let wrong = try await session.upgrade("EIO=4&")
            XCTAssertEqual(wrong.response?.status, 400)
            let bare = try await session.upgrade("")
            XCTAssertEqual(bare.response?.status, 101, "no version is version 3")
            let new = try await server.browser().handshake()
            let older = try await new.browser.webSocket(
                "EIO=3&transport=websocket&sid=\(new.sid)"
            )
            XCTAssertEqual(older.response?.status, 400)
            XCTAssertEqual(
                older.body,
                "{\"code\":5,\"message\":\"Unsupported protocol version\"}"
            )
        }
    }

    func testWhateverElseAProbingSocketSaysEndsOnlyThatSocket() async throws {
        for words in [["2"], ["2x"], ["5"], ["40"], ["2probe", "2"]] {
            let notes = Notes()
            try await withTestServer(App(), Self.server(notes)) { server in
                let session = try await OldSession(server.browser())
                try await session.join()
                let wire = try await session.upgrade()
                for word in words { await wire.say(word) }
                XCTAssertEqual(wire.take().last, "close", "\(words)")
                _ = try await session.post(payload("42[\"note\",\"alive\"]"))
                XCTAssertEqual(notes.all, ["alive"], "\(words)")
            }
        }
    }
}
