extension Middleware {
    /// Lets only logged-in users pass; everybody else is answered 401.
    ///
    /// ```swift
    /// SocketIO(handshake: [session, passport.session, .require(User.self)]) { root in … }
    /// ```
    public static func require<User: Sendable>(_ type: User.Type) -> Middleware {
        Middleware { request, next in
            _ = try request.require(type)
            return try await next(request)
        }
    }

    /// Lets only users pass who may; others are answered 403, and who is not logged in 401.
    ///
    /// ```swift
    /// app.group("/admin") { admin in
    ///     admin.use(.require(User.self, where: { $0.isAdmin }))
    /// }
    /// ```
    public static func require<User: Sendable>(
        _ type: User.Type,
        where mayPass: @escaping @Sendable (User) async throws -> Bool
    ) -> Middleware {
        Middleware { request, next in
            guard try await mayPass(try request.require(type)) else {
                throw HTTPError(.forbidden)
            }
            return try await next(request)
        }
    }

    /// Sends who is not logged in to the login page, and after the login back to the page they
    /// wanted.
    ///
    /// ```swift
    /// app.use(session, passport.session)
    /// app.get("/login") { _ in .file("login.html") }
    /// app.post("/login", passport.authenticate(success: "/", failure: "/login"))
    /// app.use(.require(User.self, orRedirectTo: "/login"))
    /// app.get("/orders/:id") { request in … }
    /// ```
    /// A page that was asked for by GET is remembered for ten minutes, in a signed cookie. It is
    /// for pages: a handshake of Socket.IO wants the form that refuses.
    public static func require<User: Sendable>(
        _ type: User.Type,
        orRedirectTo login: String
    ) -> Middleware {
        Middleware { request, next in
            guard request[type] == nil else { return try await next(request) }
            // 303: what was posted here is not posted to the login.
            guard request.method == .get || request.method == .head else {
                return .redirect(to: login, status: .seeOther)
            }
            try request.sessionSlot.leaveReturn(request.target)
            return .redirect(to: login)
        }
    }
}
