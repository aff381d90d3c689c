/// The secrets under which sessions are shown to clients: the first signs, all verify.
///
/// ```swift
/// let secrets = SessionSecrets(["new", "old"])
/// app.use(.session(store, secrets: secrets))
/// secrets.rotate(to: "newer")             // cookies are set anew as they are shown
/// try await secrets.withdraw("old")       // it has leaked: what was shown under it ends
/// ```
/// A secret should be 32 random bytes or more.
public final class SessionSecrets: Sendable {
    private struct State: Sendable {
        var keys: [SigningKey]
        var stores: [UsingStore] = []
    }

    private struct UsingStore: Sendable {
        weak var store: SessionStore?
    }

    private let state: Locked<State>

    /// Takes at least one secret, and none that is empty.
    public init(_ secrets: [String]) {
        precondition(!secrets.isEmpty, "a session needs a secret")
        state = Locked(State(keys: secrets.map { SigningKey($0) }))
    }

    /// Signs with a new secret from now on; the others go on verifying.
    ///
    /// A client that shows an older signature gets a new cookie with the next response.
    public func rotate(to secret: String) {
        let key = SigningKey(secret)
        state.withLock { state in
            let known = state.keys.first { $0.secret.utf8.elementsEqual(secret.utf8) }
            state.keys.removeAll { $0 === known }
            state.keys.insert(known ?? key, at: 0)
        }
    }

    /// Takes a secret back: nothing it has signed is believed any more.
    ///
    /// Sessions that were shown under it last are ended with their sockets, and this returns when
    /// they are. Those that only a backing holds are refused when they are shown. The last secret
    /// can not be withdrawn: rotate to another one first.
    @discardableResult
    public func withdraw(
        _ secret: String,
        mayReconnect: Bool = false
    ) async throws -> EndedSessions {
        guard let (key, stores) = remove(secret) else { return EndedSessions() }
        // From here on no store opens a session for it; what was opened before is found.
        key.withdraw()
        var ended = EndedSessions()
        var failure: (any Error)?
        for store in stores {
            do {
                ended += try await store.endSessions(shownUnder: key, mayReconnect: mayReconnect)
            } catch let error as SessionEndNotStored {
                ended += error.ended
                failure = error.underlying
            }
        }
        if let failure { throw SessionEndNotStored(ended: ended, underlying: failure) }
        return ended
    }

    private func remove(_ secret: String) -> (SigningKey, [SessionStore])? {
        state.withLock { state in
            let found = state.keys.firstIndex { $0.secret.utf8.elementsEqual(secret.utf8) }
            guard let found else { return nil }
            precondition(state.keys.count > 1, "the last secret can not be withdrawn")
            return (state.keys.remove(at: found), state.stores.compactMap(\.store))
        }
    }

    /// The newest first; there is always one.
    var keys: [SigningKey] { state.withLock { $0.keys } }

    /// The one that signs.
    var newest: SigningKey { state.withLock { $0.keys[0] } }

    func attach(_ store: SessionStore) {
        state.withLock { state in
            guard !state.stores.contains(where: { $0.store === store }) else { return }
            state.stores.removeAll { $0.store == nil }
            state.stores.append(UsingStore(store: store))
        }
    }
}

/// One secret, ready to sign.
final class SigningKey: Sendable {
    let secret: String
    let code: HMACSHA256
    private let withdrawn = Locked(false)

    init(_ secret: String) {
        precondition(!secret.isEmpty, "a session secret is empty")
        self.secret = secret
        code = HMACSHA256(key: Array(secret.utf8))
    }

    var isWithdrawn: Bool { withdrawn.withLock { $0 } }

    func withdraw() {
        withdrawn.withLock { $0 = true }
    }
}
