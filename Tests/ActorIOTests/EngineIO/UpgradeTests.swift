import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// From polling to WebSocket: nothing lost, nothing twice, nothing out of order.
final class UpgradeTests: XCTestCase {
    func testTheProbeIsAnsweredAndTheParkedPollEndsWithANoop() async throws {
        try await withTestServer(App(), PollingTests.server(Notes())) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let poll = try await session.poll()
            let wire = try await session.upgrade()
            XCTAssertEqual(wire.response?.status, 101)
            XCTAssertNil(poll.response)
            await wire.say("2probe")
            XCTAssertEqual(wire.take(), ["3probe"])
            XCTAssertEqual(poll.body, "6")
        }
    }

    func testAPollThatComesAfterTheProbeIsEndedToo() async throws {
        try await withTestServer(App(), PollingTests.server(Notes())) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let wire = try await session.upgrade()
            await wire.say("2probe")
            for _ in 0..<3 {
                let poll = try await session.poll()
                XCTAssertEqual(poll.body, "6")
            }
            _ = try await session.post("42[\"echo\",\"a\"]")
            let poll = try await session.poll()
            XCTAssertEqual(poll.body, "42[\"echo\",\"a\"]")
        }
    }

    func testWhatWaitedForAPollGoesOutBehindTheUpgradePacket() async throws {
        try await withTestServer(App(), PollingTests.server(Notes())) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let wire = try await session.upgrade()
            await wire.say("2probe")
            _ = try await session.post("42[\"echo\",\"a\"]\u{1E}42[\"echo\",\"b\"]")
            XCTAssertEqual(wire.take(), ["3probe"])
            await wire.say("5", "42[\"echo\",\"c\"]")
            XCTAssertEqual(
                wire.take(),
                ["42[\"echo\",\"a\"]", "42[\"echo\",\"b\"]", "42[\"echo\",\"c\"]"]
            )
        }
    }

    func testABinaryThatWaitedForAPollIsAFrameAfterTheUpgrade() async throws {
        let io = SocketIO(options: quiet) { root in
            root.on("bytes") { socket in
                try socket.emit("bytes", [UInt8]([1, 2, 3]))
            }
        }
        try await withTestServer(App(), io) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let wire = try await session.upgrade()
            await wire.say("2probe")
            _ = try await session.post("42[\"bytes\"]")
            await wire.say("5")
            XCTAssertEqual(
                wire.take(),
                ["3probe", "451-[\"bytes\",{\"_placeholder\":true,\"num\":0}]", "b:1,2,3"]
            )
        }
    }

    func testTwoHundredMessagesAroundAnUpgradeComeOnceAndInOrder() async throws {
        let io = SocketIO(options: quiet) { root in
            root.on("go") { (socket, from: Int) in
                for number in from..<from + 40 { try socket.emit("n", number) }
            }
        }
        for pollAgain in [false, true] {
            try await withTestServer(App(), io) { server in
                let session = try await server.browser().handshake()
                try await session.join()
                var got: [String] = []
                func poll() async throws {
                    let body = try await session.poll().body ?? ""
                    got += body.split(separator: "\u{1E}").map(String.init)
                }
                _ = try await session.post("42[\"go\",0]")
                try await poll()
                let wire = try await session.upgrade()
                _ = try await session.post("42[\"go\",40]")
                try await poll()
                _ = try await session.post("42[\"go\",80]")
                await wire.say("2probe")
                if pollAgain { try await poll() }
                _ = try await session.post("42[\"go\",120]")
                await wire.say("5", "42[\"go\",160]")
                got += wire.take()
                let numbers = got.filter { $0.hasPrefix("42") }
                XCTAssertEqual(numbers, (0..<200).map { "42[\"n\",\($0)]" })
            }
        }
    }

    func testAnUpgradeThatTakesTooLongLeavesPollingAlive() async throws {
        let clock = ManualClock()
        let notes = Notes()
        for isProbed in [false, true] {
            try await withTestServer(App(), PollingTests.server(notes), clock: clock) { server in
                let session = try await server.browser().handshake()
                try await session.join()
                let wire = try await session.upgrade()
                if isProbed { await wire.say("2probe") }
                _ = wire.take()
                await clock.advance(by: .milliseconds(9_999))
                XCTAssertEqual(wire.take(), [])
                await clock.advance(by: .milliseconds(1))
                XCTAssertEqual(wire.take(), ["close"])

                let poll = try await session.poll()
                XCTAssertNil(poll.response)
                _ = try await session.post("42[\"echo\",\"alive\"]")
                XCTAssertEqual(poll.body, "42[\"echo\",\"alive\"]")
                let again = try await session.upgrade()
                await again.say("2probe")
                XCTAssertEqual(again.take(), ["3probe"])
            }
        }
    }

    func testWhateverElseTheProbingSocketSaysEndsOnlyThatSocket() async throws {
        let wrong = [
            ["5"], ["40"], ["2"], ["3probe"], ["x"], ["2probe", "2probe"], ["2probe", "4"],
        ]
        for words in wrong {
            let notes = Notes()
            try await withTestServer(App(), PollingTests.server(notes)) { server in
                let session = try await server.browser().handshake()
                try await session.join()
                let wire = try await session.upgrade()
                for word in words { await wire.say(word) }
                XCTAssertEqual(wire.take().last, "close", "\(words)")
                _ = try await session.post("42[\"note\",\"alive\"]")
                XCTAssertEqual(notes.all, ["alive"], "\(words)")
            }
        }
    }

    func testAProbingSocketThatIsCutLeavesPollingAlive() async throws {
        let notes = Notes()
        try await withTestServer(App(), PollingTests.server(notes)) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let wire = try await session.upgrade()
            await wire.say("2probe")
            await wire.close()
            let poll = try await session.poll()
            XCTAssertNil(poll.response)
            _ = try await session.post("42[\"echo\",\"a\"]")
            XCTAssertEqual(poll.body, "42[\"echo\",\"a\"]")
        }
    }

    func testPollingAfterTheUpgradeIs400AndHarmless() async throws {
        let notes = Notes()
        try await withTestServer(App(), PollingTests.server(notes)) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let wire = try await session.upgrade()
            await wire.say("2probe")
            await wire.say("5")
            let poll = try await session.poll()
            XCTAssertEqual(poll.response?.status, 400)
            XCTAssertEqual(poll.body, "{\"code\":3,\"message\":\"Bad request\"}")
            let post = try await session.post("42[\"note\",\"by post\"]")
            XCTAssertEqual(post.response?.status, 400)
            await wire.say("42[\"note\",\"by frame\"]")
            XCTAssertEqual(notes.all, ["by frame"])
        }
    }

    func testASecondWebSocketIsClosedWhileOneProbesAndAfterwards() async throws {
        let notes = Notes()
        try await withTestServer(App(), PollingTests.server(notes)) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let wire = try await session.upgrade()
            let early = try await session.upgrade()
            await wire.say("2probe")
            await wire.say("5")
            let late = try await session.upgrade()
            await wire.say("42[\"note\",\"alive\"]")
            XCTAssertEqual(notes.all, ["alive"])

            let born = try await server.browser().webSocket()
            let sid = String((born.take().first ?? "").dropFirst(9).prefix(20))
            let other = try await RawSession(browser: server.browser(), sid: sid).upgrade()
            for one in [early, late, other] {
                XCTAssertEqual(one.response?.status, 101)
                XCTAssertEqual(one.take(), ["close"])
            }
            await born.say("40")
            XCTAssertEqual(born.take().first?.prefix(3), "40{")
        }
    }

    func testAnUpgradeWithAnotherProtocolVersionOrNoneIsRefused() async throws {
        try await withTestServer(App(), PollingTests.server(Notes())) { server in
            let browser = server.browser()
            let session = try await browser.handshake()
            for version in ["EIO=3&", "EIO=04&", ""] {
                let wire = try await browser.webSocket(
                    "\(version)transport=websocket&sid=\(session.sid)"
                )
                XCTAssertEqual(wire.response?.status, 400, version)
                XCTAssertEqual(
                    wire.body,
                    "{\"code\":5,\"message\":\"Unsupported protocol version\"}"
                )
            }
            let wire = try await session.upgrade()
            XCTAssertEqual(wire.response?.status, 101)
        }
    }

    func testASessionThatEndsClosesTheSocketThatProbesForIt() async throws {
        try await withTestServer(App(), PollingTests.server(Notes())) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let wire = try await session.upgrade()
            await wire.say("2probe")
            _ = try await session.post("1")
            XCTAssertEqual(wire.take(), ["3probe", "close"])
        }
    }
}
