/// A socket as somebody else sees it: what it was when it was fetched, and the verbs to act on it.
public struct RemoteSocket: Sendable, Broadcasting {
    /// Its public name.
    public let id: SocketID
    /// The rooms it was in.
    public let rooms: Set<Room>
    /// The request that opened its connection.
    public let request: Request
    /// The socket alone, for every verb an audience has.
    public let audience: Audience
    private let values: SocketValues

    init(
        _ outlet: any Outlet,
        _ rooms: Set<Room>,
        _ values: SocketValues,
        _ audience: Audience
    ) {
        id = outlet.id
        self.rooms = rooms
        self.values = values
        request = outlet.request
        self.audience = Audience(audience.territory).to(.socket(outlet.id))
    }

    /// Asks this socket; see ``Socket/call(_:_:timeout:)``.
    public func call<Reply, each Argument>(
        _ call: Call<Reply, repeat each Argument>,
        _ arguments: repeat each Argument,
        timeout: Duration = .seconds(10)
    ) async throws -> Reply {
        let answers = try await audience.call(call, repeat each arguments, timeout: timeout)
        return try Self.only(answers)
    }

    /// Asks this socket by the raw name of the event.
    public func call<Reply: Decodable & Sendable, each Argument: Encodable & Sendable>(
        _ name: String,
        _ arguments: repeat each Argument,
        as type: Reply.Type = Reply.self,
        timeout: Duration = .seconds(10)
    ) async throws -> Reply {
        let answers = try await audience.call(
            name,
            repeat each arguments,
            as: Reply.self,
            timeout: timeout
        )
        return try Self.only(answers)
    }

    private static func only<Reply>(_ answers: [Result<Reply, any Error>]) throws -> Reply {
        guard let answer = answers.first else { throw CallError(.disconnected) }
        return try answer.get()
    }

    /// The value of that type that it had.
    public subscript<Value: Sendable>(_ type: Value.Type) -> Value? { values[type] }

    /// Disconnects it from its namespace, and with `close` its connection.
    public func disconnect(close: Bool = false) async throws {
        try await disconnectSockets(close: close)
    }
}
