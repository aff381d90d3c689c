/// One way to find out who sends a request.
///
/// ```swift
/// struct KeyStrategy: Strategy {
///     let accounts: [String: Account]
///
///     func authenticate(_ request: Request) async throws -> StrategyOutcome<Account> {
///         guard let key = request.headers["x-api-key"] else { return .fail(challenge: "Key") }
///         guard let account = accounts[key] else { return .fail(message: "No such key.") }
///         return .success(account)
///     }
/// }
/// ```
/// Throwing means that nobody can tell at the moment (a database is down, say) and ends the chain.
public protocol Strategy<User>: Sendable {
    /// Who is found.
    associatedtype User: Sendable

    /// Looks at a request and decides.
    func authenticate(_ request: Request) async throws -> StrategyOutcome<User>
}

/// What a strategy has found.
public enum StrategyOutcome<User: Sendable>: Sendable {
    /// This is the user.
    ///
    /// Handlers find `info`, whatever it is, by its type: `request.authInfo(Scopes.self)`. `until`
    /// is when the proof ends, for a token that has an end.
    case success(User, info: (any Sendable)? = nil, until: AuthenticatedUntil? = nil)
    /// It is not; the next strategy is asked.
    ///
    /// The message is for the login page, the challenge for `WWW-Authenticate`, the code for
    /// programs: see ``HTTPError/code``.
    case fail(
        message: String? = nil,
        status: Status? = nil,
        challenge: String? = nil,
        code: String = ""
    )
    /// Somebody else's business: no further strategy is asked, and nobody is logged in.
    case pass
    /// The client has to go elsewhere first.
    case redirect(to: String, status: Status = .found)
}
