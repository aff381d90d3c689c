/// A client's wish to enter a namespace that no plan names.
public struct NamespaceRequest: Sendable {
    /// The name, as the client wrote it.
    public let name: String
    /// The request that opened the connection, with the user and the session its chain put on it.
    public let request: Request
    let authentication: Arguments

    /// What the client sent as `auth`; see ``Socket/auth(as:)``.
    public func auth<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try authentication.auth(as: type)
    }
}

/// A plan for many namespaces, which are made when the first client asks for them.
struct NamespaceFamily: Sendable {
    enum Rule: Sendable {
        case pattern(NamespacePattern)
        case predicate(@Sendable (NamespaceRequest) async throws -> Bool)
    }

    let rule: Rule
    let plan: Namespace

    /// What the pattern found; nil when the name is none of this family.
    ///
    /// An error of a predicate is a no: the next family is asked.
    func accepts(_ request: NamespaceRequest) async -> [(name: String, value: String)]? {
        switch rule {
        case .pattern(let pattern): pattern.match(request.name)
        case .predicate(let accepts): (try? await accepts(request)) == true ? [] : nil
        }
    }
}

/// Names of namespaces with places for values, such as `/tenants/:id`.
struct NamespacePattern: Sendable {
    private let pattern: RoutePattern

    init(_ text: String) {
        pattern = RoutePattern(text)
    }

    /// The values by their names; nil when the name is of another form.
    ///
    /// The bytes between two slashes are compared as they are: a namespace is no URL, nothing in it
    /// is decoded. A value has at least one byte.
    func match(_ name: String) -> [(name: String, value: String)]? {
        let parts = Array(name.utf8).dropFirst()
            .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var found: [(name: String, value: String)] = []
        for (index, segment) in pattern.segments.enumerated() {
            guard index < parts.count else { return nil }
            switch segment {
            case .text(let text): guard parts[index].elementsEqual(text) else { return nil }
            case .name(let name):
                guard !parts[index].isEmpty else { return nil }
                found.append((name, String(decoding: parts[index], as: UTF8.self)))
            case .rest:
                let rest = parts[index...].joined(separator: [UInt8(ascii: "/")])
                found.append(("*", String(decoding: Array(rest), as: UTF8.self)))
                return found
            }
        }
        return pattern.segments.count == parts.count ? found : nil
    }
}

extension Namespace {
    /// Namespaces by a pattern, such as `/tenants/:id`: each is made when its first client comes.
    ///
    /// ```swift
    /// root.namespaces(matching: "/tenants/:id") { tenant in
    ///     tenant.use { socket in
    ///         let id: Int = try socket.parameter("id")
    ///         guard try socket.request.require(User.self).tenant == id else {
    ///             throw ConnectError("not your tenant")
    ///         }
    ///     }
    /// }
    /// ```
    /// A name that a plan has by itself is not asked for here. Of several patterns and predicates
    /// the first that fits makes the namespace.
    public mutating func namespaces(
        matching pattern: String,
        _ build: (inout Namespace) -> Void
    ) {
        add(.pattern(NamespacePattern(pattern)), named: pattern, build)
    }

    /// Namespaces by a predicate: each is made when its first client comes and is let in.
    ///
    /// ```swift
    /// root.namespaces(where: { request in await games.exists(request.name) }) { game in
    ///     game.use { socket in
    ///         guard try socket.auth(as: Pass.self).token == "sesame" else {
    ///             throw ConnectError("not in this game")
    ///         }
    ///     }
    /// }
    /// ```
    /// - Warning: The predicate decides whether there is such a namespace, not who may enter it.
    ///   Once the namespace is there, clients enter without being asked for. What each client has
    ///   to show belongs into `use`.
    ///
    /// An error counts as a no.
    public mutating func namespaces(
        where accepts: @escaping @Sendable (NamespaceRequest) async throws -> Bool,
        _ build: (inout Namespace) -> Void
    ) {
        add(.predicate(accepts), named: "", build)
    }

    private mutating func add(
        _ rule: NamespaceFamily.Rule,
        named name: String,
        _ build: (inout Namespace) -> Void
    ) {
        var plan = Namespace(name)
        build(&plan)
        precondition(
            plan.children.isEmpty && plan.families.isEmpty && plan.created.isEmpty,
            "namespaces by pattern or predicate have none below them"
        )
        families.append(NamespaceFamily(rule: rule, plan: plan))
    }

    /// Told of every namespace that is made while the server runs, before the socket enters that
    /// asked for it.
    public mutating func onNewNamespace(_ step: @escaping @Sendable (NamespaceHandle) -> Void) {
        created.append(step)
    }
}
