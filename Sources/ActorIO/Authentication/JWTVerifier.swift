/// Checks the signatures of JSON Web Tokens, by one algorithm that is fixed here.
///
/// What a token calls its algorithm must be this one; it never chooses. HS256 is built in, any
/// other comes as a closure:
/// ```swift
/// let verifier = JWTVerifier(algorithm: "EdDSA") { signed, signature, header in
///     keys[header["kid"]?.string ?? ""]?.isValidSignature(signature, for: signed) ?? false
/// }
/// ```
public struct JWTVerifier: Sendable {
    /// Whether a signature fits what was signed, `header.payload` as it was sent.
    ///
    /// The header is a claim like any other until this says yes: use its `kid` to look a key up
    /// among your own, never to fetch one.
    public typealias Check =
        @Sendable (_ signed: [UInt8], _ signature: [UInt8], _ header: JSONValue)
        async throws -> Bool

    /// The name of the algorithm, as RFC 7518 writes it.
    public let algorithm: String
    let check: Check

    /// Makes a verifier from a closure; `none` is no algorithm.
    public init(algorithm: String, _ check: @escaping Check) {
        precondition(
            !Grammar.equal(algorithm.utf8, ignoringCaseOf: "none".utf8),
            "a token that nobody signed proves nothing"
        )
        self.algorithm = algorithm
        self.check = check
    }

    /// HMAC with SHA-256 and shared secrets of 32 bytes or more (RFC 7518 3.2).
    ///
    /// Each of them verifies, so that they can be replaced one after the other.
    public static func hs256(secrets: [[UInt8]]) -> JWTVerifier {
        precondition(!secrets.isEmpty, "a verifier needs a secret")
        let keys = secrets.map(JWT.key)
        return JWTVerifier(algorithm: "HS256") { signed, signature, _ in
            keys.contains { constantTimeEqual($0.code(for: signed), signature) }
        }
    }

    /// HMAC with SHA-256 and the bytes of a text as its secret.
    public static func hs256(secret: String) -> JWTVerifier {
        hs256(secrets: [Array(secret.utf8)])
    }
}

/// Writes JSON Web Tokens.
public enum JWT {
    /// A token signed by HMAC with SHA-256 and a secret of 32 bytes or more.
    ///
    /// ```swift
    /// struct Access: Codable { var sub: String; var exp: Int64 }
    /// let exp = request.unixTime + 900
    /// let token = try JWT.token(Access(sub: "7", exp: exp), secret: secret)
    /// ```
    public static func token(_ claims: some Encodable, secret: String) throws -> String {
        let parts = [
            Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8), try PayloadEncoder.encode(claims),
        ]
        let signed = Array(
            parts.map { Base64.encode($0, .url, padding: false) }.joined(separator: [0x2E])
        )
        let code = key(Array(secret.utf8)).code(for: signed)
        let all = signed + [0x2E] + Base64.encode(code, .url, padding: false)
        return String(decoding: all, as: UTF8.self)
    }

    static func key(_ secret: [UInt8]) -> HMACSHA256 {
        precondition(secret.count >= 32, "RFC 7518 3.2: an HS256 secret has 32 bytes or more")
        return HMACSHA256(key: secret)
    }
}
