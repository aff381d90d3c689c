extension Middleware {
    /// Gives every request a session, kept in a store and found by a signed cookie.
    ///
    /// ```swift
    /// let session = Middleware.session(SessionStore(), secret: "changeit")
    /// ```
    /// The cookie is that of express-session. A secret should be 32 random bytes or more. Clients
    /// without cookies show ``Session/token`` as `Authorization: Bearer` instead.
    public static func session(
        _ store: SessionStore,
        secret: String,
        policy: SessionPolicy = SessionPolicy()
    ) -> Middleware {
        session(store, secrets: SessionSecrets([secret]), policy: policy)
    }

    /// The same with several secrets: the first signs, all verify, so that they can be rotated.
    public static func session(
        _ store: SessionStore,
        secrets: [String],
        policy: SessionPolicy = SessionPolicy()
    ) -> Middleware {
        session(store, secrets: SessionSecrets(secrets), policy: policy)
    }

    /// The same with secrets that change while the server runs.
    public static func session(
        _ store: SessionStore,
        secrets: SessionSecrets,
        policy: SessionPolicy = SessionPolicy()
    ) -> Middleware {
        let cookie = SessionCookie(secrets: secrets, policy: policy)
        secrets.attach(store)
        let (isEverywhere, keepsAll) = (policy.path.utf8.count == 1, policy.saveUninitialized)
        return Middleware(lanes: [store.lane]) { request, next in
            // Twice in a chain is once, unless a CONNECT shows what its handshake did not.
            let isNew = request[SessionSlot.self].map { $0.isOvertaken(by: request) } ?? true
            guard isNew, isEverywhere || policy.covers(request.path) else {
                return try await next(request)
            }
            let slot = try await SessionSlot.open(request, store, cookie)
            var request = request
            request[SessionSlot.self] = slot
            do {
                var response = try await next(request)
                if keepsAll { await slot.createForVisitor() }
                set(slot.seal(), in: &response.headers)
                return response
            } catch var error as HTTPError {
                set(slot.seal(), in: &error.headers)
                throw error
            }
        }
    }

    private static func set(_ cookies: [SetCookie], in headers: inout Headers) {
        guard !cookies.isEmpty else { return }
        for text in cookies.compactMap({ $0.serialized() }) {
            headers.add("Set-Cookie", text)
        }
        // No cache between us and the browser may hand one visitor's cookie to another.
        if headers["Cache-Control"] == nil {
            headers["Cache-Control"] = "private"
        }
    }
}
