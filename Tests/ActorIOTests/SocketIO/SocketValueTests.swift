import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What an application keeps on its sockets, and what others see of it.
final class SocketValueTests: XCTestCase {
    private struct Place: Sendable, Equatable { var x: Int }

    private static func server() -> SocketIO {
        func fill(_ plan: inout Namespace) {
            plan.on("set") { (socket, x: Int) in socket[Place.self] = Place(x: x) }
            plan.on("clear") { socket in socket[Place.self] = nil }
            plan.on("get") { socket in [socket[Place.self]?.x] }
            plan.on("name") { (socket, name: String) in socket[String.self] = name }
        }
        return SocketIO(options: quiet) { root in
            fill(&root)
            root.namespace("/other") { other in fill(&other) }
        }
    }

    func testASocketKeepsOneValueOfEachTypeInEachNamespace() async throws {
        try await withTestServer(App(), Self.server()) { server in
            let tab = try await server.browser().connect()
            let other = try await tab.join("/other")
            for x in 1...2 { _ = try await tab.ask("set", x) }
            _ = try await tab.ask("name", "one")
            let here: [Int?] = try await tab.call("get")
            let there: [Int?] = try await other.call("get")
            XCTAssertEqual(here, [2])
            XCTAssertEqual(there, [nil])
            _ = try await tab.ask("clear")
            let cleared: [Int?] = try await tab.call("get")
            XCTAssertEqual(cleared, [nil])
        }
    }

    func testAFetchedSocketHasTheValuesAsTheyWereWhenItWasFetched() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let (one, two) = (
                try await server.browser().connect(), try await server.browser().connect()
            )
            _ = try await one.ask("set", 1)
            _ = try await two.ask("set", 2)
            _ = try await two.ask("name", "two")
            let found = try await server.run { try await io.fetchSockets() }
            _ = try await one.ask("set", 9)
            let first = try XCTUnwrap(found.first { $0.id.description == one.id })
            let second = try XCTUnwrap(found.first { $0.id.description == two.id })
            XCTAssertEqual(first[Place.self], Place(x: 1))
            XCTAssertNil(first[String.self])
            XCTAssertEqual(second[Place.self], Place(x: 2))
            XCTAssertEqual(second[String.self], "two")
        }
    }

    func testValuesAreFetchedFromTheSocketsOfEveryLoop() async throws {
        let io = Self.server()
        var options = Server.Options()
        options.loops = 3
        try await withServer(App(), io, options: options) { server in
            var tabs: [TestSocket] = []
            for x in 0..<9 {
                let tab = try await server.browser().connect()
                _ = try await tab.ask("set", x)
                tabs.append(tab)
            }
            let found = try await io.fetchSockets()
            XCTAssertEqual(found.compactMap { $0[Place.self]?.x }.sorted(), Array(0..<9))
            for (x, tab) in tabs.enumerated() {
                let socket = found.first { $0.id.description == tab.id }
                XCTAssertEqual(socket?[Place.self], Place(x: x))
                await tab.close()
            }
        }
    }
}
