/// What a request did to the cookies beside the session's.
enum SideChange: Sendable {
    case flash(Flash)
    /// Messages of a kind were read, or with nil all of them.
    case readFlashes(String?)
    case set(SideCookie, String, lifetime: Duration)
    case remove(SideCookie)
}

extension SessionSlot {
    /// What the browser showed in a side cookie.
    func side(_ kind: SideCookie) -> String? { cookie.side(kind, in: headers) }

    func set(_ kind: SideCookie, _ text: String, lifetime: Duration) {
        notes.withLock { $0.append(.set(kind, text, lifetime: lifetime)) }
    }

    func remove(_ kind: SideCookie) {
        notes.withLock { $0.append(.remove(kind)) }
    }

    // Messages

    func leave(_ flash: Flash) {
        notes.withLock { $0.append(.flash(flash)) }
    }

    func readFlashes(_ kind: String?) -> [Flash] {
        let found = shownFlashes.filter { flash in
            kind.map { flash.kind.utf8.elementsEqual($0.utf8) } ?? true
        }
        if !found.isEmpty { notes.withLock { $0.append(.readFlashes(kind)) } }
        return found
    }

    private var shownFlashes: [Flash] { side(.flash).map(FlashText.read) ?? [] }

    // The page that was left

    /// Remembers a page for after the login; one that is not on this site, or long, is not.
    func leaveReturn(_ target: String) {
        guard target.utf8.count <= 1_000, Location.isLocal(target) else { return }
        set(.returnTo, target, lifetime: .seconds(600))
    }

    /// The page that was left for the login, once.
    func takeReturn() -> String? {
        guard let target = side(.returnTo) else { return nil }
        remove(.returnTo)
        // Signed by us, but perhaps by an older version of us.
        return Location.isLocal(target) ? target : nil
    }

    // The way out

    /// The side cookies that the response must set, and an end to the notes.
    func sideCookies(now: Int64) -> [SetCookie] {
        let changes = notes.withLock { exchange(&$0, with: []) }
        guard !changes.isEmpty else { return [] }
        var cookies = flashCookies(changes, now)
        var last: [SideCookie: SetCookie] = [:]
        for change in changes {
            switch change {
            case .set(let kind, let text, let lifetime):
                last[kind] = cookie.cookie(
                    kind,
                    text,
                    lifetime: lifetime,
                    isSecure: isSecure,
                    now: now
                )
            case .remove(let kind): last[kind] = cookie.removal(of: kind, isSecure: isSecure)
            case .flash, .readFlashes: break
            }
        }
        cookies += [.returnTo, .remember].compactMap { last[$0] }
        return cookies
    }

    private func flashCookies(_ changes: [SideChange], _ now: Int64) -> [SetCookie] {
        let shown = shownFlashes
        var rest = shown
        for change in changes {
            switch change {
            case .flash(let flash): rest.append(flash)
            case .readFlashes(let kind): rest.removeAll { isRead($0, kind, shown) }
            case .set, .remove: break
            }
        }
        guard rest != shown else { return [] }
        guard !rest.isEmpty else { return [cookie.removal(of: .flash, isSecure: isSecure)] }
        let text = FlashText.write(rest)
        let lifetime = Duration.seconds(60)
        return [cookie.cookie(.flash, text, lifetime: lifetime, isSecure: isSecure, now: now)]
    }

    /// Whether reading a kind was reading this one; what was left since is for the next page.
    private func isRead(_ flash: Flash, _ kind: String?, _ shown: [Flash]) -> Bool {
        shown.contains(flash) && (kind.map { flash.kind.utf8.elementsEqual($0.utf8) } ?? true)
    }
}
