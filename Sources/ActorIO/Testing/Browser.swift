public import ActorIO

/// A client with a cookie jar: requests, forms, and sockets that share its cookies.
///
/// ```swift
/// let browser = server.browser()
/// try await browser.post("/login", form: ["username": "john", "password": "changeit"])
/// let tab = try await browser.connect()
/// ```
public final class Browser: Sendable {
    /// How a socket reaches the server.
    public enum Transport: Sendable, CaseIterable {
        /// HTTP requests only.
        case polling
        /// A WebSocket from the first request on.
        case webSocket
        /// HTTP requests first, then a WebSocket.
        case upgrade
    }

    let door: ServerDoor
    private let jar: CookieJar
    private let fields = Locked<Headers>([:])
    let path: String
    /// What the server's options say that packets are written and read by.
    let parser: (any CustomParser)?

    init(_ door: ServerDoor, path: String, parser: (any CustomParser)? = nil) {
        self.door = door
        self.path = path
        self.parser = parser
        jar = CookieJar()
    }

    /// The cookies it keeps, by name.
    public var cookies: [String: String] { jar.all }

    /// Puts a cookie into the jar, or with nil takes it out.
    public func setCookie(_ name: String, _ value: String?) {
        jar.set(name, value)
    }

    /// Shows a header field with every request from now on, those of its sockets included, or with
    /// nil no more; as the `extraHeaders` of a client that is no browser.
    public func setHeader(_ name: String, _ value: String?) {
        fields.withLock { $0[name] = value }
    }

    /// GET.
    @discardableResult
    public func get(_ path: String, headers: Headers = [:]) async throws -> TestResponse {
        try await request("GET", path, headers: headers)
    }

    /// POST of a form, as a page's form would send it.
    @discardableResult
    public func post(
        _ path: String,
        form: KeyValuePairs<String, String>,
        headers: Headers = [:]
    ) async throws -> TestResponse {
        let body = form.map { "\(Self.escaped($0.key))=\(Self.escaped($0.value))" }
        var headers = headers
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return try await request(
            "POST",
            path,
            headers: headers,
            body: Array(body.joined(separator: "&").utf8)
        )
    }

    /// POST of a value as JSON.
    @discardableResult
    public func post(
        _ path: String,
        json: some Encodable,
        headers: Headers = [:]
    ) async throws -> TestResponse {
        var headers = headers
        headers["Content-Type"] = "application/json"
        return try await request("POST", path, headers: headers, body: encodeJSON(json))
    }

    /// POST without a body.
    @discardableResult
    public func post(_ path: String, headers: Headers = [:]) async throws -> TestResponse {
        try await request("POST", path, headers: headers)
    }

    /// Any request; redirects are not followed.
    @discardableResult
    public func request(
        _ method: String,
        _ path: String,
        headers: Headers = [:],
        body: [UInt8] = []
    ) async throws -> TestResponse {
        let bytes = self.bytes(method, path, headers, body)
        let response = try await send(
            bytes,
            "the answer to \(method) \(path)",
            isHead: method == "HEAD"
        )
        jar.take(response.headers)
        return response
    }

    /// Sends bytes as they are on a connection of their own, and reads one response.
    public func send(raw bytes: [UInt8]) async throws -> TestResponse {
        try await send(bytes, "the answer to raw bytes", isHead: false)
    }

    private func send(_ bytes: [UInt8], _ what: String, isHead: Bool) async throws -> TestResponse {
        // Constants, not capture lists: with those a closure goes by way of the global pool.
        let door = door
        return try await door.driver.run(what) {
            let stream = try await door.open()
            let exchange = HTTPExchange(stream, isHead: isHead)
            let response = try await exchange.run(bytes)
            await stream.close()
            return response
        }
    }

    /// The bytes of a request with the jar's cookies.
    func bytes(
        _ method: String,
        _ path: String,
        _ headers: Headers,
        _ body: [UInt8],
        keepAlive: Bool = false
    ) -> [UInt8] {
        var head = "\(method) \(path) HTTP/1.1\r\n"
        if headers["host"] == nil { head += "Host: \(door.host)\r\n" }
        if let cookie = jar.header, headers["cookie"] == nil { head += "Cookie: \(cookie)\r\n" }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        for (name, value) in fields.withLock({ $0 }) where headers[name] == nil {
            head += "\(name): \(value)\r\n"
        }
        if headers["connection"] == nil, !keepAlive { head += "Connection: close\r\n" }
        if !body.isEmpty || method == "POST" || method == "PUT" {
            head += "Content-Length: \(body.count)\r\n"
        }
        return Array((head + "\r\n").utf8) + body
    }

    func take(_ headers: Headers) { jar.take(headers) }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F:
                out.unicodeScalars.append(Unicode.Scalar(byte))
            case 0x20: out += "+"
            default: out += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return out
    }
}
