import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Session ids that an app makes.
final class CustomIDTests: XCTestCase {
    private static let polling = "EIO=4&transport=polling"
    private static let bad = #"{"code":3,"message":"Bad request"}"#

    /// Makes what the query's `id` says.
    private static func server(_ refused: Notes = Notes()) -> SocketIO {
        struct Broken: Error {}
        var options = quiet
        options.engine.makeID = { request in
            guard let id = request.query["id"] else { throw Broken() }
            return id
        }
        options.engine.onRefusal = { refusal in
            refused.add("\(refusal.code) \(refusal.context["name"] ?? "")")
        }
        return SocketIO(options: options) { root in
            root.on("echo") { (socket, text: String) in try socket.emit("echo", text) }
        }
    }

    func testTheIdIsToldAndNamesTheSessionOnBothTransports() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let open = try await browser.wire("GET", Self.polling + "&id=node-1.a%22b%5C%20%C3%A9")
            XCTAssertEqual(
                open.body,
                #"0{"sid":"node-1.a\"b\\ é","upgrades":["websocket"],"pingInterval":25000,"#
                    + #""pingTimeout":20000,"maxPayload":1000000}"#
            )
            let session = RawSession(browser: browser, sid: "node-1.a%22b%5C%20%C3%A9")
            try await session.join()
            _ = try await session.post(#"42["echo","a"]"#)
            let poll = try await session.poll()
            XCTAssertEqual(poll.body, #"42["echo","a"]"#)
            let wire = try await session.upgrade()
            await wire.say("2probe", "5", #"42["echo","b"]"#)
            XCTAssertEqual(wire.take(), ["3probe", #"42["echo","b"]"#])

            let socket = try await browser.webSocket("EIO=4&transport=websocket&id=two")
            XCTAssertEqual(socket.messages.first?.hasPrefix(#"0{"sid":"two","upgrades":[],"#), true)
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 2)
        }
    }

    func testASessionThatIsGoneDoesNotTakeItsIdFromTheNextThatHasIt() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let engine = io.core.engine
            let browser = server.browser()
            _ = try await browser.wire("GET", Self.polling + "&id=a")
            let first = try await server.run { await engine.server.all.first }
            let gone = try XCTUnwrap(first)
            _ = try await RawSession(browser: browser, sid: "a").post("1")
            _ = try await browser.wire("GET", Self.polling + "&id=a")
            // As for a session that ends while its handshake is still under way.
            try await server.run { engine.removed(gone) }
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 1)
        }
    }

    func testAFailureAndAnIdThatCanNotBeTakenAre400OnBothTransports() async throws {
        let refused = Notes()
        let io = Self.server(refused)
        let long = String(repeating: "x", count: 257)
        let queries = [
            "", "&id=", "&id=\(long)", "&id=a%0D%0A", "&id=%7F", "&id=%C2%85",
        ]
        try await withTestServer(App(), io) { server in
            for query in queries {
                let polling = try await server.browser().wire("GET", Self.polling + query)
                let socket = try await server.browser().webSocket(
                    "EIO=4&transport=websocket" + query
                )
                for wire in [polling, socket] {
                    XCTAssertEqual(wire.response?.status, 400, query)
                    XCTAssertEqual(wire.body, Self.bad, query)
                }
            }
            XCTAssertEqual(refused.count, queries.count * 2)
            XCTAssertEqual(Set(refused.all), ["3 ID_GENERATION_ERROR"])
            let longest = try await server.browser().wire(
                "GET",
                Self.polling + "&id=" + long.dropLast()
            )
            XCTAssertEqual(longest.response?.status, 200)
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 1)
        }
    }

    func testAnIdInUseIsRefusedAndItsSessionGoesOn() async throws {
        let refused = Notes()
        try await withTestServer(App(), Self.server(refused)) { server in
            let browser = server.browser()
            // The second one looks like an id of our own.
            for id in ["mine", "AAAAAAAAAAAAAAAAAAAA"] {
                let open = try await browser.wire("GET", Self.polling + "&id=\(id)")
                XCTAssertEqual(open.response?.status, 200)
                let again = try await browser.wire("GET", Self.polling + "&id=\(id)")
                XCTAssertEqual(again.body, Self.bad)
                let session = RawSession(browser: browser, sid: id)
                try await session.join()
                _ = try await session.post(#"42["echo","a"]"#)
                let poll = try await session.poll()
                XCTAssertEqual(poll.body, #"42["echo","a"]"#)
                _ = try await session.post("1")
                let free = try await browser.wire("GET", Self.polling + "&id=\(id)")
                XCTAssertEqual(free.response?.status, 200)
            }
            XCTAssertEqual(refused.all, ["3 ID_GENERATION_ERROR", "3 ID_GENERATION_ERROR"])
        }
    }

    func testARefusedHandshakeLeavesNothingInTheRegistry() async throws {
        var options = quiet
        options.engine.makeID = { _ in "" }
        let session = Middleware.session(SessionStore(), secret: "x")
        let io = SocketIO(handshake: [session], options: options)
        try await withTestServer(App(), io) { server in
            let open = try await server.browser().wire("GET", Self.polling)
            XCTAssertEqual(open.body, Self.bad)
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    func testAClientThatIsCutOffWhileItsIdIsMadeGetsNoSession() async throws {
        let gate = Gate()
        let refused = Notes()
        var options = quiet
        options.engine.makeID = { _ in
            await gate.pass()
            return "late"
        }
        options.engine.onRefusal = { refused.add($0.message) }
        let io = SocketIO(options: options)
        try await withTestServer(App(), io) { server in
            let cut = try await server.browser().wire("GET", Self.polling)
            XCTAssertEqual(gate.waiterCount, 1)
            await cut.stream.reset()
            gate.open()
            await cut.rest()
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
            XCTAssertEqual(refused.all, [], "nobody was there to be refused")
            let next = try await server.browser().wire("GET", Self.polling)
            XCTAssertEqual(next.response?.status, 200)
        }
    }

    func testIdsAreComparedByTheirBytes() {
        XCTAssertNotEqual(EngineID(custom: "\u{E9}"), EngineID(custom: "e\u{301}"))
        XCTAssertEqual(EngineID(custom: "AAAAAAAAAAAAAAAAAAAA"), EngineID("AAAAAAAAAAAAAAAAAAAA"))
        XCTAssertLessThanOrEqual(MemoryLayout<EngineID>.size, 17)
    }
}
