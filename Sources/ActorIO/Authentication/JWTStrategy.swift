/// A signed JSON Web Token in `Authorization: Bearer` (RFC 7519, RFC 7515).
///
/// ```swift
/// struct Access: Codable, Sendable { var scopes: [String] }
///
/// let passport = Passport<Account>.jwt(.hs256(secret: secret)) {
///     (claims: JWTClaims<Access>, request) in
///     await accounts[claims.subject]
/// }
/// app.use(passport.token)
/// ```
/// Handlers find the claims with `request.authInfo(JWTClaims<Access>.self)`, and the expiry stands
/// on the request as ``AuthenticatedUntil``.
public struct JWTStrategy<User: Sendable>: Strategy {
    /// What a token must say.
    public struct Options: Sendable {
        /// Realm, scope and size; see ``BearerStrategy/Options``.
        public var bearer = BearerStrategy<User>.Options()
        /// How far clocks may be apart, for `exp`, `nbf` and `iat`.
        public var leeway = Duration.seconds(30)
        /// Whether a token must have an end; one without is good for ever.
        public var requiresExpiry = true
        /// How old a token may be by its `iat`, which it must have then; nil for any age.
        public var maxAge: Duration?
        /// The issuers that are believed; empty for anybody with the key.
        public var issuers: [String] = []
        /// What this server calls itself; a token with an `aud` must be for one of these names, and
        /// with any name here it must have an `aud` (RFC 7519 4.1.3).
        public var audience: [String] = []

        /// The defaults.
        public init() {}
    }

    private let bearer: BearerStrategy<User>

    /// Makes a strategy from a verifier and a closure that finds the user of the claims.
    public init<Payload: Decodable & Sendable>(
        _ verifier: JWTVerifier,
        _ options: Options = Options(),
        _ find:
            @escaping @Sendable (_ claims: JWTClaims<Payload>, _ request: Request)
            async throws -> User?
    ) {
        bearer = BearerStrategy(
            options.bearer,
            deciding: { token, request in
                do {
                    let now = request.unixTime
                    let claims: JWTClaims<Payload> = try await JWTCheck(verifier).claims(of: token)
                    try JWTRules(options).check(claims, now: now)
                    guard let user = try await find(claims, request) else { throw JWTFault.unknown }
                    let end = JWTRules(options).end(of: claims)
                    return .success(user, info: claims, until: end)
                } catch let fault as JWTFault {
                    let code = fault == .expired ? HTTPError.tokenExpired.code : ""
                    return .fail(message: fault.description, code: code)
                }
            }
        )
    }

    /// Reads the header, checks the token, and asks the closure.
    public func authenticate(_ request: Request) async throws -> StrategyOutcome<User> {
        try await bearer.authenticate(request)
    }
}

/// Takes a token apart and checks what must hold before any of it is believed.
struct JWTCheck: Sendable {
    private let verifier: JWTVerifier

    init(_ verifier: JWTVerifier) {
        self.verifier = verifier
    }

    func claims<Payload: Decodable & Sendable>(
        of token: String,
        as type: Payload.Type = Payload.self
    ) async throws -> JWTClaims<Payload> {
        let parts = Array(token.utf8).split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.json(parts[0]), let payload = Self.json(parts[1]),
            let signature = Base64.decode(parts[2], .url, padding: false)
        else { throw JWTFault.malformed }
        // RFC 7515 4.1.11: what must be understood, and is not, ends it. RFC 8725 3.1: one
        // algorithm.
        guard header.value["crit"] == nil, let algorithm = header.value["alg"]?.string,
            algorithm.utf8.elementsEqual(verifier.algorithm.utf8)
        else { throw JWTFault.signature }
        let signed = parts[0] + [0x2E] + parts[1]
        guard try await verifier.check(Array(signed), signature, header.value) else {
            throw JWTFault.signature
        }
        guard let typed = try? PayloadDecoder.decode(type, from: payload.bytes) else {
            throw JWTFault.malformed
        }
        return try JWTClaims(payload.value, typed)
    }

    private static func json(_ part: ArraySlice<UInt8>) -> (bytes: [UInt8], value: JSONValue)? {
        guard let bytes = Base64.decode(part, .url, padding: false),
            let value = try? JSONValue(parsing: bytes), value.object != nil
        else { return nil }
        return (bytes, value)
    }
}

/// The rules about times and names.
struct JWTRules: Sendable {
    private let leeway: Int64
    private let requiresExpiry: Bool
    private let maxAge: Int64?
    private let issuers: [String]
    private let audience: [String]

    init<User>(_ options: JWTStrategy<User>.Options) {
        // Bounded, so that no sum with it can overflow.
        leeway = min(max(0, options.leeway.components.seconds), 1_000_000_000)
        requiresExpiry = options.requiresExpiry
        maxAge = options.maxAge.map { min(max(0, $0.components.seconds), 1_000_000_000_000) }
        issuers = options.issuers
        audience = options.audience
    }

    func check<Payload>(_ claims: JWTClaims<Payload>, now: Int64) throws(JWTFault) {
        if let expiry = claims.expiresAt {
            guard now < expiry + leeway else { throw .expired }
        } else if requiresExpiry {
            throw .endless
        }
        for start in [claims.notBefore, claims.issuedAt].compactMap({ $0 }) {
            guard now >= start - leeway else { throw .early }
        }
        if let maxAge {
            guard let issued = claims.issuedAt, now < issued + maxAge + leeway else { throw .old }
        }
        if !issuers.isEmpty {
            guard let issuer = claims.issuer, Self.contains(issuers, issuer) else { throw .issuer }
        }
        if !audience.isEmpty || !claims.audience.isEmpty {
            let isOurs = claims.audience.contains { Self.contains(audience, $0) }
            guard isOurs else { throw .audience }
        }
    }

    /// When a token that is good now will be no longer.
    func end<Payload>(of claims: JWTClaims<Payload>) -> AuthenticatedUntil? {
        var ends: [Int64] = []
        if let expiry = claims.expiresAt { ends.append(expiry + leeway) }
        if let maxAge, let issued = claims.issuedAt { ends.append(issued + maxAge + leeway) }
        return ends.min().map { AuthenticatedUntil(unixTime: $0) }
    }

    private static func contains(_ list: [String], _ text: String) -> Bool {
        list.contains { $0.utf8.elementsEqual(text.utf8) }
    }
}
