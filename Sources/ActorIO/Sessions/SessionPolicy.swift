/// How the session cookie looks.
///
/// ```swift
/// var policy = SessionPolicy()
/// policy.cookieName = "__Host-sid"
/// policy.secure = .always
/// policy.lifetime = .seconds(14 * 86_400)
/// ```
public struct SessionPolicy: Sendable {
    /// When the cookie is for TLS only.
    public enum Secure: Sendable {
        /// When the request that sets it came over TLS, as the server or a trusted proxy saw it.
        case auto
        /// Always; behind a proxy that hides TLS the cookie still works.
        case always
        /// Never.
        case never
    }

    /// The name of the cookie; two apps on one host need two, because cookies ignore ports.
    public var cookieName = "connect.sid"
    /// The paths that get the cookie; `/socket.io/` must be below it.
    public var path = "/"
    /// The domain that gets it with its subdomains; nil for this host alone.
    public var domain: String?
    /// Whether scripts can not read it.
    public var httpOnly = true
    /// When it is for TLS only.
    public var secure = Secure.auto
    /// Which cross-site requests carry it; `none` works over TLS only.
    public var sameSite: SetCookie.SameSite? = .lax
    /// How long the browser keeps it without a visit; nil for the end of the browser's session.
    ///
    /// The store's own lifetimes apply all the same: what it has ended no cookie brings back.
    public var lifetime: Duration?

    /// The cookie of express-session with SameSite=Lax.
    public init() {}
}
