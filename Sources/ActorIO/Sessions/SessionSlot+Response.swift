/// The way out.
extension SessionSlot {
    /// The last look at the state: after it no session can begin here any more.
    func seal() -> [SetCookie] {
        let record = record.withLock { record in
            record.isSealed = true
            return record
        }
        // Whoever shows a bearer keeps no cookies, and a page that does both was told elsewhere.
        let hasNotes = notes.withLock { !$0.isEmpty }
        guard !isBearer, record.hasNews || hasNotes else { return [] }
        let cookies = cookies(for: record)
        guard !cookies.isEmpty else { return [] }
        warnOfHiddenTLS()
        return cookies.map(adjusted)
    }

    private func cookies(for record: Record) -> [SetCookie] {
        let now = store.lane.unixTime
        var cookies: [SetCookie] = []
        switch record.state {
        case .live(let id):
            guard record.cookieIsDue else { break }
            cookies.append(cookie.cookie(for: id, isSecure: isSecure, now: now))
        case .ended: cookies.append(cookie.removal(isSecure: isSecure))
        case .none, .unwritten: break
        }
        return cookies + sideCookies(now: now)
    }

    /// The commonest mistake behind a proxy, and one that nothing else would show.
    ///
    /// The first word is the one of the proxy that browsers speak to. As it was not the one that
    /// counted, it came by way of somebody who is not trusted.
    private func warnOfHiddenTLS() {
        guard !isSecure, case .auto = cookie.policy.secure,
            TrustedProxies.schemes(headers).first == "https",
            cookie.isFirstWarning()
        else { return }
        store.options.log.warning(
            "X-Forwarded-Proto says https, but its sender is not among the trustedProxies: "
                + "the session cookie is set without Secure",
            ["cookie": cookie.policy.cookieName]
        )
    }
}

/// Sockets.
extension SessionSlot {
    /// How often a busy socket is to say so; nil when that keeps no session alive.
    var activityPause: Duration? {
        store.options.socketActivity == .ignored ? nil : store.options.touchPause
    }

    /// Whether a socket keeps the session alive though its client sends nothing.
    var livesByHeartbeats: Bool { store.options.socketActivity == .connected }

    /// A socket of the session is in use: never waits, and costs its caller a hop at most.
    func noteActivity() {
        guard let id = liveID else { return }
        let store = store
        store.lane.run { store.assumeIsolated { $0.wasUsed(id) } }
    }
}
