import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// The first request of a client of protocol 3.
final class OldHandshakeTests: XCTestCase {
    private static let versions = ["EIO=3&", "EIO=2&", "EIO=&", "EIO=04&", "EIO=5&", "eio=4&", ""]

    private static func version(_ query: String) -> EngineVersion {
        EngineVersion(Query(target: "/?\(query)"))
    }

    func testTheVersionIsFourOnlyForAFour() {
        XCTAssertEqual(Self.version("EIO=4&transport=polling"), .v4)
        XCTAssertEqual(Self.version("EIO=4&b64=1"), .v4Base64)
        for version in Self.versions { XCTAssertEqual(Self.version(version), .v3, version) }
        XCTAssertEqual(Self.version("EIO=3&b64=1"), .v3Base64)
        XCTAssertEqual(Self.version("EIO=3&b64=true"), .v3Base64)
        XCTAssertEqual(Self.version("EIO=3&b64="), .v3)
        XCTAssertEqual([EngineVersion.v4, .v3, .v3Base64].map(\.number), [4, 3, 3])
        XCTAssertEqual(MemoryLayout<EngineVersion>.size, 1)
    }

    func testWithoutTheOptionAnOldClientIsRefusedOnBothTransports() async throws {
        XCTAssertFalse(EngineOptions().allowsEIO3)
        let json = "{\"code\":5,\"message\":\"Unsupported protocol version\"}"
        try await withTestServer(App(), SocketIO(options: quiet)) { server in
            let browser = server.browser()
            for version in Self.versions {
                let poll = try await browser.wire("GET", "\(version)transport=polling")
                XCTAssertEqual(poll.response?.status, 400, version)
                XCTAssertEqual(poll.body, json, version)
                let wire = try await browser.webSocket("\(version)transport=websocket")
                XCTAssertEqual(wire.response?.status, 400, version)
                XCTAssertEqual(wire.body, json, version)
            }
        }
    }

    func testWithTheOptionEveryOtherVersionIsThree() async throws {
        try await withTestServer(App(), SocketIO(options: old)) { server in
            let browser = server.browser()
            for version in Self.versions {
                let poll = try await browser.wire("GET", "\(version)transport=polling")
                let sid = String(poll.body?.drop { $0 != "{" }.dropFirst(8).prefix(20) ?? "")
                XCTAssertNotNil(EngineID(sid))
                let open =
                    "0{\"sid\":\"\(sid)\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,"
                    + "\"pingTimeout\":20000,\"maxPayload\":1000000}"
                XCTAssertEqual(poll.body, "\(open.utf8.count):\(open)", version)
                XCTAssertEqual(poll.response?.headers["content-type"], "text/plain; charset=UTF-8")
                let wire = try await browser.webSocket("\(version)transport=websocket")
                XCTAssertEqual(wire.messages.count, 2, version)
                XCTAssertTrue(wire.messages.first?.hasPrefix("0{\"sid\":") == true, version)
                XCTAssertEqual(wire.messages.last, "40", version)
            }
        }
    }

    func testNewClientsAreServedAsBeforeBesideOldOnes() async throws {
        try await withTestServer(App(), PollingTests.server(Notes(), options: old)) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"echo\",\"new\"]")
            XCTAssertEqual(wire.take(), ["42[\"echo\",\"new\"]"])
            let session = try await server.browser().handshake()
            let poll = try await session.poll()
            XCTAssertNil(poll.response, "nobody joins a new client by himself")
            _ = try await session.post("40")
            XCTAssertTrue(poll.body?.hasPrefix("40{\"sid\":") == true)
            await wire.say("2")
            XCTAssertEqual(wire.take(), ["close"])
        }
    }

    func testARefusalByTheChainLeavesNoConnectionHandlerBehind() async throws {
        let notes = Notes()
        let late = Middleware { request, next in
            _ = try await next(request)
            throw HTTPError(.forbidden)
        }
        let io = SocketIO(handshake: [late], options: old) { root in
            root.onConnection { _ in notes.add("connected") }
        }
        try await withTestServer(App(), io) { server in
            let poll = try await server.browser().wire("GET", "EIO=3&transport=polling")
            XCTAssertEqual(poll.response?.status, 403)
            let wire = try await server.browser().webSocket("EIO=3&transport=websocket")
            XCTAssertEqual(wire.response?.status, 403)
            XCTAssertEqual(notes.all, [])
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }
}
