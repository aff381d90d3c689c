import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// The message that rides with the handshake.
final class InitialMessageTests: XCTestCase {
    private static func server(_ message: String) -> SocketIO {
        var options = quiet
        options.engine.initialMessage = message
        return SocketIO(options: options)
    }

    func testItStandsBehindTheOpenPacketOfPolling() async throws {
        try await withTestServer(App(), Self.server(#"2["hello","é"]"#)) { server in
            let browser = server.browser()
            let open = try await browser.wire("GET", "EIO=4&transport=polling")
            let packets = open.body?.split(separator: "\u{1E}").map(String.init) ?? []
            XCTAssertEqual(packets.count, 2)
            XCTAssertEqual(packets.first?.hasPrefix(#"0{"sid":""#), true)
            XCTAssertEqual(packets.last, #"42["hello","é"]"#)
            let sid = String(open.body?.dropFirst(9).prefix(20) ?? "")
            let poll = try await RawSession(browser: browser, sid: sid).poll()
            XCTAssertNil(poll.response, "it is told once")
        }
    }

    func testItIsTheNextFrameBehindTheOpenPacketOfAWebSocket() async throws {
        try await withTestServer(App(), Self.server(#"2["hello"]"#)) { server in
            let wire = try await Wire.open(server.browser())
            let request = server.browser().bytes(
                "GET",
                "/socket.io/?EIO=4&transport=websocket",
                Browser.upgradeHeaders,
                []
            )
            // What the client sends along with its request is answered behind it.
            await wire.send(request + ClientCodec.frame(text: Array("40".utf8)))
            let messages = wire.take()
            XCTAssertEqual(messages.count, 3)
            XCTAssertEqual(messages.first?.hasPrefix(#"0{"sid":""#), true)
            XCTAssertEqual(messages.dropFirst().first, #"42["hello"]"#)
            XCTAssertEqual(messages.last?.hasPrefix(#"40{"sid":""#), true)
        }
    }

    func testAnOldClientGetsItInItsOwnPayload() async throws {
        var options = old
        options.engine.initialMessage = #"2["hello"]"#
        try await withTestServer(App(), SocketIO(options: options)) { server in
            let open = try await server.browser().wire("GET", "EIO=3&transport=polling")
            XCTAssertEqual(open.body?.hasPrefix(#"118:0{"sid":""#), true, open.body ?? "")
            XCTAssertEqual(open.body?.hasSuffix(#"}"# + payload(#"42["hello"]"#)), true)
        }
    }

    func testATextThatPollingCanNotCarryIsSentToNobody() async throws {
        try await withTestServer(App(), Self.server("a\u{1E}b")) { server in
            let open = try await server.browser().wire("GET", "EIO=4&transport=polling")
            XCTAssertEqual(open.body?.hasSuffix("\"maxPayload\":1000000}"), true)
            let wire = try await server.browser().webSocket()
            XCTAssertEqual(wire.take().count, 1)
        }
    }
}
