public import ActorIO

extension Browser {
    /// Opens a connection and joins a namespace.
    ///
    /// Throws ``HandshakeRefused`` when the server answers the handshake with a refusal, and
    /// ``ConnectRefused`` when the namespace does.
    public func connect(
        _ namespace: String = "/",
        transport: Transport = .webSocket
    ) async throws -> TestSocket {
        try await connect(namespace, transport: transport, json: nil)
    }

    /// Opens a connection and joins a namespace with an auth payload.
    public func connect(
        _ namespace: String = "/",
        transport: Transport = .webSocket,
        auth: some Encodable
    ) async throws -> TestSocket {
        try await connect(namespace, transport: transport, json: encodeJSON(auth))
    }

    /// Opens a connection and joins a namespace with a token, as `auth: { token }` does in a page.
    public func connect(
        _ namespace: String = "/",
        transport: Transport = .webSocket,
        token: String
    ) async throws -> TestSocket {
        try await connect(namespace, transport: transport, auth: ["token": token])
    }

    private func connect(
        _ namespace: String,
        transport: Transport,
        json: [UInt8]?
    ) async throws -> TestSocket {
        let connection = try await open(transport)
        return try await connection.join(namespace, json: json)
    }

    /// Opens a connection that joins no namespace yet.
    public func open(_ transport: Transport = .webSocket) async throws -> TestConnection {
        let client = EngineClient(self)
        return try await door.driver.run("the handshake by \(transport)") {
            try await client.open(transport)
            return TestConnection(client)
        }
    }
}

/// A connection of Engine.IO, with or without namespaces on it.
public struct TestConnection: Sendable {
    let client: EngineClient

    init(_ client: EngineClient) {
        self.client = client
    }

    /// Joins a namespace on this connection.
    public func join(_ namespace: String = "/") async throws -> TestSocket {
        try await join(namespace, json: nil)
    }

    /// Joins a namespace on this connection with an auth payload.
    public func join(_ namespace: String = "/", auth: some Encodable) async throws -> TestSocket {
        try await join(namespace, json: encodeJSON(auth))
    }

    /// Joins a namespace on this connection with a token.
    public func join(_ namespace: String = "/", token: String) async throws -> TestSocket {
        try await join(namespace, auth: ["token": token])
    }

    /// The secret id of the connection.
    public var sid: String { get async { await client.sid } }

    /// Whether the connection is open, as the client sees it.
    public var isOpen: Bool { get async { await client.isOpen } }

    /// Ends the connection as a closed tab does.
    public func close() async {
        let client = client
        try? await client.driver.run("closing") { await client.close() }
    }

    func join(
        _ namespace: String,
        json: [UInt8]?,
        as before: TestSocket.Memory? = nil
    ) async throws -> TestSocket {
        let client = client
        return try await client.driver.run("the answer to CONNECT \(namespace)") {
            try await client.join(namespace, auth: json, as: before)
        }
    }
}

/// The server answered a handshake with a refusal.
public struct HandshakeRefused: Error, Sendable {
    /// The number of the status.
    public let status: Int
    /// The body, as text.
    public let body: String
}

/// A namespace refused a socket.
public struct ConnectRefused: Error, Sendable {
    /// The text of the refusal.
    public let message: String
    /// The name by which programs know it, such as `token_expired`; nil when it has none.
    public let code: String?
    /// The JSON of the refusal.
    public let payload: Arguments

    init(_ payload: Arguments) {
        struct Body: Decodable { var message: String }
        struct Named: Decodable {
            struct Facts: Decodable { var code: String }
            var data: Facts
        }
        message = (try? payload.decode(0, as: Body.self))?.message ?? ""
        code = (try? payload.decode(0, as: Named.self))?.data.code
        self.payload = payload
    }
}
