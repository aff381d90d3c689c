/// How long and how logins are remembered.
public struct RememberOptions: Sendable {
    /// The field of the login form that asks for it; any text but none will do.
    public var field = "remember"
    /// How long a login is remembered after the password was given; 30 days.
    public var lifetime = Duration.seconds(30 * 86_400)
    /// For how long a token that was just used may be shown again.
    ///
    /// When a browser starts with several pages, each of them shows the same token. Within this
    /// time they all get the same session and the same next token; after it a second use means that
    /// the cookie was stolen.
    public var grace = Duration.seconds(30)
    /// Called with the user's id when a stolen cookie was shown, and all logins have been ended.
    public var onTheft: (@Sendable (_ userID: String) -> Void)?

    /// The defaults.
    public init() {}
}

/// Remembers logins, and forgets them when their sessions are ended.
final class RememberedKeeper: RememberedEnds {
    let logins: any RememberedLogins
    let options: RememberOptions

    /// What is not to be believed any more while its store has not been told.
    private let doomed = Locked(DoomedLogins())

    init(_ logins: any RememberedLogins, _ options: RememberOptions) {
        self.logins = logins
        self.options = options
    }

    func forget(series: String) async throws -> String? {
        let ticket = doomed.withLock { $0.insert(series) }
        let login = try await logins.find(series)
        try await logins.remove(series)
        doomed.withLock { $0.remove(series: series, ticket) }
        return login?.userID
    }

    func forgetAll(of userID: String, keeping series: String?) async throws {
        let ticket = doomed.withLock { $0.insert(userID, keeping: series) }
        try await logins.removeAll(of: userID, keeping: series)
        doomed.withLock { $0.remove(user: userID, ticket) }
    }

    func remembers(_ series: String) async throws -> Bool {
        try await find(series) != nil
    }

    /// A login that may be believed.
    func find(_ series: String) async throws -> RememberedLogin? {
        guard let login = try await logins.find(series) else { return nil }
        // Asked last: what was forgotten while its store was asked is forgotten.
        return doomed.withLock { $0.contains(series, of: login.userID) } ? nil : login
    }

    /// Its store may be told by now what it could not be told.
    private func retry(_ series: String) async {
        guard doomed.withLock({ $0.contains(series) }) else { return }
        _ = try? await forget(series: series)
    }

    /// Tells the store what it could not be told before.
    private func settle(_ userID: String) async throws {
        guard let kept = doomed.withLock({ $0.keeping(userID) }) else { return }
        try await forgetAll(of: userID, keeping: kept)
    }

    /// Remembers a login whose session is about to begin.
    ///
    /// Before, so that an end of all sessions finds either both or neither.
    func begin(_ userID: String, _ request: Request) async throws -> RememberToken {
        try await settle(userID)
        let token = RememberToken()
        let now = request.unixTime
        let login = RememberedLogin(
            userID: userID,
            tokenHash: token.hash,
            usedAt: now,
            nonce: [],
            expiresAt: now + max(0, options.lifetime.components.seconds)
        )
        try await logins.insert(login, as: token.series)
        return token
    }

    /// What the cookie of a request is good for.
    func recall(_ request: Request) async throws -> Recall {
        let slot = try request.sessionSlot
        // Who shows a session as bearer gets no cookies, so the next token would be lost.
        guard !slot.isBearer, let text = slot.side(.remember) else { return .nothing }
        guard let shown = RememberToken(text) else { return .useless }
        guard let login = try await find(shown.series) else {
            await retry(shown.series)
            return await isAnothers(shown.series, slot.store) ? .nothing : .useless
        }
        let now = request.unixTime
        switch login.use(of: shown, at: now, grace: options.grace.components.seconds) {
        case .over:
            try await logins.remove(shown.series)
            return .useless
        case .stolen:
            return .stolen(userID: login.userID)
        case .again:
            return .user(login.userID, Recalled(shown, login, slot), sessionID: login.sessionID)
        case .fresh:
            let id = slot.makeID()
            let next = Self.next(login, shown, id, now, slot)
            let isFirst = try await logins.replace(
                shown.series,
                expecting: login.tokenHash,
                by: next
            )
            // Another request with this token was faster: then this one comes again.
            guard isFirst else { return try await recall(request) }
            return .user(login.userID, Recalled(shown, next, slot, begins: id), sessionID: nil)
        }
    }

    /// Whether another passport of the store remembers it, or can not say at the moment.
    private func isAnothers(_ series: String, _ store: SessionStore) async -> Bool {
        for door in store.remembered.withLock({ $0 }) where door !== self {
            if (try? await door.remembers(series)) != false { return true }
        }
        return false
    }

    private static func next(
        _ login: RememberedLogin,
        _ shown: RememberToken,
        _ id: SessionID,
        _ now: Int64,
        _ slot: SessionSlot
    ) -> RememberedLogin {
        var next = login
        next.nonce = Token.bytes(16)
        next.usedHash = login.tokenHash
        next.usedAt = now
        next.sessionID = id.description
        next.tokenHash = shown.successor(next.nonce, slot.cookie).hash
        return next
    }
}

/// What a remembered login comes to.
enum Recall: Sendable {
    case nothing
    /// The cookie can be thrown away.
    case useless
    case stolen(userID: String)
    /// A user; with a session that another request of the same browser has begun, if so.
    case user(String, Recalled, sessionID: String?)
}

/// A token that was good, and what to give the browser for it.
struct Recalled: Sendable {
    let series: String
    /// The name of the session that this use begins.
    let id: SessionID
    let next: RememberToken?
    let expiresAt: Int64

    init(
        _ shown: RememberToken,
        _ login: RememberedLogin,
        _ slot: SessionSlot,
        begins id: SessionID = SessionID()
    ) {
        series = shown.series
        self.id = id
        expiresAt = login.expiresAt
        let next = shown.successor(login.nonce, slot.cookie)
        // With another secret than a moment ago it would be a token that nobody knows.
        self.next = next.hash == login.tokenHash ? next : nil
    }
}
