/// Signs and reads what names a session, in the format of express-session.
///
///     connect.sid=s%3A<sid>.<HMAC-SHA256 of the sid, base64 without padding>
///     Authorization: Bearer s:<sid>.<the same>
///
/// Only the id is signed; its life is the store's affair.
final class SessionCookie: Sendable {
    let policy: SessionPolicy
    let secrets: SessionSecrets
    /// Whether the policy has closures that want to see requests.
    let asksApp: Bool
    private let hasWarned = Locked(false)

    init(secrets: SessionSecrets, policy: SessionPolicy) {
        precondition(policy.path.utf8.first == UInt8(ascii: "/"), "the path of a session cookie")
        self.policy = policy
        self.secrets = secrets
        asksApp = policy.makeID != nil || policy.adjustCookie != nil
    }

    convenience init(secrets: [String], policy: SessionPolicy) {
        self.init(secrets: SessionSecrets(secrets), policy: policy)
    }

    /// What a request shows.
    ///
    /// One rule: the first cookie of the name counts, even when it is bad, so that nobody can slip
    /// in another one that does. Without one the first `Authorization` counts in the same way.
    func find(in headers: Headers) -> ShownSession {
        if let value = Self.first(policy.cookieName, in: headers) {
            return verified(value, isBearer: false)
        }
        guard let token = Self.bearer(in: headers) else { return ShownSession() }
        return verified(token, isBearer: true)
    }

    private func verified(_ value: [UInt8], isBearer: Bool) -> ShownSession {
        let keys = secrets.keys
        guard let (text, key) = Self.opened(value, keys), let id = SessionID(utf8: text) else {
            return ShownSession(isBearer: isBearer)
        }
        return ShownSession(id: id, key: key, isNewest: key === keys.first, isBearer: isBearer)
    }

    /// Whether there is a cookie of the name, good or bad.
    func isShown(in headers: Headers) -> Bool {
        Self.first(policy.cookieName, in: headers) != nil
    }

    /// What a client without cookies shows as its bearer.
    func token(for id: SessionID) -> String {
        String(decoding: sealed(id.description), as: UTF8.self)
    }

    func cookie(for id: SessionID, isSecure: Bool, now: Int64) -> SetCookie {
        var cookie = cookie(policy.cookieName, signed(id.description), isSecure)
        // Expires and never Max-Age, as express-session writes it.
        cookie.expires = policy.lifetime.map { now + $0.components.seconds }
        return cookie
    }

    func removal(isSecure: Bool) -> SetCookie {
        removal(policy.cookieName, isSecure)
    }

    func cookie(_ name: String, _ value: String, _ isSecure: Bool) -> SetCookie {
        policy.cookie(name, value, isSecure: isSecure)
    }

    func removal(_ name: String, _ isSecure: Bool) -> SetCookie {
        var cookie = cookie(name, "", isSecure)
        cookie.expires = 0
        return cookie
    }

    /// True once: for a warning that every request would repeat.
    func isFirstWarning() -> Bool {
        hasWarned.withLock { !exchange(&$0, with: true) }
    }
}

/// The session that a request names, if what it shows was signed by us.
struct ShownSession: Sendable {
    var id: SessionID?
    /// Under which secret.
    var key: SigningKey?
    var isNewest = true
    /// Whether it is no cookie that decides, so that none may be set either.
    var isBearer = false
}

/// The format of cookie-signature.
extension SessionCookie {
    func signed(_ text: String) -> String {
        PercentCoding.encodeURIComponent(String(decoding: sealed(text), as: UTF8.self))
    }

    private func sealed(_ text: String) -> [UInt8] {
        [UInt8]("s:") + Self.sealed(Array(text.utf8), secrets.newest)
    }

    private static func sealed(_ text: [UInt8], _ key: SigningKey) -> [UInt8] {
        text + [UInt8(ascii: ".")] + Base64.encode(key.code.code(for: text), padding: false)
    }

    /// The text of a signed value; nil when it is unsigned or signed by nobody we know.
    static func opened(
        _ value: [UInt8],
        _ keys: [SigningKey]
    ) -> (text: ArraySlice<UInt8>, key: SigningKey)? {
        guard value.starts(with: "s:".utf8) else { return nil }
        let whole = Array(value.dropFirst(2))
        guard let dot = whole.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        let text = Array(whole[..<dot])
        let key = keys.first { constantTimeEqual(sealed(text, $0), whole) }
        return key.map { (whole[..<dot], $0) }
    }

    /// The first cookie of a name as the `cookie` package reads it: quotes stripped, escapes
    /// decoded when there are any, the raw text when they are broken.
    static func first(_ name: String, in headers: Headers) -> [UInt8]? {
        var from = 0
        while let index = headers.firstIndex(of: "cookie", from: from) {
            for part in headers.value(at: index).split(separator: UInt8(ascii: ";")) {
                guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { continue }
                guard Grammar.trimmed(part[..<equals]).elementsEqual(name.utf8) else { continue }
                return decoded(Grammar.trimmed(part[(equals + 1)...]))
            }
            from = index + 1
        }
        return nil
    }

    /// The token of `Authorization: Bearer`, if it looks like one of ours; other tokens are the
    /// affair of strategies.
    private static func bearer(in headers: Headers) -> [UInt8]? {
        guard let index = headers.firstIndex(of: "authorization", from: 0) else { return nil }
        let value = Grammar.trimmed(headers.value(at: index))
        guard value.count > 7, value[value.startIndex + 6] == UInt8(ascii: " ") else { return nil }
        let scheme = value.prefix(6).map { $0 | 0x20 }
        guard scheme.elementsEqual("bearer".utf8) else { return nil }
        let token = decoded(Grammar.trimmed(value.dropFirst(7)))
        return token.starts(with: "s:".utf8) ? token : nil
    }

    private static func decoded(_ value: ArraySlice<UInt8>) -> [UInt8] {
        var value = value
        let quote = UInt8(ascii: "\"")
        if value.count >= 2, value.first == quote, value.last == quote {
            value = value.dropFirst().dropLast()
        }
        guard value.contains(UInt8(ascii: "%")) else { return Array(value) }
        return PercentCoding.decode(value, plusIsSpace: false) ?? Array(value)
    }
}
