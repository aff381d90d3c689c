/// User name and password in `Authorization: Basic`, as RFC 7617 has it, in UTF-8.
///
/// For scripts and machines; people have a form. Wrong passwords are throttled as those of a form
/// are.
public struct BasicStrategy<User: Sendable>: Strategy {
    /// What the challenge says, and limits.
    public struct Options: Sendable {
        /// What the password is for, as browsers show it.
        public var realm = "Users"
        /// The longest user name and password in bytes.
        public var maxBytes = 1_024
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

    /// Reads the header and asks the closure.
    public func authenticate(_ request: Request) async throws -> StrategyOutcome<User> {
        let values = request.headers.values("authorization").map { Array($0.utf8)[...] }
        guard let value = values.first(where: Self.isBasic) else { return refusal }
        guard values.count == 1, let (name, password) = Self.read(value.dropFirst(6)) else {
            return .fail(status: .badRequest)
        }
        guard max(name.utf8.count, password.utf8.count) <= options.maxBytes else { return refusal }
        let user = try await LoginThrottle.check(name, request, options.throttle) {
            try await verify(name, password)
        }
        return user.map { .success($0) } ?? refusal
    }

    private var refusal: StrategyOutcome<User> {
        var challenge = Challenge("Basic", realm: options.realm)
        challenge.add("charset", "UTF-8")
        return .fail(message: "Wrong user name or password.", challenge: challenge.text)
    }

    private static func isBasic(_ value: ArraySlice<UInt8>) -> Bool {
        Grammar.equal(value.prefix(6), ignoringCaseOf: "basic ".utf8)
    }

    /// The name ends at the first colon; nil for what is no Base64, no UTF-8, or has a NUL.
    private static func read(_ value: ArraySlice<UInt8>) -> (String, String)? {
        guard let bytes = Base64.decode(Grammar.trimmed(value)), !bytes.contains(0),
            let colon = bytes.firstIndex(of: 0x3A),
            let name = String(validating: bytes[..<colon], as: UTF8.self),
            let password = String(validating: bytes[(colon + 1)...], as: UTF8.self),
            !name.isEmpty
        else { return nil }
        return (name, password)
    }
}
