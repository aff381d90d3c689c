/// A request as a handler sees it: a value that can be copied and kept.
public struct Request: Sendable {
    let head: RequestHead
    /// The peer's address, or what a trusted proxy said it was.
    public let remoteAddress: String
    /// Whether the client came over TLS, as a trusted proxy told.
    public var isSecure: Bool
    /// The body, read when a handler asks for it.
    public var body: RequestBody
    /// What the route's `:name` segments and trailing `*` stood for, decoded.
    var parameters: [(name: String, value: String)] = []
    // A handful at most, so a list beats a dictionary in memory and time.
    private var values: [StoredValue] = []

    init(
        head: RequestHead,
        remoteAddress: String,
        isSecure: Bool = false,
        body: RequestBody = RequestBody(.empty)
    ) {
        self.head = head
        self.remoteAddress = remoteAddress
        self.isSecure = isSecure
        self.body = body
    }

    /// The request method.
    public var method: Method { head.method }
    /// The path as it came, percent-encoding included.
    public var path: String { head.path }
    /// Path and query as they came.
    public var target: String { head.target }
    /// The header fields.
    public var headers: Headers { head.headers }
    /// The decoded query.
    public var query: Query { Query(target: head.target) }
    /// The cookies the client sent.
    public var cookies: Cookies { Cookies(head.headers) }

    /// A value that middleware left for the handlers after it, found by its type.
    public subscript<Value: Sendable>(_ type: Value.Type) -> Value? {
        get {
            let id = ObjectIdentifier(type)
            guard let stored = values.first(where: { $0.id == id }) else { return nil }
            return stored.value as? Value
        }
        set {
            let id = ObjectIdentifier(type)
            values.removeAll { $0.id == id }
            guard let newValue else { return }
            values.append(StoredValue(id: id, value: newValue))
        }
    }

    /// A `:name` segment of the route, converted; 400 when it can not be read as that type.
    ///
    /// Whole numbers have one spelling: "+5" and "007" are refused.
    public func parameter<Value: LosslessStringConvertible>(
        _ name: String,
        as type: Value.Type = Value.self
    ) throws -> Value {
        guard let found = parameters.first(where: { $0.name == name }) else {
            throw HTTPError(.badRequest, "no parameter \(name)")
        }
        guard let value = Value(found.value) else {
            throw HTTPError(.badRequest, "parameter \(name) can not be read")
        }
        // Int("+5") is 5, so the way back must give the same text.
        if value is any BinaryInteger, value.description != found.value {
            throw HTTPError(.badRequest, "parameter \(name) can not be read")
        }
        return value
    }

    /// The request without its body, for keeping as long as a connection lives.
    func kept() -> Request {
        var head = head
        head.headers = head.headers.compacted()
        var copy = Request(head: head, remoteAddress: remoteAddress, isSecure: isSecure)
        copy.parameters = parameters
        // An empty list gives its buffer back.
        copy.values = values.isEmpty ? [] : values
        return copy
    }
}

/// One value of a request and the type it is found by.
private struct StoredValue: Sendable {
    let id: ObjectIdentifier
    let value: any Sendable
}
