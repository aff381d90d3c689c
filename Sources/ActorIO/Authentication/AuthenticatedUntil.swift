/// How long what a request was authenticated by is good: the `exp` of its token, say.
///
/// A strategy, or middleware of one's own, leaves it on the request. Sockets that come of such a
/// request are warned before that moment and closed at it; see ``TokenOptions``.
///
/// ```swift
/// request[AuthenticatedUntil.self] = claims.exp.map { AuthenticatedUntil(unixTime: $0) }
/// ```
public struct AuthenticatedUntil: Sendable, Hashable {
    /// Seconds since 1970; from the beginning of that second on it is good no more (RFC 7519
    /// 4.1.4).
    public var unixTime: Int64

    /// Makes an end from seconds since 1970.
    public init(unixTime: Int64) {
        self.unixTime = unixTime
    }

    /// What is left; zero or less when it is over.
    func left(_ unixMilliseconds: Int64) -> Duration {
        .seconds(unixTime) - .milliseconds(unixMilliseconds)
    }
}

extension HTTPError {
    static let tokenExpired = HTTPError(
        .unauthorized,
        "the token has expired",
        code: "token_expired"
    )
}
