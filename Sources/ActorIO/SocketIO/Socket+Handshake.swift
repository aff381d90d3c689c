/// How a connection began, by its first HTTP request; it never changes.
public struct Handshake: Sendable {
    /// The request, with the user and the session its chain put on it.
    public let request: Request
    /// When it came, in milliseconds since 1970.
    public let issued: Int64

    /// Its header fields, cookies among them.
    public var headers: Headers { request.headers }
    /// Its decoded query, what the client added to it included.
    public var query: Query { request.query }
    /// Its path and query as they came.
    public var url: String { request.target }
    /// The client's address, or what a trusted proxy said it was.
    public var address: String { request.remoteAddress }
    /// Whether a browser sent it with an `Origin`, which may be this server's own.
    public var hasOrigin: Bool { request.headers["origin"] != nil }
    /// Whether the client came over TLS, as a trusted proxy told.
    public var isSecure: Bool { request.isSecure }
}

extension Socket {
    /// How the connection began.
    public nonisolated var handshake: Handshake {
        Handshake(request: session.request, issued: session.openedAt)
    }
}
