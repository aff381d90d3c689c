public import ActorIO

/// A server in the process of its test.
public final class TestServer: Sendable {
    let door: ServerDoor
    /// The server itself.
    public let server: Server
    private let path: String
    private let parser: (any CustomParser)?

    init(_ server: Server, _ io: SocketIO?, door: ServerDoor) {
        self.server = server
        self.door = door
        path = io?.core.mountPath ?? "/socket.io"
        parser = io?.core.parser
    }

    /// A browser without cookies.
    public func browser() -> Browser { Browser(door, path: path, parser: parser) }

    /// Runs something on the server's own time, with its clock cranked until it returns.
    public func run<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await door.driver.run("an operation of the test", body)
    }
}
