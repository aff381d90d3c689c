/// A token in `Authorization: Bearer`, as RFC 6750 has it.
///
/// ```swift
/// let passport = Passport<Account>.bearer { token, request in await tokens.owner(of: token) }
/// let io = SocketIO(handshake: [passport.token]) { root in … }
/// ```
/// Only the header is read: what stands in a query ends up in logs and in histories (RFC 6750
/// 2.3). Without a token the answer is 401 and a bare challenge, with one that nobody knows 401
/// and `invalid_token`, with what is no token 400 and `invalid_request`.
public struct BearerStrategy<User: Sendable>: Strategy {
    /// What the challenge says, and limits.
    public struct Options: Sendable {
        /// What the token is for, as the challenge calls it.
        public var realm = "Users"
        /// The scope that is needed, told in the challenge; the closure is what checks it.
        public var scope: String?
        /// The field of a posted form that may carry the token instead, `access_token` in RFC 6750
        /// 2.2; nil for none.
        public var formField: String?
        /// The longest token in bytes.
        public var maxBytes = 8_192

        /// The defaults.
        public init() {}
    }

    /// Finds the user of a token, or nil when the token is nobody's.
    ///
    /// Compare tokens by their hashes, so that the time of the comparison tells nothing.
    public typealias Verify =
        @Sendable (_ token: String, _ request: Request) async throws -> User?
    /// Decides about a token, with what there is to say about it.
    public typealias Decide =
        @Sendable (_ token: String, _ request: Request) async throws -> StrategyOutcome<User>

    private let options: Options
    private let decide: Decide

    /// Makes a strategy from a closure that finds the user of a token.
    public init(_ options: Options = Options(), _ verify: @escaping Verify) {
        self.init(options) { token, request in
            guard let user = try await verify(token, request) else {
                return Self.fail(.invalidToken("The token is not valid."), options)
            }
            return .success(user)
        }
    }

    /// Makes a strategy from a closure that decides: with an expiry, scopes, or another refusal.
    ///
    /// ```swift
    /// BearerStrategy<Account>(deciding: { token, request in
    ///     guard let found = await tokens[token] else { return .fail() }
    ///     guard found.scopes.contains("chat") else { return .insufficientScope("chat") }
    ///     return .success(found.account, info: found.scopes, until: found.expiry)
    /// })
    /// ```
    /// A failure without a challenge gets that of a token which is not valid.
    public init(_ options: Options = Options(), deciding decide: @escaping Decide) {
        self.init(options) { token, request in
            let outcome = try await decide(token, request)
            guard case .fail(let message, let status, nil, let code) = outcome,
                status ?? .unauthorized == .unauthorized
            else { return outcome }
            let error = BearerError.invalidToken(message ?? "The token is not valid.")
            return Self.fail(error, options, code: code)
        }
    }

    private init(_ options: Options, _ decide: @escaping Decide) {
        self.options = options
        self.decide = decide
    }

    /// Reads the header and asks the closure.
    public func authenticate(_ request: Request) async throws -> StrategyOutcome<User> {
        switch try await token(of: request) {
        case .none:
            var challenge = Challenge("Bearer", realm: options.realm)
            challenge.add("scope", options.scope)
            return .fail(challenge: challenge.text)
        case .malformed(let why):
            return Self.fail(.invalidRequest(why), options)
        case .token(let token):
            return try await decide(token, request)
        }
    }

    private func token(of request: Request) async throws -> BearerToken {
        let shown = BearerToken(request.headers, maxBytes: options.maxBytes)
        guard let field = options.formField, !request.method.isSafe,
            MediaType.essence(request.headers["content-type"] ?? "") == MediaType.form
        else { return shown }
        let values = try await request.form().values(field)
        guard let value = values.first else { return shown }
        guard case .none = shown, values.count == 1 else {
            return .malformed("The token was sent twice.")
        }
        return BearerToken(token: Array(value.utf8)[...], maxBytes: options.maxBytes)
    }

    private static func fail(
        _ error: BearerError,
        _ options: Options,
        code: String = ""
    ) -> StrategyOutcome<User> {
        .fail(
            message: error.description,
            status: error.status == .unauthorized ? nil : error.status,
            challenge: error.challenge(realm: options.realm),
            code: code.isEmpty ? error.code : code
        )
    }
}

extension BearerStrategy: FormReading {
    var readsForm: Bool { options.formField != nil }
}

/// What a request shows as its token.
enum BearerToken: Equatable {
    case none
    case malformed(String)
    case token(String)

    init(_ headers: Headers, maxBytes: Int) {
        let values = headers.values("authorization").map { Array($0.utf8)[...] }
        let ours = values.filter { Self.isBearer($0) }
        guard let value = ours.first else {
            self = .none
            return
        }
        guard values.count == 1 else {
            self = .malformed("The token was sent twice.")
            return
        }
        let rest = value.dropFirst(6)
        self.init(token: rest.drop { $0 == 0x20 }, maxBytes: maxBytes)
    }

    init(token: ArraySlice<UInt8>, maxBytes: Int) {
        // The id of a session is shown in the same way, but it is no token of ours.
        if token.starts(with: "s:".utf8) {
            self = .none
        } else if token.count > maxBytes {
            self = .malformed("The token is too long.")
        } else if !Self.isToken(token) {
            self = .malformed("This is no token.")
        } else {
            self = .token(String(decoding: token, as: UTF8.self))
        }
    }

    /// The scheme in any case, and nothing or a space behind it.
    private static func isBearer(_ value: ArraySlice<UInt8>) -> Bool {
        guard Grammar.equal(value.prefix(6), ignoringCaseOf: "bearer".utf8) else { return false }
        return value.count == 6 || value[value.startIndex + 6] == 0x20
    }

    /// `b64token` of RFC 6750 2.1: letters, digits, `-._~+/`, and `=` at the end alone.
    private static func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
        let body = bytes.prefix { $0 != 0x3D }
        guard !body.isEmpty, bytes[body.endIndex...].allSatisfy({ $0 == 0x3D }) else {
            return false
        }
        return body.allSatisfy { byte in
            Grammar.isDigit(byte) || (0x61...0x7A).contains(Grammar.lowercased(byte))
                || [0x2D, 0x2E, 0x5F, 0x7E, 0x2B, 0x2F].contains(byte)
        }
    }
}
