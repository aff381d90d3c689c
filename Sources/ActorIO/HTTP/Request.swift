/// A request as a handler sees it: a value that can be copied and kept.
public struct Request: Sendable {
    /// What came over the wire; one reference, because each step of a chain copies the request.
    private var facts: Facts
    // A handful at most, so a list beats a dictionary in memory and time.
    private var values: [StoredValue] = []

    private final class Facts: Sendable {
        let head: RequestHead
        let remoteAddress: String
        let isSecure: Bool
        /// Nil for an empty one, as most are.
        let body: Body?
        let parameters: [(name: String, value: String)]
        let loop: EventLoop?

        init(
            _ head: RequestHead,
            _ remoteAddress: String,
            isSecure: Bool,
            body: Body? = nil,
            parameters: [(name: String, value: String)] = [],
            loop: EventLoop? = nil
        ) {
            self.head = head
            self.remoteAddress = remoteAddress
            self.isSecure = isSecure
            self.body = body
            self.parameters = parameters
            self.loop = loop
        }
    }

    private final class Body: Sendable {
        let body: RequestBody

        init?(_ body: RequestBody) {
            if case .empty = body.source { return nil }
            self.body = body
        }
    }

    init(
        head: RequestHead,
        remoteAddress: String,
        isSecure: Bool = false,
        body: RequestBody = RequestBody(.empty),
        loop: EventLoop? = nil
    ) {
        facts = Facts(head, remoteAddress, isSecure: isSecure, body: Body(body), loop: loop)
    }

    var head: RequestHead { facts.head }
    /// The loop of the connection it came by.
    var loop: EventLoop? { facts.loop }
    /// The peer's address, or what a trusted proxy said it was.
    public var remoteAddress: String { facts.remoteAddress }
    /// Whether the client came over TLS, as a trusted proxy told.
    public var isSecure: Bool {
        get { facts.isSecure }
        set { replace(isSecure: newValue) }
    }
    /// The body, read when a handler asks for it.
    public var body: RequestBody {
        get { facts.body?.body ?? RequestBody(.empty) }
        set { replace(body: .some(Body(newValue))) }
    }
    /// What the route's `:name` segments and trailing `*` stood for, decoded.
    var parameters: [(name: String, value: String)] {
        get { facts.parameters }
        set { replace(parameters: newValue) }
    }

    private mutating func replace(
        head: RequestHead? = nil,
        isSecure: Bool? = nil,
        body: Body?? = nil,
        parameters: [(name: String, value: String)]? = nil,
        loop: EventLoop? = nil
    ) {
        facts = Facts(
            head ?? facts.head,
            facts.remoteAddress,
            isSecure: isSecure ?? facts.isSecure,
            body: body ?? facts.body,
            parameters: parameters ?? facts.parameters,
            loop: loop ?? facts.loop
        )
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

    /// A kept request on its way once more, on the loop of its connection, with one header field in
    /// the place of all of that name.
    func again(
        on loop: EventLoop,
        with field: (name: String, value: String)? = nil
    ) -> Request {
        var head = head
        if let field { head.headers[field.name] = field.value }
        var copy = self
        copy.replace(head: head, loop: loop)
        return copy
    }

    /// The request without its body and its loop, for keeping as long as a connection lives.
    func kept() -> Request {
        var head = head
        head.headers = head.headers.compacted()
        var copy = self
        copy.facts = Facts(head, remoteAddress, isSecure: isSecure, parameters: parameters)
        // An empty list gives its buffer back.
        if values.isEmpty { copy.values = [] }
        return copy
    }
}

/// One value of a request and the type it is found by.
private struct StoredValue: Sendable {
    let id: ObjectIdentifier
    let value: any Sendable
}
