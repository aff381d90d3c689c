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
}
