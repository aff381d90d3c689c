/// A cookie with the name of the connection in it, for what stands in front of the server.
///
/// ```swift
/// options.engine.cookie = EngineCookie()      // io=…; Path=/; HttpOnly; SameSite=Lax
/// ```
/// A balancer that keeps a client on its node by a cookie can go by this one. The value opens the
/// connection to whoever has it, so leave it closed to scripts. It is sent with the first answer of
/// polling alone: a WebSocket needs no second request, and would overwrite a tab's cookie.
public struct EngineCookie: Sendable, Equatable {
    /// The name, a token.
    public var name: String
    /// The paths that get it; nil for the path clients connect to.
    public var path: String? = "/"
    /// The domain that gets it with its subdomains; nil for this host alone.
    public var domain: String?
    /// How long it lives, in whole seconds; nil for the end of the browser's session.
    public var maxAge: Duration?
    /// Whether scripts can not read it.
    public var httpOnly = true
    /// Whether it is sent over TLS only.
    public var secure = false
    /// Which cross-site requests carry it.
    public var sameSite: SetCookie.SameSite? = .lax

    /// Makes a cookie for the whole site, closed to scripts and to cross-site posts.
    public init(_ name: String = "io") {
        self.name = name
    }

    /// The cookie that names a session.
    func naming(_ id: EngineID) -> SetCookie {
        // Ids of an app's own may hold what no cookie can.
        var cookie = SetCookie(name, PercentCoding.encodeURIComponent(id.description))
        cookie.path = path
        cookie.domain = domain
        cookie.maxAge = maxAge
        cookie.httpOnly = httpOnly
        cookie.secure = secure
        cookie.sameSite = sameSite
        return cookie
    }
}
