import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Corners of the protocol that have no better place: paths, transports, counting, collisions.
final class EngineQuirkTests: XCTestCase {
    private static let polling = "EIO=4&transport=polling"

    func testThePathWorksWithAndWithoutItsSlashOnBothTransports() async throws {
        try await withTestServer(App(), SocketIO(options: quiet)) { server in
            let browser = server.browser()
            for path in ["/socket.io", "/socket.io/"] {
                let open = try await browser.get("\(path)?\(Self.polling)")
                XCTAssertEqual(open.status, 200, path)
                let wire = try await Wire.open(browser)
                let query = "\(path)?EIO=4&transport=websocket"
                await wire.send(browser.bytes("GET", query, Browser.upgradeHeaders, []))
                XCTAssertEqual(wire.response?.status, 101, path)
                XCTAssertEqual(wire.messages.count, 1, path)
            }
        }
    }

    /// No timer is needed for them: every request is answered by somebody.
    func testAnUpgradeRequestToAnyOtherPathIsAnsweredAtOnce() async throws {
        var app = App()
        app.log = .disabled
        app.get("/page") { _ in .text("a page") }
        let io = SocketIO(options: quiet)
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            let cases = [
                ("/other?EIO=4&transport=websocket", 404), ("/socket.io/x", 404), ("/page", 200),
                ("/socket.ioX?EIO=4&transport=websocket", 404),
            ]
            for (path, status) in cases {
                let wire = try await Wire.open(browser)
                await wire.send(browser.bytes("GET", path, Browser.upgradeHeaders, []))
                XCTAssertEqual(wire.response?.status, status, path)
            }
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testATransportThatIsOffIsUnknownToHandshakesAndUpgradesAndNotOffered() async throws {
        var options = quiet
        options.engine.transports = [.polling]
        try await withTestServer(App(), SocketIO(options: options)) { server in
            let unknown = #"{"code":0,"message":"Transport unknown"}"#
            let open = try await server.browser().wire("GET", Self.polling)
            XCTAssertEqual(open.body?.contains(#""upgrades":[],"#), true)
            let born = try await server.browser().webSocket()
            XCTAssertEqual(born.response?.status, 400)
            XCTAssertEqual(born.body, unknown)
            let session = try await server.browser().handshake()
            let upgrade = try await session.upgrade()
            XCTAssertEqual(upgrade.body, unknown)
            let post = try await session.post("40")
            XCTAssertEqual(post.body, "ok")
        }
    }

    func testClientsAreCountedWithAndWithoutANamespace() async throws {
        let io = SocketIO(options: quiet)
        try await withTestServer(App(), io) { server in
            func count() async throws -> Int { try await server.run { await io.clientCount } }
            let bare = try await server.browser().handshake()
            let wire = try await server.browser().webSocket()
            let none = try await count()
            XCTAssertEqual(none, 2)
            let sockets = try await server.run { try await io.fetchSockets().count }
            XCTAssertEqual(sockets, 0)
            await wire.say("40")
            await wire.say("41")
            let left = try await count()
            XCTAssertEqual(left, 2, "leaving every namespace is not leaving")
            await wire.close()
            _ = try await bare.post("1")
            let gone = try await count()
            XCTAssertEqual(gone, 0)
        }
    }

    func testAfterA413TheSessionIsGone() async throws {
        var options = quiet
        options.engine.maxPayload = 100
        let io = SocketIO(options: options)
        try await withTestServer(App(), io) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let parked = try await session.poll()
            let post = try await session.post(String(repeating: "4", count: 101))
            XCTAssertEqual(post.response?.status, 413)
            XCTAssertEqual(parked.body, "1")
            let next = try await session.poll()
            XCTAssertEqual(next.body, #"{"code":1,"message":"Session ID unknown"}"#)
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testAPostThatAnUpgradeDidNotWaitForIsCutAndTheSessionGoesOn() async throws {
        let notes = Notes()
        try await withTestServer(App(), PollingTests.server(notes)) { server in
            let browser = server.browser()
            let session = try await browser.handshake()
            try await session.join()
            let slow = try await Wire.open(browser)
            await slow.send(
                Array(
                    ("POST /socket.io/?\(Self.polling)&sid=\(session.sid) HTTP/1.1\r\n"
                        + "Host: test.example\r\nContent-Length: 15\r\n\r\n42[\"no").utf8
                )
            )
            let wire = try await session.upgrade()
            await wire.say("2probe", "5")
            XCTAssertEqual(wire.take(), ["3probe"])
            XCTAssertTrue(slow.isEnded)
            XCTAssertNil(slow.response)
            await wire.say(#"42["note","alive"]"#, #"42["echo","b"]"#)
            XCTAssertEqual(notes.all, ["alive"])
            XCTAssertEqual(wire.take(), [#"42["echo","b"]"#])
        }
    }

    func testAPollThatIsStillParkedAtTheEndOfAnUpgradeIsAnswered() async throws {
        try await withTestServer(App(), PollingTests.server(Notes())) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let wire = try await session.upgrade()
            let poll = try await session.poll()
            await wire.say("2probe", "5")
            XCTAssertEqual(poll.response?.status, 200)
            XCTAssertEqual(poll.body, "6")
            await wire.say(#"42["echo","a"]"#)
            XCTAssertEqual(wire.take(), ["3probe", #"42["echo","a"]"#])
        }
    }

    func testBase64InATextFrameIsABinaryMessage() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.on("bytes") { (_, bytes: [UInt8]) in notes.add("\(bytes)") }
            root.onDisconnect { _, reason in notes.add(reason.rawValue) }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say(#"451-["bytes",{"_placeholder":true,"num":0}]"#, "bAQIDBA==")
            XCTAssertEqual(notes.all, ["[1, 2, 3, 4]"])
            await wire.say(#"451-["bytes",{"_placeholder":true,"num":0}]"#, "bAQI")
            XCTAssertEqual(notes.all.last, "parse error")
        }
    }

    func testAClientThatAskedForBase64GetsItInTextFrames() async throws {
        let io = SocketIO(options: quiet) { root in
            root.on("bytes") { socket in try socket.emit("bytes", [1, 2, 3, 4] as [UInt8]) }
        }
        let event = #"451-["bytes",{"_placeholder":true,"num":0}]"#
        try await withTestServer(App(), io) { server in
            for (query, binary) in [
                ("&b64=1", "bAQIDBA=="), ("&b64=", "b:1,2,3,4"), ("", "b:1,2,3,4"),
            ] {
                let wire = try await server.browser().webSocket("EIO=4&transport=websocket" + query)
                await wire.say("40")
                _ = wire.take()
                await wire.say(#"42["bytes"]"#)
                XCTAssertEqual(wire.take(), [event, binary], query)
                try await server.act { try await io.emit("all", [5] as [UInt8]) }
                XCTAssertEqual(wire.take().last, query == "&b64=1" ? "bBQ==" : "b:5", query)
            }
            // What waited for a poll goes out as frames when the transport changes.
            let browser = server.browser()
            let open = try await browser.wire("GET", Self.polling + "&b64=1")
            let sid = String(open.body?.dropFirst(9).prefix(20) ?? "")
            let session = RawSession(browser: browser, sid: sid)
            try await session.join()
            let wire = try await session.upgrade()
            await wire.say("2probe")
            _ = try await session.post(#"42["bytes"]"#)
            await wire.say("5")
            XCTAssertEqual(wire.take(), ["3probe", event, "bAQIDBA=="])
        }
    }

    func testEachKindOfPacketDoesTheSameOnBothTransports() async throws {
        let ignored = ["0", "0{}", "5", "6", "3", "3probe"]
        let ends = [
            ("2", "transport error"), ("2probe", "transport error"), ("1", "transport close"),
            ("7", "parse error"), ("", "parse error"), ("4", "forced close"),
        ]
        for (word, end) in ignored.map({ ($0, "") }) + ends {
            let notes = Notes()
            try await withTestServer(App(), PollingTests.server(notes)) { server in
                let wire = try await server.browser().joined()
                await wire.say(word, #"42["note","a"]"#)
                let session = try await server.browser().handshake()
                try await session.join()
                _ = try await session.post(word + "\u{1E}" + #"42["note","a"]"#)
                let expected = end.isEmpty ? "a" : "end: \(end)"
                XCTAssertEqual(notes.all, [expected, expected], "“\(word)”")
            }
        }
    }

    func testATextThatIsNotUTF8IsClosedWith1007() async throws {
        let notes = Notes()
        try await withTestServer(App(), PollingTests.server(notes)) { server in
            let wire = try await server.browser().joined()
            await wire.send(FrameWriter.frame(.text, [0x34, 0xFF], mask: 7))
            XCTAssertEqual(wire.take(), ["close 1007"])
            XCTAssertEqual(notes.all, ["end: transport error"])
        }
    }

    func testWhileASessionIsClosingPostsAreTakenAndIgnored() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.on("bye") { socket in socket.disconnect(close: true) }
            root.on("note") { (_, text: String) in notes.add(text) }
        }
        try await withTestServer(App(), io) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            _ = try await session.post(#"42["bye"]"#)
            for body in [#"42["note","late"]"#, "x", "1"] {
                let post = try await session.post(body)
                XCTAssertEqual(post.response?.status, 200)
                XCTAssertEqual(post.body, "ok")
            }
            let upgrade = try await session.upgrade()
            XCTAssertEqual(upgrade.response?.status, 400)
            let poll = try await session.poll()
            XCTAssertEqual(poll.body, "41\u{1E}1")
            XCTAssertEqual(notes.all, [])
        }
    }

    func testTheMiddlewareForEveryRequestRunsBeforeAnythingIsChecked() async throws {
        let seen = Notes()
        let step = Middleware { request, next in
            seen.add("\(request.method) \(request.query["n"] ?? "")")
            return try await next(request)
        }
        let io = SocketIO(everyRequest: [step], options: quiet)
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            _ = try await browser.wire("PUT", "n=0")
            _ = try await browser.wire("GET", "EIO=9&transport=polling&n=1")
            _ = try await browser.wire("GET", "\(Self.polling)&sid=__proto__&n=2")
            _ = try await browser.webSocket("EIO=4&transport=websocket&sid=x&n=3")
            _ = try await browser.wire("OPTIONS", "n=4")
            XCTAssertEqual(seen.all, ["PUT 0", "GET 1", "GET 2", "GET 3", "OPTIONS 4"])
        }
    }
}
