public import ActorIO

/// Runs a server on virtual time with clients in memory: real bytes, no port, no waiting.
///
/// ```swift
/// try await withTestServer(app, io) { server in
///     let tab = try await server.browser().connect()
/// }
/// ```
public func withTestServer<Result: Sendable>(
    _ app: App = App(),
    _ io: SocketIO? = nil,
    clock: ManualClock = ManualClock(),
    options: Server.Options = Server.Options(),
    _ body: @Sendable (TestServer) async throws -> Result
) async throws -> Result {
    let server = Server(app, io, port: 0, options: options)
    let driver = clock.driver
    let reasons = Reasons()
    io?.core.watchDisconnects { reasons.record($0, $1) }
    let door = ServerDoor(
        driver: driver,
        host: "test.example",
        connect: { loop in
            let pair = MemoryStream.pair(on: loop)
            server.accept(LoopBound(pair.server, on: loop))
            return LoopBound(pair.client, on: loop)
        },
        reasons: reasons
    )
    try await driver.run("the start of the server") {
        try await server.start(on: EventLoopGroup([driver.loop]), listens: false)
    }
    let outcome = await Outcomes.of { try await body(TestServer(server, io, door: door)) }
    await end(server, driver)
    io?.core.watchDisconnects(nil)
    for lane in server.lanes { lane.release(from: driver.loop) }
    return try outcome.get()
}

/// Open sockets are told and cut; what a test leaves behind must not live on.
///
/// Time passes only when the end has begun, or it would pass for clients that are still served.
private func end(_ server: Server, _ driver: Driver) async {
    var stop: Task<Void, Never>?
    await withCheckedContinuation { begun in
        stop = Task {
            try? await driver.run("the end of the server") {
                begun.resume()
                await server.stop()
            }
        }
    }
    await driver.advance(by: .seconds(60))
    await stop?.value
}

/// Runs the same on a real port, in real time.
public func withServer<Result: Sendable>(
    _ app: App = App(),
    _ io: SocketIO? = nil,
    options: Server.Options = Server.Options(),
    _ body: @Sendable (TestServer) async throws -> Result
) async throws -> Result {
    let reasons = Reasons()
    io?.core.watchDisconnects { reasons.record($0, $1) }
    defer { io?.core.watchDisconnects(nil) }
    let loop = Dial.makeLoop()
    let outcome = await Outcomes.of {
        try await ActorIO.withServer(app, io, options: options) { server in
            let address = try await server.address
            let door = ServerDoor(
                driver: Driver(real: loop),
                host: "\(address)",
                connect: { LoopBound(try Dial.open(address), on: $0) },
                reasons: reasons
            )
            return try await body(TestServer(server, io, door: door))
        }
    }
    await Dial.end(loop)
    return try outcome.get()
}

/// A result of what may throw, so that the end is tidy either way.
private enum Outcomes {
    static func of<Value: Sendable>(
        _ body: () async throws -> Value
    ) async -> Result<Value, any Error> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
