import ActorIOTesting
import XCTest

@testable import ActorIO

/// Several loops: requests of a polling client arrive on any of them.
final class LoopsTests: XCTestCase {
    private enum Room {
        static let text = Event<String>("text")
        static let echo = Call<Int, Int>("echo")
    }

    func testFiftyPollingClientsOverThreeLoopsLoseAndReorderNothing() async throws {
        let loops = Recorder<ObjectIdentifier>()
        let io = SocketIO(options: quiet) { root in
            root.onConnection { socket in loops.add(ObjectIdentifier(socket.loop)) }
            root.on(Room.echo) { socket, number in
                for step in 0..<5 { try socket.emit(Room.text, "\(number).\(step)") }
                return number
            }
        }
        try await withServer(App(), io, options: ServerTests.options(loops: 3)) { server in
            try await withThrowingDiscardingTaskGroup { group in
                for client in 0..<50 {
                    group.addTask { try await Self.play(client, server.browser()) }
                }
            }
        }
        XCTAssertEqual(loops.count, 50)
        XCTAssertEqual(Set(loops.all).count, 3)
        let clients = await io.clientCount
        XCTAssertEqual(clients, 0)
    }

    private static func play(_ client: Int, _ browser: Browser) async throws {
        let transport: Browser.Transport = client % 5 == 0 ? .upgrade : .polling
        let tab = try await browser.connect(transport: transport)
        for round in 0..<4 {
            let number = client * 100 + round
            let answer = try await tab.call(Room.echo, number)
            XCTAssertEqual(answer, number)
            for step in 0..<5 {
                let text = try await tab.next(Room.text)
                XCTAssertEqual(text, "\(number).\(step)")
            }
        }
        await tab.close()
    }

    func testABroadcastReachesTheSocketsOfEveryLoop() async throws {
        let io = SocketIO(options: quiet) { root in
            root.on(Event<String>("all")) { socket, text in
                try await socket.namespace.emit(Room.text, text)
            }
        }
        try await withServer(App(), io, options: ServerTests.options(loops: 3)) { server in
            var tabs: [TestSocket] = []
            for number in 0..<12 {
                let transport: Browser.Transport = number % 2 == 0 ? .webSocket : .polling
                tabs.append(try await server.browser().connect(transport: transport))
            }
            for number in 0..<10 { try await tabs[number].emit("all", "\(number)") }
            for tab in tabs {
                var texts: Set<String> = []
                for _ in 0..<10 { texts.insert(try await tab.next(Room.text)) }
                XCTAssertEqual(texts, Set((0..<10).map { "\($0)" }))
            }
        }
    }
}
