/// What the strategies of a passport have come to, for code that answers itself.
public enum Authentication<User: Sendable>: Sendable {
    /// This is the user, with what the strategy knows besides; nobody is logged in yet.
    case success(User, info: (any Sendable)?, until: AuthenticatedUntil?)
    /// Every strategy failed.
    case failure(AuthenticationFailure)
    /// A strategy said that this request is not its business.
    case pass
}

/// Why nobody was recognised, when all strategies failed.
public struct AuthenticationFailure: Sendable {
    /// The words of the first failure, for the login page.
    public let message: String?
    /// The first status that a failure has; 401 when none has one.
    public let status: Status
    /// What stands in `WWW-Authenticate`: with 401 the challenge of each strategy, with another
    /// status the one that came with it.
    public let challenges: [String]
    /// The name programs know the failure by that has the status, or else the first one.
    public let code: String

    /// The login was right, and the session would find no user.
    static let accountUnavailable = AuthenticationFailure(
        message: "You can not log in with this account.",
        status: .forbidden,
        challenges: [],
        code: "account_unavailable"
    )

    /// The failure as an answer with status, words and challenges.
    public var error: HTTPError {
        var headers = Headers()
        for challenge in challenges { headers.add("WWW-Authenticate", challenge) }
        return HTTPError(status, message ?? "", code: code, headers: headers)
    }
}

/// Asks strategies in their order until one does not fail.
struct StrategyChain<User: Sendable>: Sendable {
    enum Verdict: Sendable {
        case decided(Authentication<User>)
        case redirect(to: String, status: Status)
    }

    let strategies: [any Strategy<User>]

    func run(_ request: Request) async throws -> Verdict {
        var failures = Failures()
        for strategy in strategies {
            switch try await strategy.authenticate(request) {
            case .success(let user, let info, let until):
                return .decided(.success(user, info: info, until: until))
            case .pass:
                return .decided(.pass)
            case .redirect(let location, let status):
                return .redirect(to: location, status: status)
            case .fail(let message, let status, let challenge, let code):
                let failure = Failures.One(
                    message: message,
                    status: status,
                    challenge: challenge,
                    code: code
                )
                failures.list.append(failure)
            }
        }
        return .decided(.failure(failures.summary))
    }
}

/// The rule of passport for what a chain of failures says together.
private struct Failures {
    struct One {
        let message: String?
        let status: Status?
        let challenge: String?
        let code: String
    }

    var list: [One] = []

    var summary: AuthenticationFailure {
        let decisive = list.first { $0.status != nil }
        let status = decisive?.status ?? .unauthorized
        // RFC 6750 3 wants a challenge with its 400 and 403 too; those of others would mislead.
        let challenges =
            status == .unauthorized
            ? list.compactMap(\.challenge) : [decisive?.challenge].compactMap { $0 }
        return AuthenticationFailure(
            message: list.first?.message,
            status: status,
            challenges: challenges,
            code: (decisive ?? list.first)?.code ?? ""
        )
    }
}

/// What a strategy said besides the user.
struct AuthInfo: Sendable {
    let value: any Sendable
}

extension Request {
    /// What the strategy that found the user said besides, such as the claims of a token.
    public func authInfo<Info: Sendable>(_ type: Info.Type) -> Info? {
        self[AuthInfo.self]?.value as? Info
    }
}
