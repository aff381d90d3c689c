import ActorIOTesting
import XCTest

@testable import ActorIO

/// The end of a server with requests and sockets open.
final class ShutdownTests: XCTestCase {
    private func app(_ gate: Gate, _ log: Recorder<String> = Recorder()) -> App {
        var app = App()
        app.log = .disabled
        app.get("/gate") { _ in
            log.add("begun")
            await gate.pass()
            log.add(Task.isCancelled ? "cancelled" : "ended")
            return .text("late, but here")
        }
        app.get("/") { _ in .text("short") }
        return app
    }

    func testShutdownLetsAnOpenRequestEnd() async throws {
        let (gate, log) = (Gate(), Recorder<String>())
        let server = Server(
            app(gate, log),
            port: 0,
            host: "127.0.0.1",
            options: ServerTests.options(loops: 2)
        )
        let run = Task { try await server.run() }
        let address = try await server.firstAddress(or: run)
        let socket = try RawSocket(address)
        try socket.send(get("/gate"))
        await eventually("the handler") { log.count == 1 }
        let stopped = Task { await server.shutdown(within: .seconds(60)) }
        // From here on nobody else gets in.
        await eventually("a closed door") { (try? Self.ask(address)) == nil }
        gate.open()
        let text = try socket.readToEnd()
        XCTAssertTrue(text.hasSuffix("late, but here"), text)
        XCTAssertTrue(text.contains("Connection: close"), text)
        socket.close()
        await stopped.value
        try await run.value
        XCTAssertEqual(log.all, ["begun", "ended"])
    }

    func testASignalEndsTheRun() async throws {
        let server = Server(App(), port: 0, host: "127.0.0.1", options: ServerTests.options())
        let run = Task { try await server.run(until: .signals(.terminate)) }
        _ = try await server.address
        kill(getpid(), SIGTERM)
        try await run.value
    }

    func testShutdownCutsARequestThatIsStuck() async throws {
        let (gate, log) = (Gate(), Recorder<String>())
        let server = Server(
            app(gate, log),
            port: 0,
            host: "127.0.0.1",
            options: ServerTests.options()
        )
        let run = Task { try await server.run() }
        let socket = try RawSocket(try await server.firstAddress(or: run))
        try socket.send(get("/gate"))
        await eventually("the handler") { log.count == 1 }
        let start = ContinuousClock.now
        await server.shutdown(within: .milliseconds(50))
        XCTAssertLessThan(ContinuousClock.now - start, .seconds(5))
        XCTAssertEqual(try? socket.readToEnd(), "")
        try await run.value
        // The handler's loop is gone; it ends all the same, and knows that nobody waits for it.
        gate.open()
        await eventually("the end of the handler") { log.all == ["begun", "cancelled"] }
    }

    func testIdleConnectionsDoNotHoldAShutdownUp() async throws {
        let gate = Gate()
        let server = Server(app(gate), port: 0, host: "127.0.0.1", options: ServerTests.options())
        let run = Task { try await server.run() }
        let address = try await server.firstAddress(or: run)
        let sockets = try (0..<20).map { _ in try RawSocket(address) }
        for socket in sockets.prefix(10) {
            try socket.send(get("/"))
            _ = try socket.read(until: "short")
        }
        // Half a request is none yet, on a connection that is new and on one that was used.
        for socket in sockets[5..<15] { try socket.send("GET / HTTP/1.1\r\nHost:") }
        let start = ContinuousClock.now
        await server.shutdown(within: .seconds(60))
        XCTAssertLessThan(ContinuousClock.now - start, .seconds(5))
        for socket in sockets { XCTAssertEqual(try? socket.readToEnd(), "") }
        try await run.value
    }

    private static func ask(_ address: SocketAddress) throws -> String {
        let socket = try RawSocket(address)
        try socket.send(get("/", "Connection: close"))
        let text = try socket.readToEnd()
        guard text.contains("short") else { throw RawSocket.TimedOut() }
        return text
    }

    func testTheSameAppSocketsAndSessionsServeOneServerAfterTheOther() async throws {
        let (app, io, store) = makePassportExample()
        var before = 0
        var cookie: String?
        for round in 0..<3 {
            let known = cookie
            cookie = try await withServer(app, io, options: ServerTests.options()) { server in
                let browser = server.browser()
                if let known { browser.setCookie("connect.sid", known) }
                // The login of the first run is still good in the next ones.
                if round == 0 { try await browser.logIn() }
                for transport in Browser.Transport.allCases {
                    let tab = try await browser.connect(transport: transport)
                    let name = try await tab.call(Chat.whoami)
                    XCTAssertEqual(name, "john")
                }
                let count = await io.in(.user(1)).count
                XCTAssertEqual(count, 3, "round \(round)")
                return browser.cookies["connect.sid"]
            }
            let clients = await io.clientCount
            XCTAssertEqual(clients, 0, "round \(round)")
            await eventually("an empty registry") { await io.core.registry.isEmpty }
            // What outlives servers, such as the fallback loop, is there after the first.
            if round == 0 { before = openDescriptors() }
        }
        await eventually("descriptors to close") { openDescriptors() <= before }
        _ = store
    }

    func testAShutdownTellsSocketsOnEveryTransport() async throws {
        let (app, io, _) = makePassportExample()
        let options = ServerTests.options(loops: 2)
        let tabs = try await withServer(app, io, options: options) { server in
            let browser = server.browser()
            try await browser.logIn()
            var tabs: [TestSocket] = []
            for transport in Browser.Transport.allCases {
                tabs.append(try await browser.connect(transport: transport))
            }
            await server.server.shutdown(within: .seconds(2))
            for tab in tabs {
                let reason = await tab.disconnected
                XCTAssertNotNil(reason)
            }
            return tabs
        }
        XCTAssertEqual(tabs.count, 3)
    }
}
