/// Who may log in, and what a session remembers of a user.
///
/// ```swift
/// let passport = Passport<User>.local { username, password in
///     try await users.find(username, password)
/// }
/// app.use(session, passport.session)
/// app.post("/login", passport.authenticate(success: "/", failure: "/login"))
/// ```
/// By default the session keeps the encoded user. Keep an id instead, and every request sees the
/// user as it is now:
/// ```swift
/// let passport = Passport<User>.local { … }
///     .serialize { $0.id }
///     .deserialize { id in await users[id] }
/// ```
public struct Passport<User: Codable & Identifiable & Sendable>: Sendable
where User.ID: LosslessStringConvertible & Sendable {
    let strategies: [any Strategy<User>]
    private(set) var keep = Keep { $0 }
    private var restore = Restore { (user: User) in user }
    /// How logins are remembered, if they are.
    var memory: Memory?

    /// Makes a passport from strategies, which are asked in their order.
    public init(_ strategies: any Strategy<User>...) {
        self.strategies = strategies
    }

    /// Says what the session keeps of a user.
    public func serialize<Kept: Codable & Sendable>(
        _ body: @escaping @Sendable (User) async throws -> Kept
    ) -> Passport {
        var copy = self
        copy.keep = Keep(body)
        return copy
    }

    /// Finds the user again from what the session keeps; nil logs the user out.
    ///
    /// Asked by every request and handshake, and at the end of a login, which is refused when the
    /// answer is nil.
    public func deserialize<Kept: Codable & Sendable>(
        _ body: @escaping @Sendable (Kept) async throws -> User?
    ) -> Passport {
        var copy = self
        copy.restore = Restore(body)
        return copy
    }

    /// Restores the user of the session, for `request.user(User.self)`.
    public var session: Middleware {
        checkTypes()
        return Middleware { request, next in
            guard let user = try await user(of: request) else { return try await next(request) }
            var request = request
            request.enter(user)
            return try await next(request)
        }
    }

    private func user(of request: Request) async throws -> User? {
        let slot = try request.sessionSlot
        guard let id = slot.liveID, let data = try await slot.store.data(of: id),
            data.contains(LoggedInUser.key)
        else { return nil }
        if let user = try await restore.body(data) { return user }
        // The account is gone: so are its sockets.
        try await request.logout()
        return nil
    }

    func checkTypes() {
        precondition(
            keep.type == restore.type,
            "serialize keeps \(keep.type), deserialize reads \(restore.type)"
        )
    }
}

extension Passport {
    /// Logs a user in whom other code has recognised; authenticate calls it after a success.
    ///
    /// The session gets a new id. The old one is dead and its sockets are closed on return. With
    /// `remembering` the browser comes back as this user after its session, when the passport does
    /// that: see ``remembering(in:logins:_:_:)``. 403 with the code `account_unavailable` is thrown
    /// when `deserialize` does not find the user.
    public func login(
        _ user: User,
        _ request: Request,
        keepingData: Bool = false,
        remembering: Bool = false
    ) async throws {
        do {
            try await begin(user, request, keepingData, remembering)
        } catch is UserIsGone {
            throw AuthenticationFailure.accountUnavailable.error
        }
    }

    /// Throws `UserIsGone` when nobody is found behind what the session would keep.
    func begin(
        _ user: User,
        _ request: Request,
        _ keepingData: Bool,
        _ remembering: Bool
    ) async throws {
        checkTypes()
        let slot = try request.sessionSlot
        let kept = try await keep.body(user)
        let userID = user.id.description
        // Asked when the session is in the store: who is locked out from here on has it ended, and
        // who was before is not let in.
        let check = {
            var data = SessionData()
            data.set(LoggedInUser.key, kept)
            guard try await restore.body(data) != nil else { throw UserIsGone() }
        }
        // Whoever was remembered here before is not any more.
        try await request.forgetRememberedLogin()
        let keeper = remembering ? memory?.keeper : nil
        let token = try await keeper?.begin(userID, request)
        do {
            try await slot.renew(
                keepingData: keepingData,
                userID: userID,
                proof: check
            ) { data in
                data.set(LoggedInUser.key, kept)
                data.remove(SessionData.remembered)
                if let token { data.set(SessionData.remembered, token.series) }
            }
        } catch {
            if let token { _ = try await keeper?.forget(series: token.series) }
            throw error
        }
        if let keeper, let token {
            slot.set(.remember, token.text, lifetime: keeper.options.lifetime)
        }
    }
}

/// A login was right, and its user may not come in.
struct UserIsGone: Error {}

extension Passport {
    struct Keep: Sendable {
        let type: Any.Type
        let body: @Sendable (User) async throws -> any Codable & Sendable

        init<Kept: Codable & Sendable>(
            _ body: @escaping @Sendable (User) async throws -> Kept
        ) {
            type = Kept.self
            self.body = body
        }
    }

    struct Memory: Sendable {
        let keeper: RememberedKeeper
        let find: @Sendable (User.ID) async throws -> User?
    }

    private struct Restore: Sendable {
        let type: Any.Type
        let body: @Sendable (SessionData) async throws -> User?

        init<Kept: Codable & Sendable>(
            _ body: @escaping @Sendable (Kept) async throws -> User?
        ) {
            type = Kept.self
            self.body = { data in
                guard let kept: Kept = data.value(LoggedInUser.key) else { return nil }
                return try await body(kept)
            }
        }
    }
}
