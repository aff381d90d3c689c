/// Runs a server for the length of a closure: bound when it begins, stopped when it ends.
///
/// ```swift
/// try await withServer(app, io) { server in
///     print(try await server.address)
/// }
/// ```
public func withServer<Result: Sendable>(
    _ app: App = App(),
    _ io: SocketIO? = nil,
    port: Int = 0,
    host: String? = "127.0.0.1",
    options: Server.Options = Server.Options(),
    _ body: @Sendable (Server) async throws -> Result
) async throws -> Result {
    let server = Server(app, io, port: port, host: host, options: options)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        let outcome: Swift.Result<Result, any Error>
        do {
            _ = try await server.address
            outcome = .success(try await body(server))
        } catch {
            outcome = .failure(error)
        }
        await server.shutdown()
        try await group.waitForAll()
        return try outcome.get()
    }
}
