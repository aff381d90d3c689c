extension Broadcasting {
    /// Sends an event to every socket that is meant; encoded once, however many they are.
    public func emit<each Argument>(
        _ event: Event<repeat each Argument>,
        _ arguments: repeat each Argument
    ) async throws {
        try await emit(event.name, repeat each arguments)
    }

    /// Sends an event by its raw name to every socket that is meant.
    public func emit<each Argument: Encodable & Sendable>(
        _ name: String,
        _ arguments: repeat each Argument
    ) async throws {
        try await send(name, .list(repeat each arguments))
    }

    /// Sends an event with arguments as they were received, attachments included.
    public func emit(_ name: String, passing arguments: Arguments) async throws {
        try await send(name, EncodedArguments(arguments))
    }

    private func send(_ name: String, _ arguments: EncodedArguments) async throws {
        let audience = self.audience
        let packet = try Socket.packet(name, arguments, audience.space.text)
        await within(audience.registry) { $0.broadcast(packet, audience) }
    }

    /// The sockets that are meant, as they are now.
    public func fetchSockets() async throws -> [RemoteSocket] {
        let audience = self.audience
        return await audience.registry.fetch(audience).map { found in
            RemoteSocket(found.outlet, found.rooms, audience)
        }
    }

    /// How many sockets are meant; cheaper than fetching them.
    public var count: Int {
        get async {
            let audience = self.audience
            return await audience.registry.count(audience)
        }
    }
}
