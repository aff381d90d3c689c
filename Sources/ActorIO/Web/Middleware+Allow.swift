extension Middleware {
    /// Lets only requests pass that the app says yes to; others are answered 403.
    ///
    /// ```swift
    /// SocketIO(handshake: [.allow { request in await tenants.knows(request.query["tenant"]) }])
    /// ```
    /// A thrown ``HTTPError`` refuses with its own status and words, any other error is a failure.
    /// In a handshake chain it is asked once for a connection, before any of it exists, and its
    /// refusal is an HTTP answer for a WebSocket as well.
    public static func allow(
        _ decide: @escaping @Sendable (Request) async throws -> Bool
    ) -> Middleware {
        Middleware { request, next in
            guard try await decide(request) else { throw HTTPError(.forbidden) }
            return try await next(request)
        }
    }
}
