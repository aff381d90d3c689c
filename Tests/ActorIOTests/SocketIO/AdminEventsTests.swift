import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What an admin is told, in the words of the wire.
final class AdminEventsTests: XCTestCase {
    private struct Position: Codable, Sendable {
        var x: Int
    }
    private struct Hidden: Sendable {}

    /// When every test begins.
    private static let now = "\"2027-01-15T08:00:01.000Z\""

    private static func makeServer(
        _ change: (inout AdminOptions) -> Void = { _ in }
    ) -> SocketIO {
        SocketIO(options: adminOptions(change)) { root in
            root.on("join") { (socket, room: String) in await socket.join(Room(room)) }
            root.on("leave") { (socket, room: String) in await socket.leave(Room(room)) }
            root.on("place") { (socket, x: Int) in socket[Position.self] = Position(x: x) }
            root.on("hide") { socket in socket[Hidden.self] = Hidden() }
            root.on("ask") { (socket, text: String) in text + "!" }
            root.on("echo") { (socket, arguments: Arguments) in
                try socket.emit("echoed", passing: arguments)
            }
            root.on("all") { (socket, text: String) in try await socket.namespace.emit("all", text)
            }
            root.namespaces(matching: "/tenants/:id") { tenant in
                tenant.on("join") { (socket, room: String) in await socket.join(Room(room)) }
            }
        }
    }

    /// An event that ends with the time.
    private static func told(_ name: String, _ arguments: String, bytes: Int = 0) -> String {
        let type = bytes == 0 ? "42" : "45\(bytes)-"
        return "\(type)/admin,[\"\(name)\",\(arguments),\(now)]"
    }

    private static func socket(
        _ id: String,
        _ nsp: String = "/",
        data: String = "{}",
        headers: String = "",
        rooms: String? = nil
    ) -> String {
        #"{"id":"\#(id)","clientId":"CLIENT","transport":"websocket","nsp":"\#(nsp)","#
            + #""data":\#(data),"handshake":{"address":"127.0.0.1","headers":{"#
            + #""host":"test.example","connection":"Upgrade","upgrade":"websocket","#
            + #""sec-websocket-version":"13"\#(headers)},"#
            + #""query":{"EIO":"4","transport":"websocket"},"issued":1800000001000,"#
            + #""secure":false,"time":"Fri, 15 Jan 2027 08:00:01 GMT","#
            + #""url":"/socket.io/?EIO=4&transport=websocket","xdomain":false},"#
            + #""rooms":[\#(rooms ?? "\"\(id)\"")]}"#
    }

    /// The text with the made-up ids of connections by one word, which it gives back too.
    private static func withoutClientIDs(_ text: String) -> (text: String, ids: Set<String>) {
        var parts = text.components(separatedBy: "\"clientId\":\"")
        var ids: Set<String> = []
        for index in parts.indices.dropFirst() {
            ids.insert(String(parts[index].prefix(12)))
            parts[index] = "CLIENT" + parts[index].dropFirst(12)
        }
        return (parts.joined(separator: "\"clientId\":\""), ids)
    }

    func testTheGreetingIsTheFeaturesThenTheFiguresThenAllSockets() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40/admin,")
            let got = wire.take()
            XCTAssertEqual(got.count, 4)
            XCTAssertTrue(got[0].hasPrefix("40/admin,{\"sid\":\""), got[0])
            XCTAssertEqual(
                got[1],
                #"42/admin,["config",{"supportedFeatures":["EMIT","JOIN","LEAVE","DISCONNECT","#
                    + #""MJOIN","MLEAVE","MDISCONNECT","AGGREGATED_EVENTS","ALL_EVENTS"]}]"#
            )
            XCTAssertTrue(got[2].hasPrefix("42/admin,[\"server_stats\",{\"serverId\":\"test\","))
            // The admin itself is among them, as in the official server.
            let id = String(got[0].dropFirst(17).prefix(20))
            XCTAssertEqual(
                Self.withoutClientIDs(got[3]).text,
                "42/admin,[\"all_sockets\",[\(Self.socket(id, "/admin"))]]"
            )
        }
    }

    func testASocketIsShownWithItsHandshakeValuesAndRoomsAndWithoutItsSecrets() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let browser = server.browser()
            let client = try await browser.webSocket(
                headers: [
                    "Cookie": "connect.sid=secret", "Authorization": "Bearer secret",
                    "X-Api-Key": "secret", "User-Agent": "a browser",
                ]
            )
            let secret = client.take()[0].dropFirst(9).prefix(20)
            await client.say("40")
            let id = String(client.take()[0].dropFirst(10).prefix(20))
            await client.say("42[\"place\",7]", "42[\"hide\"]", "42[\"join\",\"lobby\"]")
            await client.say("42[\"join\",\"a\"]")
            let wire = try await server.browser().webSocket()
            await wire.say("40/admin,")
            let list = wire.events("all_sockets", [id: "ID"]).first ?? ""
            let (text, clients) = Self.withoutClientIDs(list)
            let shown = Self.socket(
                "ID",
                data: #"{"Position":{"x":7}}"#,
                headers: #","user-agent":"a browser""#,
                rooms: #""ID","a","lobby""#
            )
            XCTAssertTrue(text.hasPrefix("[\(shown),{"), text)
            XCTAssertEqual(clients.count, 2, "one for each connection")
            XCTAssertNotNil(EngineID(String(secret)))
            XCTAssertFalse(clients.contains { secret.contains($0) }, "the connection's secret id")
        }
    }

    func testASocketThatComesIsToldBehindTheRoomOfItsOwn() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let admin = try await server.browser().admin()
            let (_, id) = try await server.browser().client()
            XCTAssertEqual(
                admin.take().map { Self.withoutClientIDs($0.replacing(id, with: "ID")).text },
                [
                    Self.told("room_joined", #""/","ID","ID""#),
                    "42/admin,[\"socket_connected\",\(Self.socket("ID")),\(Self.now)]",
                ]
            )
        }
    }

    func testASocketThatGoesIsToldWithTheReason() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let admin = try await server.browser().admin()
            let (leaver, first) = try await server.browser().client()
            let (closer, second) = try await server.browser().client()
            _ = admin.take()
            await leaver.say("41")
            XCTAssertEqual(
                admin.take().map { $0.replacing(first, with: "ID") },
                [
                    Self.told("room_left", #""/","ID","ID""#),
                    Self.told("socket_disconnected", #""/","ID","client namespace disconnect""#),
                ]
            )
            await closer.close()
            XCTAssertEqual(
                admin.events("socket_disconnected"),
                ["\"/\",\"\(second)\",\"transport close\",\(Self.now)"]
            )
        }
    }

    func testARoomIsToldWhenItIsEnteredAndLeft() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let admin = try await server.browser().admin()
            let (client, id) = try await server.browser().client()
            _ = admin.take()
            await client.say("42[\"join\",\"lo\\\"bby\"]")
            XCTAssertEqual(
                admin.events("room_joined", [id: "ID"]),
                [#""/","lo\"bby","ID",\#(Self.now)"#]
            )
            await client.say("42[\"leave\",\"lo\\\"bby\"]")
            XCTAssertEqual(
                admin.events("room_left", [id: "ID"]),
                [#""/","lo\"bby","ID",\#(Self.now)"#]
            )
        }
    }

    func testEventsAreToldBothWaysAndAcknowledgementsAreNot() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let admin = try await server.browser().admin()
            let (client, id) = try await server.browser().client()
            _ = admin.take()
            await client.say(
                "42[\"echo\",1,{\"a\":[null]}]",
                "421[\"ask\",\"x\"]",
                "42[\"nobody\"]"
            )
            XCTAssertEqual(client.take().count, 2)
            XCTAssertEqual(
                admin.take().map { $0.replacing(id, with: "ID") },
                [
                    Self.told("event_received", #""/","ID",["echo",1,{"a":[null]}]"#),
                    Self.told("event_sent", #""/","ID",["echoed",1,{"a":[null]}]"#),
                    Self.told("event_received", #""/","ID",["ask","x"]"#),
                    Self.told("event_received", #""/","ID",["nobody"]"#),
                ]
            )
        }
    }

    func testBytesInEventsReachTheAdminAsAttachments() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let admin = try await server.browser().admin()
            let (client, id) = try await server.browser().client()
            _ = admin.take()
            let placeholder = "{\"_placeholder\":true,\"num\":0}"
            await client.say("451-[\"echo\",\(placeholder)]")
            await client.say(binary: [1, 2, 3])
            XCTAssertEqual(
                admin.take().map { $0.replacing(id, with: "ID") },
                [
                    Self.told("event_received", #""/","ID",["echo",\#(placeholder)]"#, bytes: 1),
                    "b:1,2,3",
                    Self.told("event_sent", #""/","ID",["echoed",\#(placeholder)]"#, bytes: 1),
                    "b:1,2,3",
                ]
            )
        }
    }

    func testABroadcastIsToldForEveryReceiver() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let admin = try await server.browser().admin()
            let (client, one) = try await server.browser().client()
            let (_, two) = try await server.browser().client()
            _ = admin.take()
            await client.say("42[\"all\",\"hi\"]")
            XCTAssertEqual(
                admin.events("event_sent", [one: "ID1", two: "ID2"]).sorted(),
                ["ID1", "ID2"].map { "\"/\",\"\($0)\",[\"all\",\"hi\"],\(Self.now)" }
            )
        }
    }

    func testAValueThatIsSetIsToldWhenItCanBeEncoded() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let admin = try await server.browser().admin()
            let (client, id) = try await server.browser().client()
            _ = admin.take()
            await client.say("42[\"place\",1]", "42[\"hide\"]", "42[\"place\",2]")
            XCTAssertEqual(
                admin.events("socket_updated", [id: "ID"]),
                [1, 1, 2].map { #"{"id":"ID","nsp":"/","data":{"Position":{"x":\#($0)}}}"# }
            )
        }
    }

    func testAnUpgradeIsToldForEverySocketOfTheConnection() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let admin = try await server.browser().admin()
            let session = try await server.browser().handshake()
            try await session.join()
            let ids = admin.events("socket_connected")
            XCTAssertTrue(ids.first?.contains("\"transport\":\"polling\"") == true, "\(ids)")
            let wire = try await session.upgrade()
            await wire.say("2probe")
            await wire.say("5")
            let id = String((ids.first ?? "").dropFirst(7).prefix(20))
            XCTAssertEqual(
                admin.events("socket_updated"),
                [#"{"id":"\#(id)","nsp":"/","transport":"websocket"}"#]
            )
        }
    }

    func testNamespacesThatAreMadeForClientsAreToldByTheirNames() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let admin = try await server.browser().admin()
            let (client, id) = try await server.browser().client(of: "/tenants/7")
            await client.say("42/tenants/7,[\"join\",\"lobby\"]")
            let told = admin.take().map { $0.replacing(id, with: "ID") }
            XCTAssertEqual(
                told.filter { !$0.contains("socket_connected") },
                [
                    Self.told("room_joined", #""/tenants/7","ID","ID""#),
                    Self.told("event_received", #""/tenants/7","ID",["join","lobby"]"#),
                    Self.told("room_joined", #""/tenants/7","lobby","ID""#),
                ]
            )
            XCTAssertTrue(told.contains { $0.contains("\"nsp\":\"/tenants/7\"") })
        }
    }

    func testAdminsAreToldOfEachOtherAndNotOfWhatAdminsAreTold() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let first = try await server.browser().admin()
            let (second, id) = try await server.browser().client(of: "/admin")
            let told = first.take().map { $0.replacing(id, with: "ID") }
            XCTAssertEqual(told.count, 2, "\(told)")
            XCTAssertEqual(
                told.first,
                Self.told("room_joined", #""/admin","ID","ID""#)
            )
            XCTAssertTrue(told.last?.contains("\"nsp\":\"/admin\"") == true)
            await second.say("42/admin,[\"nothing\",1]")
            XCTAssertEqual(first.take(), [])
            await second.say("41/admin,")
            XCTAssertEqual(first.events("socket_disconnected").count, 1)
        }
    }

    func testTheListOfAllSocketsHasAnEnd() async throws {
        let io = Self.makeServer { $0.maxListedSockets = 2 }
        try await withTestServer(App(), io) { server in
            for _ in 0..<3 { _ = try await server.browser().client() }
            let wire = try await server.browser().webSocket()
            await wire.say("40/admin,")
            let list = wire.events("all_sockets").first ?? ""
            XCTAssertEqual(list.components(separatedBy: "\"clientId\"").count - 1, 2)
        }
    }
}
