/// A signed cookie beside the session's: what a visitor who is nobody yet must not cost the store.
enum SideCookie: String, Sendable {
    /// Messages for the next page.
    case flash
    /// The page that was left for a login.
    case returnTo = "return"
    /// A login that outlives its session.
    case remember

    /// Keeps the kinds of signed texts apart: no session id contains a colon.
    fileprivate var mark: String { rawValue + ":" }
}

extension SessionCookie {
    /// What this site wrote into a side cookie, nil when it is missing or nobody's we know.
    func side(_ kind: SideCookie, in headers: Headers) -> String? {
        guard let value = Self.first(sideName(kind), in: headers),
            let (text, _) = Self.opened(value, secrets.keys), text.starts(with: kind.mark.utf8)
        else { return nil }
        return String(validating: text.dropFirst(kind.mark.utf8.count), as: UTF8.self)
    }

    func cookie(
        _ kind: SideCookie,
        _ text: String,
        lifetime: Duration,
        isSecure: Bool,
        now: Int64
    ) -> SetCookie {
        var cookie = cookie(sideName(kind), signed(kind.mark + text), isSecure)
        cookie.expires = now + max(0, lifetime.components.seconds)
        return cookie
    }

    func removal(of kind: SideCookie, isSecure: Bool) -> SetCookie {
        removal(sideName(kind), isSecure)
    }

    /// Whether there is such a cookie, good or bad.
    func isShown(_ kind: SideCookie, in headers: Headers) -> Bool {
        Self.first(sideName(kind), in: headers) != nil
    }

    /// A code of bytes that nobody else can make, and that is no signature of any cookie.
    func code(for bytes: [UInt8], _ purpose: String) -> [UInt8] {
        secrets.newest.code.code(for: Array(purpose.utf8) + [0] + bytes)
    }

    private func sideName(_ kind: SideCookie) -> String { policy.cookieName + "." + kind.rawValue }
}
