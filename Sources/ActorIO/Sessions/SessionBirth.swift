/// Where a new session comes from.
struct SessionBirth: Sendable {
    var id = SessionID()
    var origin: SessionOrigin
    /// The secret its cookie is signed with.
    var key: SigningKey?
    /// Whether an app gave the name, which may be in use then.
    var isNamedByApp = false
    /// Whose first write it is.
    var maker: UInt64?
}

/// What a new session takes over from the one in whose place it comes.
struct SessionRenewal: Sendable {
    private enum Login {
        case same
        case other(String?)
    }

    /// Whether the old one has to be looked up for it.
    let keepsData: Bool
    private let login: Login

    /// The same login under another id; its absolute lifetime goes on.
    static let sameLogin = SessionRenewal(keepsData: true, login: .same)

    /// Somebody logs in, or nobody any more: a life of its own.
    init(login: String?, keepingData: Bool) {
        self.init(keepsData: keepingData, login: .other(login))
    }

    private init(keepsData: Bool, login: Login) {
        self.keepsData = keepsData
        self.login = login
    }

    var isSameLogin: Bool {
        guard case .same = login else { return false }
        return true
    }

    func apply(to entry: inout SessionEntry, from old: SessionEntry?) {
        if keepsData, let old { entry.data = old.data }
        switch login {
        case .other(let user): entry.userID = user
        case .same:
            guard let old else { return }
            entry.userID = old.userID
            entry.created = old.created
            entry.createdAt = old.createdAt
        }
    }
}

/// A request that shows a session.
struct SessionVisit: Sendable {
    var address: String
    /// The secret under which it is shown.
    var key: SigningKey?
    /// How long its cookie lives, if it has an end of its own.
    var cookieLifetime: Duration?
}

/// What a request that shows a session is told.
struct OpenedSession: Sendable {
    let cookieIsDue: Bool
}
