/// An answer to a request.
///
/// ```swift
/// app.get("/") { request in
///     request.user(User.self) == nil ? .redirect(to: "/login") : .file("index.html")
/// }
/// ```
public struct Response: Sendable {
    /// What follows the head.
    enum Content: Sendable {
        case empty
        case bytes([UInt8])
        case file(FileSlice)
        /// The answer comes later, as state: no task waits for it.
        case deferred(Deferred)
        /// The connection turns into something else.
        case upgrade(Upgrade)
    }

    /// The status.
    public var status: Status
    /// The header fields; lengths, `Connection` and `Date` are the connection's own business.
    public var headers: Headers
    var content: Content

    /// Makes a response from its bytes.
    public init(status: Status = .ok, headers: Headers = [:], body: [UInt8] = []) {
        self.init(status, headers, body.isEmpty ? .empty : .bytes(body))
    }

    init(_ status: Status, _ headers: Headers = [:], _ content: Content = .empty) {
        self.status = status
        self.headers = headers
        self.content = content
    }

    /// The bytes of the body; empty for files and for answers that are yet to come.
    public var body: [UInt8] {
        get {
            guard case .bytes(let bytes) = content else { return [] }
            return bytes
        }
        set { content = newValue.isEmpty ? .empty : .bytes(newValue) }
    }
}

extension Response {
    /// A response without a body.
    public static func status(_ status: Status) -> Response {
        Response(status)
    }

    /// Plain text in UTF-8.
    public static func text(_ text: String, status: Status = .ok) -> Response {
        .bytes(Array(text.utf8), type: MediaType.text, status: status)
    }

    /// A page of HTML in UTF-8.
    public static func html(_ html: String, status: Status = .ok) -> Response {
        .bytes(Array(html.utf8), type: MediaType.html, status: status)
    }

    /// A page of HTML from bytes, such as an embedded resource.
    public static func html(_ html: [UInt8], status: Status = .ok) -> Response {
        .bytes(html, type: MediaType.html, status: status)
    }

    /// Bytes of a media type.
    public static func bytes(
        _ bytes: [UInt8],
        type: String = MediaType.octets,
        status: Status = .ok
    ) -> Response {
        Response(status: status, headers: ["Content-Type": type], body: bytes)
    }

    /// Sends the client elsewhere; what is not allowed in a URL is percent-encoded.
    ///
    /// A line break can thus never end the header: response splitting is impossible here.
    public static func redirect(to location: String, status: Status = .found) -> Response {
        Response(status: status, headers: ["Location": Location.escaped(location)])
    }
}
