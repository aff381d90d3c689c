import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Recovery on a real port, where the registry and a socket may be on different loops.
final class RecoveryLoopsTests: XCTestCase {
    private static func server() -> SocketIO {
        SocketIO(options: keeping()) { root in
            root.on("go") { (socket, number: Int) in
                try await socket.namespace.emit("n", number)
                try socket.emit("n", number + 1)
                try await socket.namespace.emit("n", number + 2)
                try socket.emit("n", number + 3)
                return number + 4
            }
            root.on("burst") { (socket, count: Int) in
                for number in 0..<count { try socket.emit("n", number) }
                try socket.volatile.emit("n", count)
                return count
            }
        }
    }

    private static func options(_ loops: Int) -> Server.Options {
        var options = Server.Options()
        options.loops = loops
        return options
    }

    func testEventsOfASocketAndOfItsRoomsComeInTheirOrder() async throws {
        for loops in [1, 3] {
            let io = Self.server()
            try await withServer(App(), io, options: Self.options(loops)) { server in
                for _ in 0..<4 {
                    let tab = try await server.browser().connect()
                    for round in 0..<20 { _ = try await tab.ask("go", round * 4) }
                    for number in 0..<80 {
                        let got = try await tab.next("n").decode(0, as: Int.self)
                        guard got == number else {
                            return XCTFail("\(got) instead of \(number)")
                        }
                    }
                    await tab.close()
                }
            }
        }
    }

    func testAnAnswerStaysBehindTheEventsBeforeIt() async throws {
        for loops in [1, 3] {
            let io = Self.server()
            try await withServer(App(), io, options: Self.options(loops)) { server in
                for _ in 0..<6 {
                    let tab = try await server.browser().connect()
                    // Numbers come late: whatever does not wait for them is here first.
                    Self.occupy(io.core.registry.lane, for: .milliseconds(20))
                    let count: Int = try await tab.call("burst", 30)
                    XCTAssertEqual(count, 30)
                    let pending = await tab.pending
                    XCTAssertEqual(pending.count, 31)
                    for number in 0...30 {
                        let got = try await tab.next("n").decode(0, as: Int.self)
                        XCTAssertEqual(got, number)
                    }
                    await tab.close()
                }
            }
        }
    }

    func testTheNumbersThatAClientGetsGrowWhoeverSends() async throws {
        let io = Self.server()
        try await withServer(App(), io, options: Self.options(3)) { server in
            let browser = server.browser()
            var tabs: [TestSocket] = []
            for _ in 0..<6 { tabs.append(try await browser.connect()) }
            for _ in 0..<10 {
                Self.occupy(io.core.registry.lane, for: .milliseconds(5))
                async let all: Void = {
                    for number in 0..<20 { try await io.emit("n", number) }
                }()
                for tab in tabs { try await tab.emit("burst", 20) }
                try await all
            }
            for tab in tabs {
                let _: Int = try await tab.call("burst", 0)
                var numbers: [String] = []
                while await tab.pending.contains("n") {
                    let offset: String? = try await tab.next("n").decode(1)
                    if let offset { numbers.append(offset) }
                }
                XCTAssertEqual(numbers.count, 400)
                let sorted = numbers.sorted { ($0.count, $0) < ($1.count, $1) }
                XCTAssertEqual(numbers, sorted)
                XCTAssertEqual(Set(numbers).count, numbers.count)
            }
        }
    }

    /// Keeps a lane busy.
    private static func occupy(_ lane: Lane, for duration: Duration) {
        lane.run {
            let end = ContinuousClock.now + duration
            while ContinuousClock.now < end {}
        }
    }

    func testWhatIsSentByWhoSeesAnEventStopsNothing() async throws {
        for loops in [1, 3] {
            let io = SocketIO(options: keeping()) { root in
                root.onAnyOutgoing { socket, event in
                    guard event.name == "n" || event.name == "v" else { return }
                    try? socket.volatile.emit("seen", event.name)
                }
                root.on("go") { socket in
                    try socket.emit("n")
                    try socket.volatile.emit("v")
                    return 1
                }
            }
            try await withServer(App(), io, options: Self.options(loops)) { server in
                for _ in 0..<6 {
                    let tab = try await server.browser().connect()
                    for _ in 0..<20 {
                        let answer: Int = try await tab.call("go")
                        XCTAssertEqual(answer, 1)
                    }
                    await tab.close()
                }
            }
        }
    }

    func testNothingIsLostOrDoubledWhileManyComeAndGo() async throws {
        let io = Self.server()
        try await withServer(App(), io, options: Self.options(3)) { server in
            let done = Notes()
            async let sent: Void = {
                for number in 0..<600 {
                    try await io.emit("n", number)
                    if number % 10 == 0 { _ = try await server.browser().get("/") }
                }
                done.add("sent")
            }()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 { group.addTask { try await Self.follow(server, done) } }
                try await group.waitForAll()
            }
            try await sent
        }
    }

    /// Loses its connection again and again; what it heard has no hole and no double.
    private static func follow(_ server: TestServer, _ done: Notes) async throws {
        let browser = server.browser()
        var tab = try await browser.connect()
        var heard: [Int] = []
        var recovered = 0
        while true {
            let isLast = done.count > 0
            await tab.reset()
            _ = await tab.disconnected
            while await tab.pending.contains("n") {
                heard.append(try await tab.next("n").decode(0))
            }
            if isLast { break }
            let again = try await browser.reconnect(tab)
            // The server may not have noticed yet: then it is another socket, and begins anew.
            if again.isRecovered { recovered += 1 } else { heard = [] }
            tab = again
        }
        for (left, right) in zip(heard, heard.dropFirst()) where right != left + 1 {
            return XCTFail("\(right) after \(left)")
        }
        XCTAssertGreaterThan(recovered, 0)
    }
}
