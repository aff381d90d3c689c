import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What one handler sends to everybody and to its own client arrives as it was written.
final class BroadcastOrderTests: XCTestCase {
    private static func server() -> SocketIO {
        SocketIO(options: quiet) { root in
            root.on("go") { (socket, number: Int) in
                try await socket.namespace.emit("n", number)
                try socket.emit("n", number + 1)
                try await socket.namespace.emit("n", number + 2)
            }
        }
    }

    private static func run(_ server: TestServer) async throws {
        for transport in [Browser.Transport.webSocket, .polling] {
            let tab = try await server.browser().connect(transport: transport)
            for round in 0..<30 { _ = try await tab.ask("go", round * 3) }
            for number in 0..<90 {
                let got = try await tab.next("n").decode(0, as: Int.self)
                guard got == number else { return XCTFail("\(got) instead of \(number)") }
            }
            await tab.close()
        }
    }

    func testAnEmitToAllComesBeforeALaterEmitToTheSocket() async throws {
        try await withTestServer(App(), Self.server()) { try await Self.run($0) }
    }

    func testTheSameOnARealPortWhereTheRegistrySharesTheLoop() async throws {
        var options = Server.Options()
        options.loops = 1
        try await withServer(App(), Self.server(), options: options) { try await Self.run($0) }
    }

    func testTheSameOnARealPortWithSeveralLoops() async throws {
        var options = Server.Options()
        options.loops = 3
        try await withServer(App(), Self.server(), options: options) { server in
            for _ in 0..<4 { try await Self.run(server) }
        }
    }
}
