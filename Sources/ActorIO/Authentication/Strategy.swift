/// One way to find out who sends a request.
///
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
    case success(User)
    /// It is not; the next strategy is asked. The message is for the login page.
    case fail(message: String? = nil, status: Status? = nil)
    /// Somebody else's business: no further strategy is asked, and nobody is logged in.
    case pass
    /// The client has to go elsewhere first.
    case redirect(to: String, status: Status = .found)
}
