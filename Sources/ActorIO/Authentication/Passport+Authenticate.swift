extension Passport {
    /// Answers the login form: a new session for the user, or back with a message.
    ///
    /// ```swift
    /// app.post("/login", passport.authenticate(success: "/", failure: "/login"))
    /// ```
    /// The session gets a new id, so that an id planted before the login is worth nothing; what
    /// the visitor's session kept is dropped unless `keepingData` says otherwise. A user whom
    /// ``Middleware/require(_:orRedirectTo:)`` sent here goes back to the page of that time;
    /// `nextField` names a field of the form that may say where instead. Both lead to this site
    /// only, else to `success`.
    ///
    /// Without `failure` a refusal is answered with its status and challenges. With it
    /// `request.failureMessage` gives the words to the next page, and `successMessage` comes
    /// there as the flash message `success`.
    public func authenticate(
        success: String,
        failure: String? = nil,
        keepingData: Bool = false,
        nextField: String? = nil,
        successMessage: String? = nil,
        failureMessage: String? = nil
    ) -> Handler {
        checkTypes()
        return { request in
            let request = try await request.keepingForm()
            switch try await chain.run(request) {
            case .redirect(let location, let status):
                return .redirect(to: location, status: status)
            case .decided(.success(let user, _, _)):
                let remembering = try await keeper(request) != nil
                do {
                    try await begin(user, request, keepingData, remembering)
                } catch is UserIsGone {
                    return try refuse(request, .accountUnavailable, failure, failureMessage)
                }
                if let successMessage { try request.flash("success", successMessage) }
                return .redirect(to: try await request.goal(nextField) ?? success)
            case .decided(.failure(let reason)):
                return try refuse(request, reason, failure, failureMessage)
            case .decided(.pass):
                throw HTTPError(.unauthorized)
            }
        }
    }

    private func refuse(
        _ request: Request,
        _ reason: AuthenticationFailure,
        _ page: String?,
        _ message: String?
    ) throws -> Response {
        guard let page else { throw reason.error }
        let words = message ?? reason.message ?? "You could not be logged in."
        try request.flash(Flash.failure, words)
        return .redirect(to: page)
    }

    /// Asks the strategies and leaves the answer to a closure.
    ///
    /// ```swift
    /// app.post("/login", passport.authenticate { outcome, request in
    ///     guard case .success(let user, _, _) = outcome else { return try .json(["ok": false]) }
    ///     try await passport.login(user, request)
    ///     return try .json(["ok": true])
    /// })
    /// ```
    /// Nobody is logged in before the closure calls ``login(_:_:keepingData:remembering:)``. A
    /// redirect of a strategy is answered without asking, and what a strategy throws is thrown.
    public func authenticate(
        _ answer:
            @escaping @Sendable (_ outcome: Authentication<User>, _ request: Request)
            async throws -> Response
    ) -> Handler {
        { request in
            let request = try await request.keepingForm()
            switch try await chain.run(request) {
            case .redirect(let location, let status):
                return .redirect(to: location, status: status)
            case .decided(let outcome):
                return try await answer(outcome, request)
            }
        }
    }

    /// Authenticates each request by itself, without a session: for tokens.
    ///
    /// ```swift
    /// let passport = Passport<Account>.bearer { token, _ in await tokens.owner(of: token) }
    /// app.use(passport.token)
    /// app.get("/me") { request in .text(try request.require(Account.self).name) }
    /// ```
    /// When all strategies fail the request is refused with their status and challenges; when one
    /// passes, the request goes on without a user.
    public var token: Middleware {
        let readsForm = strategies.contains { ($0 as? any FormReading)?.readsForm ?? false }
        return Middleware { request, next in
            var request = request
            if readsForm { request = try await request.keepingForm() }
            switch try await chain.run(request) {
            case .redirect(let location, let status):
                return .redirect(to: location, status: status)
            case .decided(.success(let user, let info, let until)):
                request.enter(user)
                request[AuthInfo.self] = info.map { AuthInfo(value: $0) }
                request[AuthenticatedUntil.self] = until
                return try await next(request)
            case .decided(.failure(let reason)):
                throw reason.error
            case .decided(.pass):
                return try await next(request)
            }
        }
    }

    private var chain: StrategyChain<User> { StrategyChain(strategies: strategies) }
}

/// A strategy that may look into a posted form, which handlers want to read as well.
protocol FormReading {
    var readsForm: Bool { get }
}

extension LocalStrategy: FormReading {
    var readsForm: Bool { true }
}

extension Request {
    /// Puts a user on the request, where handlers and sockets look.
    mutating func enter<User>(_ user: User)
    where User: Identifiable & Sendable, User.ID: LosslessStringConvertible {
        self[User.self] = user
        self[LoggedInUser.self] = LoggedInUser(id: user.id.description)
    }

    /// The request with a posted form read, so that several may look at it.
    fileprivate func keepingForm() async throws -> Request {
        guard MediaType.essence(headers["content-type"] ?? "") == MediaType.form else {
            return self
        }
        var copy = self
        copy.body = RequestBody(.bytes(try await body.collect(upTo: 100_000)))
        return copy
    }

    /// Where a user goes after the login: what the form says, else the page that was left.
    fileprivate func goal(_ field: String?) async throws -> String? {
        if let field, let next = try? await form()[field], Location.isLocal(next) { return next }
        return try sessionSlot.takeReturn()
    }
}
