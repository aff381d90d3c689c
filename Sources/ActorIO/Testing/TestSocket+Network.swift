public import ActorIO

/// What a client does to its connection, and what a network does to it.
extension TestSocket {
    /// Joins another namespace on the same connection.
    public nonisolated func join(_ namespace: String) async throws -> TestSocket {
        try await TestConnection(client).join(namespace)
    }

    /// The connection below.
    public nonisolated var connection: TestConnection { TestConnection(client) }

    /// What carries the connection at the moment.
    public nonisolated var transport: EngineTransport { get async { await client.transport } }

    /// Leaves the namespace.
    public nonisolated func disconnect() async {
        await act("leaving") { [client, namespace] in await client.leave(namespace) }
    }

    /// Ends the connection as a closed tab does.
    public nonisolated func close() async {
        await act("closing") { [client] in await client.close() }
    }

    /// Answers no ping any more, as a client that hangs.
    public nonisolated func stopAnsweringPings() async {
        await act("silence") { [client] in await client.setAnswering(false) }
    }

    /// Breaks the connection: both ends learn of it at once.
    public nonisolated func reset() async {
        await act("a reset") { [client] in await client.onStream { $0.reset() } }
    }

    /// Pulls the cable, or puts it back: nothing arrives, and nobody is told.
    public nonisolated func setStalled(_ stalled: Bool) async {
        await act("a stall") { [client] in await client.onStream { $0.setStalled(stalled) } }
    }

    /// Stops reading, or goes on: a slow consumer.
    public nonisolated func setReading(_ reading: Bool) async {
        await act("reading") { [client] in await client.onStream { $0.setReading(reading) } }
    }

    /// Splits what arrives into pieces of at most this many bytes.
    public nonisolated func setReadLimit(_ limit: Int) async {
        await act("splitting") { [client] in await client.onStream { $0.setReadLimit(limit) } }
    }

    private nonisolated func act(
        _ what: String,
        _ body: @escaping @Sendable () async -> Void
    ) async {
        try? await driver.run(what) { await body() }
    }
}
