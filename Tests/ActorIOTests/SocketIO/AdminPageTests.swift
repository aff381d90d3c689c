import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// The official page at its own address, as the guide sets it up.
final class AdminPageTests: XCTestCase {
    private static let page: Headers = ["Origin": "https://admin.socket.io"]

    private static func makeServer() -> SocketIO {
        var cors = CORS(origins: .only("https://admin.socket.io"))
        cors.allowsCredentials = true
        var options = adminOptions {
            $0.access = .password(username: "admin", hash: "changeit")
            $0.hasher = PlainHasher()
        }
        options.allowedOrigins = ["https://admin.socket.io"]
        return SocketIO(everyRequest: [.cors(cors)], options: options)
    }

    func testThePageMayPollWithCookiesAndLogIn() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let browser = server.browser()
            let open = try await browser.request(
                "GET",
                "/socket.io/?EIO=4&transport=polling",
                headers: Self.page
            )
            XCTAssertEqual(open.status, 200)
            XCTAssertEqual(
                open.headers["Access-Control-Allow-Origin"],
                "https://admin.socket.io"
            )
            XCTAssertEqual(open.headers["Access-Control-Allow-Credentials"], "true")
            struct Open: Decodable { var sid: String }
            let sid = try decodeJSON(Open.self, Array(open.body.dropFirst())).sid
            let session = RawSession(browser: browser, sid: sid)
            let login = "40/admin,{\"username\":\"admin\",\"password\":\"changeit\"}"
            _ = try await session.post(login, headers: Self.page)
            let body = try await session.poll(headers: Self.page).body ?? ""
            XCTAssertTrue(body.contains("42/admin,[\"session\",\""), body)
            XCTAssertTrue(body.contains("42/admin,[\"all_sockets\",[{"), body)
        }
    }

    func testThePageMayUseAWebSocketAndOtherPagesMayNot() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let page = try await server.browser().webSocket(headers: Self.page)
            XCTAssertEqual(page.response?.status, 101)
            let other = try await server.browser().webSocket(
                headers: ["Origin": "https://evil.example"]
            )
            XCTAssertEqual(other.response?.status, 403)
        }
    }

    /// The page begins with polling and changes over.
    func testAnAdminIsToldOfItsOwnUpgradeByTheWebSocketItGot() async throws {
        try await withTestServer(App(), SocketIO(options: adminOptions())) { server in
            let session = try await server.browser().handshake()
            _ = try await session.post("40/admin,")
            let body = try await session.poll().body ?? ""
            let id = String(body.dropFirst(17).prefix(20))
            let wire = try await session.upgrade()
            await wire.say("2probe")
            await wire.say("5")
            XCTAssertEqual(
                wire.events("socket_updated"),
                [#"{"id":"\#(id)","nsp":"/admin","transport":"websocket"}"#]
            )
            await wire.say("42/admin,[\"join\",\"/admin\",\"room\"]")
            XCTAssertEqual(wire.events("room_joined").count, 1)
        }
    }

    /// The page has a choice of parsers; it has to be the server's.
    func testAnAdminMaySpeakMessagePack() async throws {
        var options = adminOptions()
        options.parser = MessagePackParser()
        let io = SocketIO(options: options)
        try await withTestServer(App(), io) { server in
            let admin = try await server.browser().connect("/admin")
            let client = try await server.browser().connect()
            try await client.emit("bytes", [UInt8]([1, 2, 3]), "text")
            let told = try await admin.next("event_received")
            XCTAssertEqual(try told.decode(0), "/")
            XCTAssertEqual(try told.decode(1), client.id)
            let event: [JSONValue] = try told.decode(2)
            XCTAssertEqual(event, ["bytes", .binary([1, 2, 3]), "text"])
            try await admin.emit("emit", "/", String?.none, "news", [UInt8]([4]))
            let news: [UInt8] = try await client.next("news").decode(0)
            XCTAssertEqual(news, [4])
        }
    }

    func testAnAdminIsNotRecoveredAndLogsInAgain() async throws {
        var options = adminOptions {
            $0.access = .password(username: "admin", hash: "changeit")
            $0.hasher = PlainHasher()
        }
        options.recovery = RecoveryOptions()
        try await withTestServer(App(), SocketIO(options: options)) { server in
            let browser = server.browser()
            let login = AdminAuth(username: "admin", password: "changeit")
            let admin = try await browser.connect("/admin", auth: login)
            let session: String = try await admin.next("session").decode(0)
            let client = try await server.browser().connect()
            await admin.reset()
            await client.reset()
            do {
                _ = try await browser.reconnect(admin)
                XCTFail("nobody asked who it is")
            } catch let error as ConnectRefused {
                XCTAssertEqual(error.message, "invalid credentials")
            }
            let again = try await browser.reconnect(admin, auth: AdminAuth(sessionId: session))
            XCTAssertFalse(again.isRecovered)
            // A client that is, is told of as one that comes.
            let back = try await server.browser().reconnect(client)
            XCTAssertTrue(back.isRecovered)
            struct Shown: Decodable { var id: String }
            let shown: Shown = try await again.next("socket_connected").decode(0)
            XCTAssertEqual(shown.id, client.id)
        }
    }
}
