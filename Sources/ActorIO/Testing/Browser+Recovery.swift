internal import ActorIO

extension Browser {
    /// Comes back as the client of a socket that has lost its connection: with what that one
    /// remembers, by which a server with `recovery` knows it again.
    ///
    /// ```swift
    /// await tab.reset()
    /// try await server.run { try await io.emit("news", "while you were away") }
    /// let again = try await browser.reconnect(tab)
    /// XCTAssertTrue(again.isRecovered)
    /// XCTAssertEqual(again.id, tab.id)
    /// let news = try await again.next("news")
    /// ```
    /// What it missed comes first. A socket that is not recovered is an ordinary new one.
    public func reconnect(
        _ socket: TestSocket,
        transport: Transport = .webSocket
    ) async throws -> TestSocket {
        try await reconnect(socket, transport: transport, [:])
    }

    /// The same with an auth payload, an object; of its own keys the payload's win.
    public func reconnect(
        _ socket: TestSocket,
        transport: Transport = .webSocket,
        auth: some Encodable
    ) async throws -> TestSocket {
        let object = try decodeJSON([String: JSONValue].self, encodeJSON(auth))
        return try await reconnect(socket, transport: transport, object)
    }

    private func reconnect(
        _ socket: TestSocket,
        transport: Transport,
        _ auth: [String: JSONValue]
    ) async throws -> TestSocket {
        let before = await socket.memory
        var all = auth
        if let pid = before.recoveryID {
            all["pid"] = all["pid"] ?? .string(pid)
            all["offset"] = all["offset"] ?? before.offset.map { .string($0) }
        }
        let json = all.isEmpty ? nil : try encodeJSON(all)
        let connection = try await open(transport)
        return try await connection.join(socket.namespace, json: json, as: before)
    }
}

extension TestSocket {
    /// What a client still knows of a socket that is gone.
    struct Memory: Sendable {
        let recoveryID: String?
        let offset: String?
    }

    var memory: Memory { Memory(recoveryID: recoveryID, offset: lastOffset) }
}
