import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What a peer says of its client's address and of TLS, from the login to the sockets.
final class ForwardedStoryTests: XCTestCase {
    private static let words: Headers = [
        "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.test",
        "X-Real-IP": "6.6.6.6", "Forwarded": "for=6.6.6.6;proto=https;host=evil.test",
    ]

    private struct Found: Equatable {
        var isCookieSecure: Bool
        var address: String?
        var sockets: [String]
        var plainOrigin: Int?
    }

    /// Logs in and connects, all with these words.
    private func find(_ options: Server.Options) async throws -> Found {
        let notes = Notes()
        let (app, io, store) = makePassportExample { root in
            root.onConnection { socket in
                notes.add("\(socket.handshake.address) \(socket.handshake.isSecure)")
            }
        }
        return try await withTestServer(app, io, options: options) { server in
            let browser = server.browser()
            let form = ["username": "john", "password": "changeit"] as KeyValuePairs
            let login = try await browser.post("/login", form: form, headers: Self.words)
            let cookies = login.headers.values("set-cookie")
            let cookie = try XCTUnwrap(cookies.first { $0.hasPrefix("connect.sid=") })
            let webSocket = try await browser.webSocket(headers: Self.words)
            await webSocket.say("40")
            let query = "EIO=4&transport=polling"
            let answer = try await browser.wire("GET", query, headers: Self.words)
            let sid = answer.body?.split(separator: "\"").dropFirst(3).first ?? ""
            let polling = RawSession(browser: browser, sid: String(sid))
            _ = try await polling.post("40", headers: Self.words)
            // Over TLS a page of the plain site would be a foreign one.
            var headers = Self.words
            headers["Origin"] = "http://test.example"
            let plain = try await browser.webSocket(headers: headers)
            let address = try await server.run { await store.sessions(of: 1).first?.address }
            return Found(
                isCookieSecure: cookie.contains("Secure"),
                address: address,
                sockets: notes.all,
                plainOrigin: plain.response?.status
            )
        }
    }

    func testWhoIsNotTrustedSpeaksForItselfAlone() async throws {
        let expected = Found(
            isCookieSecure: false,
            address: "127.0.0.1",
            sockets: ["127.0.0.1 false", "127.0.0.1 false"],
            plainOrigin: 101
        )
        var others = Server.Options()
        others.trustedProxies = ["10.0.0.1", "127.0.0.10", "unix"]
        for options in [Server.Options(), others] {
            let found = try await find(options)
            XCTAssertEqual(found, expected)
        }
    }

    func testATrustedProxyIsBelievedEverywhere() async throws {
        var options = Server.Options()
        options.trustedProxies = ["127.0.0.1"]
        let found = try await find(options)
        let expected = Found(
            isCookieSecure: true,
            address: "6.6.6.6",
            sockets: ["6.6.6.6 true", "6.6.6.6 true"],
            plainOrigin: 403
        )
        XCTAssertEqual(found, expected)
    }
}
