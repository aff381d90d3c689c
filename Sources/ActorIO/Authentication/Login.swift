/// The user whom `passport.session` found in the session.
struct LoggedInUser: Sendable {
    /// The text of the user's id, as in the room `user:<id>`.
    let id: String

    /// The name under which a session keeps what `serialize` gave.
    static let key = "passport"
}

extension Request {
    /// The logged-in user, or nil.
    public func user<User: Sendable>(_ type: User.Type) -> User? {
        self[type]
    }

    /// The logged-in user; without one the request is answered 401.
    public func require<User: Sendable>(_ type: User.Type) throws -> User {
        guard let user = self[type] else { throw HTTPError(.unauthorized) }
        return user
    }

    /// The text of the logged-in user's id, or nil.
    ///
    /// Middleware that recognises users by itself says so here: their sockets are in the room
    /// `user:<id>` then.
    public var userID: String? {
        get { self[LoggedInUser.self]?.id }
        set { self[LoggedInUser.self] = newValue.map { LoggedInUser(id: $0) } }
    }

    /// Ends the session and returns when it is gone and its sockets are closed.
    ///
    /// The cookie is cleared with the response, and a remembered login forgotten. Logging out
    /// twice, or without a login, is no error.
    public func logout() async throws {
        // The session first: no store of remembered logins that fails may keep it alive, and its
        // end takes along what others have begun with the same login.
        var failures: [any Error] = []
        do { try await session.destroy() } catch { failures.append(error) }
        do { try await forgetRememberedLogin() } catch { failures.append(error) }
        if let first = failures.first { throw first }
    }
}
