/// A value of `WWW-Authenticate` (RFC 9110 11.6.1): a scheme and its parameters.
struct Challenge: Sendable {
    private var parts: [(name: String, value: String)] = []
    private let scheme: String

    init(_ scheme: String, realm: String) {
        self.scheme = scheme
        add("realm", realm)
    }

    mutating func add(_ name: String, _ value: String?) {
        if let value { parts.append((name, value)) }
    }

    var text: String {
        scheme + " "
            + parts.map { "\($0.name)=\"\(Self.quoted($0.value))\"" }.joined(separator: ", ")
    }

    /// What may stand between quotes (RFC 6750 3): printable ASCII without quote and backslash.
    private static func quoted(_ text: String) -> String {
        let bytes = text.utf8.filter { (0x20..<0x7F).contains($0) && $0 != 0x22 && $0 != 0x5C }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The errors of RFC 6750 3.1 and their statuses.
struct BearerError: Sendable {
    let code: String
    let status: Status
    var description: String?
    var scope: String?

    static func invalidRequest(_ description: String) -> BearerError {
        BearerError(code: "invalid_request", status: .badRequest, description: description)
    }

    static func invalidToken(_ description: String) -> BearerError {
        BearerError(code: "invalid_token", status: .unauthorized, description: description)
    }

    func challenge(realm: String) -> String {
        var challenge = Challenge("Bearer", realm: realm)
        challenge.add("error", code)
        challenge.add("error_description", description)
        challenge.add("scope", scope)
        return challenge.text
    }
}

extension StrategyOutcome {
    /// The token is good, but not for this: 403 with the scope that is needed (RFC 6750 3.1).
    public static func insufficientScope(
        _ scope: String,
        realm: String = "Users"
    ) -> StrategyOutcome {
        let error = BearerError(code: "insufficient_scope", status: .forbidden, scope: scope)
        return .fail(
            message: "The token does not allow this.",
            status: .forbidden,
            challenge: error.challenge(realm: realm),
            code: error.code
        )
    }
}
