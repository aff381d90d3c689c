import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What an admin is shown at the beginning and every two seconds has a size.
final class AdminLimitsTests: XCTestCase {
    private struct Large: Codable, Sendable {
        var text: String
    }

    private static func makeServer(
        outgoingBytes: Int = 1_000_000,
        _ change: (inout AdminOptions) -> Void = { _ in }
    ) -> SocketIO {
        var options = adminOptions(change)
        options.engine.outgoingBytes = outgoingBytes
        return SocketIO(options: options) { root in
            root.on("large") { (socket, count: Int) in
                socket[Large.self] = Large(text: String(repeating: "x", count: count))
            }
            root.on("rooms") { (socket, count: Int) in
                let name = String(repeating: "r", count: 200)
                for number in 0..<count { await socket.join(Room("\(100 + number) \(name)")) }
            }
            root.namespaces(matching: "/tenants/:id") { _ in }
        }
    }

    private struct Listed: Decodable {
        struct Handshake: Decodable {
            var headers: [String: String]
            var url: String
        }
        var nsp: String
        var data: [String: Large]
        var rooms: [String]
        var handshake: Handshake
    }

    private static func list(_ server: TestServer) async throws -> (bytes: Int, all: [Listed]) {
        let admin = try await server.browser().webSocket()
        await admin.say("40/admin,")
        let text = admin.events("all_sockets").first ?? ""
        await admin.close()
        return (text.utf8.count, try decodeJSON([Listed].self, Array(text.utf8)))
    }

    func testTheListOfAllSocketsIsCutAtAWholeSocket() async throws {
        let io = Self.makeServer(outgoingBytes: 20_000)
        try await withTestServer(App(), io) { server in
            for _ in 0..<60 { _ = try await server.browser().client() }
            let (bytes, all) = try await Self.list(server)
            XCTAssertLessThanOrEqual(bytes, 10_000)
            XCTAssertGreaterThan(bytes, 9_000)
            XCTAssertGreaterThan(all.count, 10)
        }
    }

    func testOneSocketDoesNotFillTheList() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let long = String(repeating: "a", count: 3_000)
            let (small, _) = try await server.browser().client()
            await small.say("42[\"large\",20000]")
            let client = try await server.browser().webSocket(
                "EIO=4&transport=websocket&\(long)=1&b=\(long)&" + "x=1&".repeated(50),
                headers: ["User-Agent": long]
            )
            await client.say("40")
            await client.say("42[\"large\",40000]", "42[\"rooms\",100]")
            let all = try await Self.list(server).all.filter { $0.nsp == "/" }
            XCTAssertEqual(all.map { $0.data.isEmpty }.sorted { !$0 && $1 }, [false, true])
            let large = try XCTUnwrap(all.first { $0.data.isEmpty })
            XCTAssertEqual(large.rooms.count, 41, "its own, and as many as have 8 KB")
            XCTAssertEqual(large.rooms.last?.hasPrefix("139 "), true)
            XCTAssertEqual(large.handshake.headers["user-agent"]?.utf8.count, 515)
            XCTAssertLessThan(large.handshake.url.utf8.count, 300)
        }
    }

    private static func spaces(_ server: TestServer) async throws -> [String] {
        let admin = try await server.browser().webSocket()
        await admin.say("40/admin,")
        let text = admin.events("server_stats").first ?? ""
        await admin.close()
        struct Stats: Decodable {
            struct Space: Decodable {
                var name: String
                var socketsCount: Int
            }
            var namespaces: [Space]
        }
        let stats = try decodeJSON(Stats.self, Array(text.utf8))
        return stats.namespaces.map { "\($0.name) \($0.socketsCount)" }
    }

    func testTheLargestNamespacesAreListedByName() async throws {
        let io = Self.makeServer { $0.maxListedNamespaces = 3 }
        try await withTestServer(App(), io) { server in
            for (name, count) in [("a", 1), ("b", 3), ("c", 1), ("d", 4)] {
                for _ in 0..<count {
                    _ = try await server.browser().client(of: "/tenants/\(name)")
                }
            }
            let spaces = try await Self.spaces(server)
            XCTAssertEqual(spaces, ["/admin 1", "/tenants/b 3", "/tenants/d 4"])
        }
    }

    func testLongNamesOfNamespacesDoNotFillTheFigures() async throws {
        let io = Self.makeServer(outgoingBytes: 40_000)
        try await withTestServer(App(), io) { server in
            let long = String(repeating: "x", count: 200)
            for number in 0..<9 {
                for _ in 0..<2 {
                    _ = try await server.browser().client(of: "/tenants/\(number)\(long)")
                }
            }
            let spaces = try await Self.spaces(server)
            XCTAssertEqual(spaces.count, 3)
        }
    }
}

extension String {
    fileprivate func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
