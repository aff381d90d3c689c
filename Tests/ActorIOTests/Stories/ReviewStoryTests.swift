import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What a reader of the code found, and must not come back.
final class ReviewStoryTests: XCTestCase {
    private func bursting(_ options: SocketIO.Options = quiet) -> SocketIO {
        SocketIO(options: options) { root in
            root.on("burst") { (socket, count: Int, bytes: Int) in
                let text = String(repeating: "x", count: bytes)
                for _ in 0..<count { try socket.emit("n", text) }
            }
            root.on("burst and go") { (socket, count: Int) in
                for _ in 0..<count { try socket.emit("n") }
                socket.disconnect(close: true)
            }
        }
    }

    func testAnUpgradeThatFindsTheBudgetUsedUpEndsOnlyThatClient() async throws {
        var options = quiet
        options.engine.outgoingBytes = 300_000
        try await withTestServer(App(), bursting(options)) { server in
            let bystander = try await server.browser().connect()
            let session = try await server.browser().handshake()
            try await session.join()
            _ = try await session.post("42[\"burst\",4,70000]")
            let wire = try await session.upgrade()
            await wire.stream.setReading(false)
            await wire.say("2probe", "5")
            let isConnected = await bystander.isConnected
            XCTAssertTrue(isConnected)
        }
    }

    func testTheLastPollBringsEverythingHoweverMuchItIs() async throws {
        try await withTestServer(App(), bursting()) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let poll = try await session.poll()
            _ = try await session.post("42[\"burst and go\",40]")
            let packets = poll.body?.split(separator: "\u{1E}").map(String.init) ?? []
            XCTAssertEqual(packets.count, 42)
            XCTAssertEqual(packets.suffix(2), ["41", "1"])
        }
    }

    func testAMessageLargerThanTheBudgetIsSentWhenItIsAlone() async throws {
        var options = quiet
        options.engine.outgoingBytes = 100_000
        try await withTestServer(App(), bursting(options)) { server in
            let tab = try await server.browser().connect()
            try await tab.emit("burst", 1, 400_000)
            let text: String = try await tab.next("n").decode(0)
            XCTAssertEqual(text.utf8.count, 400_000)
        }
    }

    func testAStaleCookieIsNoCookieForEveryRequestOfASocket() async throws {
        let store = SessionStore()
        let session = Middleware.session(store, secret: "changeit")
        let io = SocketIO(handshake: [session], options: quiet) { root in
            root.on("echo") { (_, text: String) in text }
        }
        var app = App()
        app.use(session)
        app.post("/begin") { request in
            try await request.session.update { $0[Beginnings.self].count += 1 }
            return .text("\(try request.session.id)")
        }
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            let id = try await browser.post("/begin").text
            let cookies = browser.cookies
            _ = try await server.run { try await store.endSession(SessionID(id) ?? SessionID()) }
            for (name, value) in cookies { browser.setCookie(name, value) }
            for transport in Browser.Transport.allCases {
                let tab = try await browser.connect(transport: transport)
                let text: String = try await tab.call("echo", "still here")
                XCTAssertEqual(text, "still here")
            }
        }
    }

    func testAServerThatIsFullRefusesTheNextClientUntilOneLeaves() async throws {
        var options = quiet
        options.engine.maxSessions = 2
        try await withTestServer(App(), bursting(options)) { server in
            let first = try await server.browser().connect()
            _ = try await server.browser().connect(transport: .polling)
            do {
                _ = try await server.browser().connect()
                XCTFail("a third client came in")
            } catch let refusal as HandshakeRefused {
                XCTAssertEqual(refusal.status, 503)
            }
            await first.close()
            _ = try await server.browser().connect()
        }
    }

    func testAttachmentsThatDoNotComeEndTheConnection() async throws {
        let clock = ManualClock()
        try await withTestServer(App(), bursting(), clock: clock) { server in
            let wire = try await server.browser().joined()
            await wire.say("451-[\"x\",{\"_placeholder\":true,\"num\":0}]")
            await clock.advance(by: .seconds(29))
            XCTAssertFalse(wire.isEnded)
            await clock.advance(by: .seconds(1))
            XCTAssertTrue(wire.take().contains { $0.hasPrefix("close") })
        }
    }

    func testRefusalsOfTheEngineCarryCORSHeaders() async throws {
        let rules = CORS(origins: .list(["https://shop.example"]))
        let io = SocketIO(everyRequest: [.cors(rules)], options: quiet) { _ in }
        try await withTestServer(App(), io) { server in
            let response = try await server.browser().get(
                "/socket.io/?EIO=4&transport=carrier-pigeon",
                headers: ["Origin": "https://shop.example"]
            )
            XCTAssertEqual(response.status, 400)
            XCTAssertEqual(
                response.headers["access-control-allow-origin"],
                "https://shop.example"
            )
        }
    }

    func testAShutdownWaitsForTheLastHandlersOfItsSockets() async throws {
        let notes = Notes()
        let gate = Gate()
        let io = SocketIO(options: quiet) { root in
            root.onDisconnect { _, _ in
                notes.add("begun")
                await gate.pass()
                notes.add("ended")
            }
        }
        let options = ServerTests.options()
        let server = Server(App(), io, port: 0, host: "127.0.0.1", options: options)
        let run = Task { try await server.run() }
        let socket = try RawSocket(try await server.address)
        try socket.send(
            "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        let handshake = try socket.read(until: "}")
        let sid = handshake.components(separatedBy: "\"sid\":\"")[1].prefix(20)
        try socket.send(
            "POST /socket.io/?EIO=4&transport=polling&sid=\(sid) HTTP/1.1\r\nHost: a\r\n"
                + "Content-Length: 2\r\n\r\n40"
        )
        _ = try socket.read(until: "ok")
        server.beginShutdown()
        await eventually("the last handler begins") { notes.all == ["begun"] }
        gate.open()
        try await run.value
        XCTAssertEqual(notes.all, ["begun", "ended"])
    }
}

private struct Beginnings: SessionKey, Codable, Sendable {
    static let name = "visits"
    static let initial = Beginnings()
    var count = 0
}
