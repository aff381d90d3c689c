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
    private let strategies: [any Strategy<User>]
    private var keep = Keep { $0 }
    private var restore = Restore { (user: User) in user }

    /// Makes a passport from strategies, which are asked in their order.
    public init(_ strategies: any Strategy<User>...) {
        self.strategies = strategies
    }

    /// A passport for a form with user name and password.
    public static func local(
        _ options: LocalStrategy<User>.Options = LocalStrategy<User>.Options(),
        _ verify: @escaping LocalStrategy<User>.Verify
    ) -> Passport {
        Passport(LocalStrategy(options, verify))
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
            request[User.self] = user
            request[LoggedInUser.self] = LoggedInUser(id: user.id.description)
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

    private func checkTypes() {
        precondition(
            keep.type == restore.type,
            "serialize keeps \(keep.type), deserialize reads \(restore.type)"
        )
    }
}

extension Passport {
    /// Answers the login form: a new session for the user, or back with a message.
    ///
    /// Without `failure` a refusal is answered 401. The session gets a new id, so that an id
    /// planted before the login is worth nothing; what the visitor's session kept is dropped unless
    /// `keepingData` says otherwise. `request.failureMessage` gives the message to the next page.
    public func authenticate(
        success: String,
        failure: String? = nil,
        keepingData: Bool = false
    ) -> Handler {
        checkTypes()
        return { request in
            switch try await outcome(of: request) {
            case .success(let user):
                try await login(user, request, keepingData: keepingData)
                return .redirect(to: success)
            case .redirect(let location, let status):
                return .redirect(to: location, status: status)
            case .fail(let message, let status):
                guard let failure else {
                    throw HTTPError(status ?? .unauthorized, message ?? "")
                }
                try request.sessionSlot.leaveFailure(message ?? "You could not be logged in.")
                return .redirect(to: failure)
            case .pass:
                throw HTTPError(.unauthorized)
            }
        }
    }

    /// Logs a user in whom other code has recognised; authenticate calls it after a success.
    ///
    /// The session gets a new id. The old one is dead and its sockets are closed on return.
    public func login(
        _ user: User,
        _ request: Request,
        keepingData: Bool = false
    ) async throws {
        checkTypes()
        let slot = try request.sessionSlot
        let kept = try await keep.body(user)
        try await slot.renew(keepingData: keepingData, userID: user.id.description) { data in
            data.set(LoggedInUser.key, kept)
        }
    }

    /// The first strategy that does not fail decides; else message and status of the first failure.
    private func outcome(of request: Request) async throws -> StrategyOutcome<User> {
        var failure: StrategyOutcome<User>?
        for strategy in strategies {
            let outcome = try await strategy.authenticate(request)
            guard case .fail = outcome else { return outcome }
            failure = failure ?? outcome
        }
        return failure ?? .fail()
    }
}

extension Passport {
    private struct Keep: Sendable {
        let type: Any.Type
        let body: @Sendable (User) async throws -> any Codable & Sendable

        init<Kept: Codable & Sendable>(
            _ body: @escaping @Sendable (User) async throws -> Kept
        ) {
            type = Kept.self
            self.body = body
        }
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
