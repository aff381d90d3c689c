/// What a JSON Web Token says, when its signature and its times were found good.
///
/// `Payload` is a type of yours for the claims beside the registered ones of RFC 7519 4.1, or
/// ``JSONValue``.
public struct JWTClaims<Payload: Decodable & Sendable>: Sendable {
    /// `iss`: who made the token.
    public let issuer: String?
    /// `sub`: whom it is about.
    public let subject: String?
    /// `aud`: whom it is for.
    public let audience: [String]
    /// `exp`: when it ends, in seconds since 1970.
    public let expiresAt: Int64?
    /// `nbf`: when it begins.
    public let notBefore: Int64?
    /// `iat`: when it was made.
    public let issuedAt: Int64?
    /// `jti`: its own name.
    public let id: String?
    /// All claims, as your type reads them.
    public let payload: Payload
}

extension JWTClaims {
    /// Throws for registered claims of a wrong type.
    init(_ json: JSONValue, _ payload: Payload) throws(JWTFault) {
        guard json.object != nil else { throw .malformed }
        issuer = try JWTFields.text(json["iss"])
        subject = try JWTFields.text(json["sub"])
        audience = try JWTFields.texts(json["aud"])
        expiresAt = try JWTFields.date(json["exp"])
        notBefore = try JWTFields.date(json["nbf"])
        issuedAt = try JWTFields.date(json["iat"])
        id = try JWTFields.text(json["jti"])
        self.payload = payload
    }
}

/// Reads registered claims.
private enum JWTFields {
    static func text(_ value: JSONValue?) throws(JWTFault) -> String? {
        guard let value else { return nil }
        guard let text = value.string else { throw .malformed }
        return text
    }

    /// One text or several (RFC 7519 4.1.3).
    static func texts(_ value: JSONValue?) throws(JWTFault) -> [String] {
        guard let list = value?.array else { return try text(value).map { [$0] } ?? [] }
        var texts: [String] = []
        for item in list {
            guard let text = item.string else { throw .malformed }
            texts.append(text)
        }
        return texts
    }

    /// `NumericDate`, which may have a fraction and any size.
    static func date(_ value: JSONValue?) throws(JWTFault) -> Int64? {
        guard let value else { return nil }
        guard let number = value.double, number.isFinite else { throw .malformed }
        return Int64(exactly: min(max(number, -1e12), 1e12).rounded(.down))
    }
}

/// Why a token is not good; clients are told as much.
enum JWTFault: Error, Equatable {
    case malformed
    case signature
    case expired
    case endless
    case early
    case old
    case issuer
    case audience
    case unknown

    var description: String {
        switch self {
        case .malformed: "The token is malformed."
        case .signature: "The signature of the token is not valid."
        case .expired: "The token has expired."
        case .endless: "The token has no expiry."
        case .early: "The token is not valid yet."
        case .old: "The token is too old."
        case .issuer: "The token is of another issuer."
        case .audience: "The token is for another audience."
        case .unknown: "The token is not valid."
        }
    }
}
