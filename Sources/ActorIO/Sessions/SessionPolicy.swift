/// How sessions are shown to clients: the cookie, and when it is set.
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

    /// Which cross-site requests carry the cookie.
    public enum SameSite: Sendable {
        /// None at all.
        case strict
        /// Links that lead here.
        case lax
        /// All; browsers take such a cookie over TLS only.
        case none
        /// `none` where the cookie is for TLS only, else `lax`.
        case auto
        /// The cookie does not say: each browser has its own rule.
        case unsaid
    }

    /// The name of the cookie; two apps on one host need two, because cookies ignore ports.
    public var cookieName = "connect.sid"
    /// The paths that get the cookie; a request elsewhere has no session.
    ///
    /// `/socket.io/` must be below it, or no socket has one.
    public var path = "/"
    /// The domain that gets it with its subdomains; nil for this host alone.
    public var domain: String?
    /// Whether scripts can not read it.
    public var httpOnly = true
    /// When it is for TLS only.
    public var secure = Secure.auto
    /// Which cross-site requests carry it.
    public var sameSite = SameSite.lax
    /// Whether embedded pages get a jar of their own; browsers want `secure` beside it.
    public var partitioned = false
    /// What a browser throws away last.
    public var priority: SetCookie.Priority?
    /// How long the browser keeps it without a visit; nil for the end of the browser's session.
    ///
    /// The store's own lifetimes apply all the same: what it has ended no cookie brings back.
    public var lifetime: Duration?
    /// Whether every response of a session that was found sets the cookie again.
    ///
    /// Without it a cookie with a `lifetime` is set again by a change of the session, and by a
    /// visit after a tenth of that time, so that nobody who comes is logged out.
    public var rolling = false
    /// Whether every visitor gets a session and a cookie, though nothing was written.
    ///
    /// Robots then fill the store: ``SessionStore/Options/maxSessions`` says what happens.
    public var saveUninitialized = false
    /// Makes the ids, if they have to be of some kind; an id in use is refused with 500.
    ///
    /// Whoever can guess one, and has the secret, is that visitor: start from random bytes.
    public var makeID: (@Sendable (Request) -> SessionID)?
    /// Has the last word on a cookie's attributes for a request; name and value stay.
    public var adjustCookie: (@Sendable (inout SetCookie, Request) -> Void)?

    /// The cookie of express-session with SameSite=Lax.
    public init() {}
}

extension SessionPolicy {
    /// Whether a request has a session at all: RFC 6265 5.1.4.
    func covers(_ request: String) -> Bool {
        guard request.utf8.starts(with: path.utf8) else { return false }
        if path.utf8.last == UInt8(ascii: "/") { return true }
        let next = request.utf8.dropFirst(path.utf8.count).first
        return next == nil || next == UInt8(ascii: "/")
    }

    func cookie(_ name: String, _ value: String, isSecure: Bool) -> SetCookie {
        var cookie = SetCookie(name, value)
        cookie.path = path
        cookie.domain = domain
        cookie.httpOnly = httpOnly
        cookie.partitioned = partitioned
        cookie.priority = priority
        switch secure {
        case .auto: cookie.secure = isSecure
        case .always: cookie.secure = true
        case .never: cookie.secure = false
        }
        cookie.sameSite = sameSite(cookie.secure)
        return cookie
    }

    private func sameSite(_ isSecure: Bool) -> SetCookie.SameSite? {
        switch sameSite {
        case .strict: .strict
        case .lax: .lax
        case .none: SetCookie.SameSite.none
        case .auto: isSecure ? SetCookie.SameSite.none : .lax
        case .unsaid: nil
        }
    }
}
