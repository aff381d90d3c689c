import ActorIOTesting
import XCTest

@testable import ActorIO

/// A server on a real port: its start, its address, its end.
final class ServerTests: XCTestCase {
    private static func makeApp() -> App {
        var app = App()
        app.log = .disabled
        app.get("/") { request in .text("hello \(request.remoteAddress)") }
        return app
    }

    static func options(loops: Int = 1) -> Server.Options {
        var options = Server.Options()
        options.loops = loops
        options.log = .disabled
        options.shutdownTimeout = .seconds(5)
        return options
    }

    func testAServerAnswersOnThePortTheSystemChose() async throws {
        try await ActorIO.withServer(Self.makeApp(), options: Self.options(loops: 2)) { server in
            let address = try await server.address
            XCTAssertGreaterThan(address.port, 0)
            XCTAssertEqual(address.host, "127.0.0.1")
            XCTAssertTrue(try ask(address).hasSuffix("\r\n\r\nhello 127.0.0.1"))
        }
    }

    func testAServerWithoutAHostListensOnBothFamilies() async throws {
        try await ActorIO.withServer(Self.makeApp(), host: nil, options: Self.options()) { server in
            let port = try await server.address.port
            let text = try ask(.ipv4("127.0.0.1", port: port))
            XCTAssertTrue(text.hasSuffix("hello 127.0.0.1"), text)
            guard case .ipv6 = try await server.address else { return }
            XCTAssertTrue(try ask(.ipv6("::1", port: port)).hasSuffix("hello ::1"))
        }
    }

    func testAServerListensOnSeveralAddressesAndAUnixSocketIsSharedByItsLoops() async throws {
        let path = "/tmp/actorio-\(Token.text(bytes: 9))"
        var app = App()
        let loops = Recorder<ObjectIdentifier>()
        app.get("/") { request in
            request.loop.map { loops.add(ObjectIdentifier($0)) }
            return .text("hello \(request.remoteAddress)")
        }
        let server = Server(
            app,
            on: [.ipv4("127.0.0.1", port: 0), .unix(path)],
            options: Self.options(loops: 3)
        )
        try await running(server) {
            let text = try ask(try await server.address)
            XCTAssertTrue(text.hasSuffix("hello 127.0.0.1"), text)
            for _ in 0..<9 { XCTAssertTrue(try ask(.unix(path)).hasSuffix("hello unix")) }
        }
        XCTAssertEqual(Set(loops.all).count, 3)
        XCTAssertThrowsError(try ask(.unix(path)))
    }

    func testAPortInUseThrows() async throws {
        for loops in [1, 2] {
            let options = Self.options(loops: loops)
            try await ActorIO.withServer(Self.makeApp(), options: options) { server in
                let address = try await server.address
                let second = Server(Self.makeApp(), on: [address], options: options)
                await assertThrows("loops: \(loops)") { try await second.run() }
                let third = Server(Self.makeApp(), port: address.port, options: options)
                await assertThrows("both families") { try await third.run() }
                XCTAssertTrue(try ask(address).contains("hello"))
            }
        }
    }

    func testAUnixSocketInUseThrowsAndIsLeftAlone() async throws {
        let path = "/tmp/actorio-\(Token.text(bytes: 9))"
        let server = Server(Self.makeApp(), on: [.unix(path)], options: Self.options())
        try await running(server) {
            let second = Server(Self.makeApp(), on: [.unix(path)], options: Self.options())
            await assertThrows("a second server") { try await second.run() }
            XCTAssertTrue(try ask(.unix(path)).hasSuffix("hello unix"))
        }
    }

    func testARunThatFailsLeavesNoAddressTaken() async throws {
        let taken = try SystemCalls.listen(.ipv4("127.0.0.1", port: 0), backlog: 1, shared: false)
        defer { SystemCalls.closeDescriptor(taken) }
        let free = try SystemCalls.listen(.ipv4("127.0.0.1", port: 0), backlog: 1, shared: false)
        let addresses = [free, taken].compactMap { SystemCalls.localAddress($0) }
        SystemCalls.closeDescriptor(free)
        let before = openDescriptors()
        let server = Server(Self.makeApp(), on: addresses, options: Self.options(loops: 2))
        await assertThrows("the second address") { try await server.run() }
        await assertThrows("the address") { _ = try await server.address }
        let again = try SystemCalls.listen(addresses[0], backlog: 1, shared: false)
        SystemCalls.closeDescriptor(again)
        await eventually("descriptors to close") { openDescriptors() <= before }
    }

    func testASecondRunOfARunningServerThrowsAndTheFirstGoesOn() async throws {
        try await ActorIO.withServer(Self.makeApp(), options: Self.options()) { server in
            await assertThrows("a second run") { try await server.run() }
            let text = try ask(try await server.address)
            XCTAssertTrue(text.contains("hello"), text)
        }
    }

    func testTheAddressOfAStoppedServerThrows() async throws {
        let server = Server(Self.makeApp(), port: 0, host: "127.0.0.1", options: Self.options())
        try await running(server) { _ = try await server.address }
        await assertThrows("the address") { _ = try await server.address }
    }

    func testTheSameServerRunsAgain() async throws {
        let server = Server(Self.makeApp(), port: 0, host: "127.0.0.1", options: Self.options())
        for _ in 0..<3 {
            let ended = Recorder<Bool>()
            let run = Task {
                defer { ended.add(true) }
                try await server.run()
            }
            await eventually("an answer") {
                guard let address = try? await server.address else { return false }
                return (try? ask(address).contains("hello")) == true
            }
            await server.shutdown()
            try await run.value
            XCTAssertEqual(ended.count, 1)
        }
    }

    func testAShutdownThatComesBeforeTheRunEndsItAtOnce() async throws {
        let server = Server(Self.makeApp(), port: 0, host: "127.0.0.1", options: Self.options())
        server.beginShutdown()
        try await server.run()
        try await running(server) {
            let text = try ask(try await server.address)
            XCTAssertTrue(text.contains("hello"), text)
        }
    }

    func testBeginShutdownMayComeRepeatedlyAndAfterTheEnd() async throws {
        let server = Server(Self.makeApp(), port: 0, host: "127.0.0.1", options: Self.options())
        try await running(server) {
            let text = try ask(try await server.address)
            XCTAssertTrue(text.contains("hello"), text)
            server.beginShutdown()
            server.beginShutdown()
        }
        server.beginShutdown()
        await server.shutdown(within: .zero)
    }

    func testCancellingTheTaskStopsTheServer() async throws {
        let server = Server(Self.makeApp(), port: 0, host: "127.0.0.1", options: Self.options())
        let run = Task { try await server.run() }
        let address = try await server.address
        XCTAssertTrue(try ask(address).contains("hello"))
        run.cancel()
        try await run.value
        XCTAssertThrowsError(try ask(address))
    }

    func testATaskThatIsCancelledBeforeItRunsStopsToo() async throws {
        let server = Server(Self.makeApp(), port: 0, host: "127.0.0.1", options: Self.options())
        let run = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            try await server.run()
        }
        try await run.value
    }

    func testConnectionsBeyondTheLimitWaitInTheKernel() async throws {
        var options = Self.options()
        options.maxConnections = 3
        try await ActorIO.withServer(Self.makeApp(), options: options) { server in
            let address = try await server.address
            let open = try (0..<6).map { _ in try RawSocket(address) }
            await eventually("three") { await server.connectionCount == 3 }
            // Two rests of a listener later there are still as many.
            for _ in 0..<2 {
                await withCheckedContinuation { continuation in
                    Dial.after(.milliseconds(150)) { continuation.resume() }
                }
                let count = await server.connectionCount
                XCTAssertEqual(count, 3)
            }
            open[0].close()
            open[1].close()
            open[2].close()
            try open[5].send(get("/", "Connection: close"))
            XCTAssertTrue(try open[5].readToEnd().contains("hello"))
        }
    }
}

/// Runs a server for the length of `body`.
func running(
    _ server: Server,
    _ body: @Sendable () async throws -> Void
) async throws {
    let run = Task { try await server.run() }
    _ = try await server.firstAddress(or: run)
    do {
        try await body()
    } catch {
        await server.shutdown()
        throw error
    }
    await server.shutdown()
    try await run.value
}

/// Sends a GET on a connection of its own and returns all that comes back.
func ask(_ address: SocketAddress, _ path: String = "/") throws -> String {
    let socket = try RawSocket(address)
    try socket.send(get(path, "Connection: close"))
    return try socket.readToEnd()
}

func assertThrows(
    _ what: String,
    file: StaticString = #filePath,
    line: UInt = #line,
    _ body: () async throws -> Void
) async {
    do {
        try await body()
        XCTFail("\(what): nothing was thrown", file: file, line: line)
    } catch {}
}

extension Server {
    /// The address of a run that has just been started, and may not have begun.
    func firstAddress(or run: Task<Void, any Error>) async throws -> SocketAddress {
        var address: SocketAddress?
        await eventually("the start") {
            address = try? await self.address
            return address != nil
        }
        return try XCTUnwrap(address)
    }
}
