/// A cookie to be set, with the flags that keep it where it belongs.
///
/// ```swift
/// var cookie = SetCookie("theme", "dark")
/// cookie.maxAge = .seconds(86_400)
/// response.set(cookie)
/// ```
public struct SetCookie: Sendable, Equatable {
    /// Which cross-site requests carry the cookie.
    public enum SameSite: String, Sendable {
        /// None at all.
        case strict = "Strict"
        /// Links that lead here.
        case lax = "Lax"
        /// All; browsers ask for `secure` beside it.
        case none = "None"
    }

    /// What a browser throws away last.
    public enum Priority: String, Sendable {
        /// First to go.
        case low = "Low"
        /// The usual.
        case medium = "Medium"
        /// Last to go.
        case high = "High"
    }

    /// The name, a token.
    public var name: String
    /// The value: visible ASCII without quotes, comma, semicolon and backslash.
    public var value: String
    /// The paths that get it.
    public var path: String? = "/"
    /// The domain that gets it with its subdomains; nil for this host alone.
    public var domain: String?
    /// When it ends, in seconds since 1970; nil for the end of the browser's session.
    public var expires: Int64?
    /// How long it lives; whole seconds, and it beats `expires`.
    public var maxAge: Duration?
    /// Whether scripts can not read it.
    public var httpOnly = true
    /// Whether it is sent over TLS only.
    public var secure = false
    /// Which cross-site requests carry it.
    public var sameSite: SameSite? = .lax
    /// Whether embedded pages get a jar of their own.
    public var partitioned = false
    /// What a browser throws away last.
    public var priority: Priority?

    /// Makes a cookie for the whole site, closed to scripts and to cross-site posts.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// A cookie that makes the browser forget the one of this name.
    public static func removing(_ name: String, path: String? = "/") -> SetCookie {
        var cookie = SetCookie(name, "")
        cookie.path = path
        cookie.expires = 0
        return cookie
    }

    /// The header value; nil when name, value, path or domain would break out of it.
    public func serialized() -> String? {
        guard Grammar.isToken(name), value.utf8.allSatisfy(SetCookie.isOctet) else { return nil }
        guard SetCookie.isAttribute(path), SetCookie.isAttribute(domain) else { return nil }
        var text = "\(name)=\(value)"
        if let maxAge { text += "; Max-Age=\(maxAge.components.seconds)" }
        if let domain { text += "; Domain=\(domain)" }
        if let path { text += "; Path=\(path)" }
        if let expires { text += "; Expires=\(HTTPDate(expires).text)" }
        if httpOnly { text += "; HttpOnly" }
        if secure { text += "; Secure" }
        if partitioned { text += "; Partitioned" }
        if let priority { text += "; Priority=\(priority.rawValue)" }
        if let sameSite { text += "; SameSite=\(sameSite.rawValue)" }
        return text
    }

    /// `cookie-octet` of RFC 6265 4.1.1.
    static func isOctet(_ byte: UInt8) -> Bool {
        guard byte > 0x20, byte < 0x7F else { return false }
        return byte != 0x22 && byte != 0x2C && byte != 0x3B && byte != 0x5C
    }

    private static func isAttribute(_ text: String?) -> Bool {
        guard let text else { return true }
        return text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x3B }
    }
}

extension Response {
    /// Adds a `Set-Cookie` header; a cookie that can not be written safely is left out.
    public mutating func set(_ cookie: SetCookie) {
        guard let text = cookie.serialized() else { return }
        headers.add("Set-Cookie", text)
    }
}
