/// Passports of one strategy.
extension Passport {
    /// A passport for a form with user name and password.
    public static func local(
        _ options: LocalStrategy<User>.Options = LocalStrategy<User>.Options(),
        _ verify: @escaping LocalStrategy<User>.Verify
    ) -> Passport {
        Passport(LocalStrategy(options, verify))
    }

    /// A passport for `Authorization: Basic`.
    public static func basic(
        _ options: BasicStrategy<User>.Options = BasicStrategy<User>.Options(),
        _ verify: @escaping BasicStrategy<User>.Verify
    ) -> Passport {
        Passport(BasicStrategy(options, verify))
    }

    /// A passport for tokens in `Authorization: Bearer`.
    public static func bearer(
        _ options: BearerStrategy<User>.Options = BearerStrategy<User>.Options(),
        _ verify: @escaping BearerStrategy<User>.Verify
    ) -> Passport {
        Passport(BearerStrategy(options, verify))
    }

    /// A passport for JSON Web Tokens in `Authorization: Bearer`.
    public static func jwt<Payload: Decodable & Sendable>(
        _ verifier: JWTVerifier,
        _ options: JWTStrategy<User>.Options = JWTStrategy<User>.Options(),
        _ find:
            @escaping @Sendable (_ claims: JWTClaims<Payload>, _ request: Request)
            async throws -> User?
    ) -> Passport {
        Passport(JWTStrategy(verifier, options, find))
    }
}
