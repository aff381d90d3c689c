import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What an admin is shown of the request that opened a connection.
final class AdminHandshakeTests: XCTestCase {
    private struct Shown: Decodable {
        var headers: [String: String]
        var query: [String: JSONValue]
        var url: String
    }

    private static func handshake(_ query: String, _ headers: Headers = [:]) async throws -> Shown {
        try await withTestServer(App(), SocketIO(options: adminOptions())) { server in
            let admin = try await server.browser().connect("/admin")
            let client = try await server.browser().webSocket(query, headers: headers)
            await client.say("40")
            struct Socket: Decodable { var handshake: Shown }
            let socket: Socket = try await admin.next("socket_connected").decode(0)
            return socket.handshake
        }
    }

    func testHeaderFieldsAreShownWhenTheyAreKnownToBeHarmless() async throws {
        let shown = try await Self.handshake(
            "EIO=4&transport=websocket",
            [
                "User-Agent": "a browser", "Accept-Language": "de",
                "Referer": "http://test.example/page?token=secret#secret",
                "X-Forwarded-Proto": "https", "Cookie": "secret", "Authorization": "secret",
                "Proxy-Authorization": "secret", "X-Api-Key": "secret", "X-Auth-Token": "secret",
                "Sec-WebSocket-Protocol": "secret",
            ]
        )
        XCTAssertEqual(
            shown.headers,
            [
                "host": "test.example", "connection": "Upgrade", "upgrade": "websocket",
                "sec-websocket-version": "13", "user-agent": "a browser",
                "accept-language": "de", "referer": "http://test.example/page",
                "x-forwarded-proto": "https",
            ]
        )
    }

    func testValuesOfTheQueryAreCoveredWhenTheyAreNotTheEngines() async throws {
        let shown = try await Self.handshake(
            "EIO=4&transport=websocket&t=abc&b64=1&token=secret&a%62=secret&x=1&x=2&secret"
        )
        XCTAssertEqual(
            shown.query,
            [
                "EIO": "4", "transport": "websocket", "t": "abc", "b64": "1", "token": "***",
                "ab": "***", "x": ["***", "***"], "***": "***",
            ]
        )
        XCTAssertEqual(
            shown.url,
            "/socket.io/?EIO=4&transport=websocket&t=abc&b64=1&token=***&ab=***&x=***&x=***"
                + "&***=***"
        )
    }

    func testALongValueIsCoveredWhateverItsName() async throws {
        let long = String(repeating: "a", count: 65)
        let shown = try await Self.handshake("EIO=4&transport=websocket&t=\(long)&\(long)=1")
        XCTAssertEqual(
            shown.query,
            ["EIO": "4", "transport": "websocket", "t": "***", "***": "***"]
        )
    }
}
