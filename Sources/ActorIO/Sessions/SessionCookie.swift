/// Signs and reads the session cookie in the format of express-session.
///
///     connect.sid=s%3A<sid>.<HMAC-SHA256 of the sid, base64 without padding>
///
/// The first secret signs, all verify; only the id is signed, its life is the store's affair.
final class SessionCookie: Sendable {
    let policy: SessionPolicy
    private let keys: [HMACSHA256]

    init(secrets: [String], policy: SessionPolicy) {
        precondition(!secrets.isEmpty, "a session needs a secret")
        precondition(secrets.allSatisfy { !$0.isEmpty }, "a session secret is empty")
        self.policy = policy
        keys = secrets.map { HMACSHA256(key: Array($0.utf8)) }
    }

    /// The id in the first cookie of the name, if its signature is ours.
    ///
    /// The first wins even when it is bad, so that nobody can slip in a second one that counts.
    func id(in headers: Headers) -> SessionID? {
        guard let text = text(policy.cookieName, in: headers) else { return nil }
        return SessionID(utf8: text)
    }

    /// Whether there is a cookie of the name, good or bad.
    func isShown(in headers: Headers) -> Bool {
        Self.first(policy.cookieName, in: headers) != nil
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

    private func cookie(_ name: String, _ value: String, _ isSecure: Bool) -> SetCookie {
        var cookie = SetCookie(name, value)
        cookie.path = policy.path
        cookie.domain = policy.domain
        cookie.httpOnly = policy.httpOnly
        cookie.sameSite = policy.sameSite
        switch policy.secure {
        case .auto: cookie.secure = isSecure
        case .always: cookie.secure = true
        case .never: cookie.secure = false
        }
        return cookie
    }

    private func removal(_ name: String, _ isSecure: Bool) -> SetCookie {
        var cookie = cookie(name, "", isSecure)
        cookie.expires = 0
        return cookie
    }
}

/// A message from a failed login to the next page: a cookie of a minute, so that a visitor who
/// is nobody yet costs the store nothing. Signed, so that the page shows our own words only.
extension SessionCookie {
    func failure(in headers: Headers) -> String? {
        guard let text = text(failureName, in: headers), text.starts(with: Self.mark) else {
            return nil
        }
        return String(validating: text.dropFirst(Self.mark.count), as: UTF8.self)
    }

    func cookie(forFailure message: String, isSecure: Bool, now: Int64) -> SetCookie {
        let text = String(decoding: Self.mark, as: UTF8.self) + message.prefix(bytes: 500)
        var cookie = cookie(failureName, signed(text), isSecure)
        cookie.expires = now + 60
        return cookie
    }

    func removalOfFailure(isSecure: Bool) -> SetCookie {
        removal(failureName, isSecure)
    }

    private var failureName: String { policy.cookieName + ".failure" }
    /// Keeps the two kinds of signed texts apart: no session id contains a colon.
    private static let mark = [UInt8]("failure:")
}

/// The format of cookie-signature.
extension SessionCookie {
    private func signed(_ text: String) -> String {
        let value = [UInt8]("s:") + Self.sealed(Array(text.utf8), keys[0])
        return PercentCoding.encodeURIComponent(String(decoding: value, as: UTF8.self))
    }

    private static func sealed(_ text: [UInt8], _ key: HMACSHA256) -> [UInt8] {
        text + [UInt8(ascii: ".")] + Base64.encode(key.code(for: text), padding: false)
    }

    /// The text of a signed cookie; nil when it is unsigned or signed by nobody we know.
    private func text(_ name: String, in headers: Headers) -> ArraySlice<UInt8>? {
        guard let value = Self.first(name, in: headers), value.starts(with: "s:".utf8) else {
            return nil
        }
        let whole = Array(value.dropFirst(2))
        guard let dot = whole.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        let text = Array(whole[..<dot])
        let isOurs = keys.contains { constantTimeEqual(Self.sealed(text, $0), whole) }
        return isOurs ? whole[..<dot] : nil
    }

    /// The first cookie of a name as the `cookie` package reads it: quotes stripped, escapes
    /// decoded when there are any, the raw text when they are broken.
    private static func first(_ name: String, in headers: Headers) -> [UInt8]? {
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
