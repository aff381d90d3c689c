/// User name and password from a posted form.
///
/// Only the body is read: what stands in a query ends up in logs. A field that is missing, empty
/// or repeated counts as missing, and what is too long is refused before anything is hashed.
/// Whoever guesses is slowed down, with 429: see ``LoginThrottle``.
public struct LocalStrategy<User: Sendable>: Strategy {
    /// Names of the fields, and limits.
    public struct Options: Sendable {
        /// The field with the user name.
        public var usernameField = "username"
        /// The field with the password.
        public var passwordField = "password"
        /// The longest user name and password in bytes.
        public var maxBytes = 1_024
        /// What the login page says when a field is missing.
        public var missingMessage = "Please enter a user name and a password."
        /// What the login page says when the two do not fit.
        public var failureMessage = "Wrong user name or password."
        /// What slows down guessing; nil for nothing.
        public var throttle: LoginThrottle? = LoginThrottle()

        /// The defaults.
        public init() {}
    }

    /// Finds the user, or nil when the password is wrong or nobody has this name.
    public typealias Verify =
        @Sendable (_ username: String, _ password: String) async throws -> User?

    private let options: Options
    private let verify: Verify

    /// Makes a strategy from a closure that finds the user.
    public init(_ options: Options = Options(), _ verify: @escaping Verify) {
        self.options = options
        self.verify = verify
    }

    /// Reads the form and asks the closure.
    public func authenticate(_ request: Request) async throws -> StrategyOutcome<User> {
        let form = try await request.form()
        guard let username = field(options.usernameField, of: form),
            let password = field(options.passwordField, of: form)
        else { return .fail(message: options.missingMessage, status: .badRequest) }
        let isShort = max(username.utf8.count, password.utf8.count) <= options.maxBytes
        guard isShort else { return .fail(message: options.failureMessage) }
        let user = try await LoginThrottle.check(username, request, options.throttle) {
            try await verify(username, password)
        }
        return user.map { .success($0) } ?? .fail(message: options.failureMessage)
    }

    private func field(_ name: String, of form: Form) -> String? {
        let values = form.values(name)
        guard values.count == 1, let value = values.first, !value.isEmpty else { return nil }
        return value
    }
}
