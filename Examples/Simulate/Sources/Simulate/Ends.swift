import ActorIO
import ActorIOTesting

/// Pages that end sessions, each in its own way.
struct Ends: Sendable {
    let model: Model
    let store: SessionStore
    let io: SocketIO
    let secrets: SessionSecrets
    let plant: Plant?

    func add(to app: inout App) {
        app.post("/logout") { request in
            let session = try request.session
            model.ending(session.id)
            defer { model.isDone(ending: session.id) }
            try await over { try await session.destroy() }
            try await plant?.loggedOut(session.id, io)
            model.ended(session.id)
            return .status(.noContent)
        }
        app.post("/logout-others") { request in
            let session = try request.session
            guard let user = request.user(User.self) else { return .status(.unauthorized) }
            let others = model.logins(of: user.id).filter { $0 != session.id }
            try await end(others) {
                try await store.endOtherSessions(of: user.id, keeping: session.id)
            }
            return .status(.noContent)
        }
        app.post("/logout-all") { request in
            guard let user = request.user(User.self) else { return .status(.unauthorized) }
            try await end(model.logins(of: user.id)) {
                try await store.endAllSessions(of: user.id)
            }
            return .status(.noContent)
        }
        app.post("/lock") { request in
            guard let user = request.user(User.self) else { return .status(.unauthorized) }
            model.closeAccount(of: user.id)
            try await end(model.logins(of: user.id)) {
                try await store.endAllSessions(of: user.id)
            }
            return .status(.noContent)
        }
        app.post("/sudo") { request in try await renew(request) }
        app.post("/rotate") { _ in
            guard let secret = model.nextSecret() else { return .status(.conflict) }
            secrets.rotate(to: secret)
            return .status(.noContent)
        }
        app.post("/withdraw") { _ in try await withdraw() }
    }

    /// Another id for the same login, and what was kept goes along.
    private func renew(_ request: Request) async throws -> Response {
        let session = try request.session
        guard request[Belonging.self]?.id == session.id else { return .status(.unauthorized) }
        model.ending(session.id)
        defer { model.isDone(ending: session.id) }
        let next = try await session.regenerate()
        model.renewed(session.id, as: next.id)
        model.ended(session.id)
        return .text(model.given(next.token))
    }

    /// A secret that has leaked is worth nothing from now on.
    private func withdraw() async throws -> Response {
        guard let (secret, sessions) = model.beginWithdrawal() else { return .status(.conflict) }
        defer { for id in sessions { model.isDone(ending: id) } }
        try await over { try await secrets.withdraw(secret) }
        try await finish(model.withdrew())
        return .status(.noContent)
    }

    /// Ends several, of which each is marked before the first is.
    private func end(_ ids: [SessionID], by body: () async throws -> EndedSessions) async throws {
        for id in ids { model.ending(id) }
        defer { for id in ids { model.isDone(ending: id) } }
        try await over(body)
        try await finish(ids)
    }

    private func finish(_ ids: [SessionID]) async throws {
        for id in ids {
            // One that was dying already may be closing still: only its own end says when.
            if model.isEndedElsewhere(id) { try await over { try await store.endSession(id) } }
            try await plant?.loggedOut(id, io)
            model.ended(id)
        }
    }

    /// An end that a backing was not told of is an end all the same.
    private func over(_ end: () async throws -> EndedSessions) async throws {
        do {
            _ = try await end()
        } catch is SessionEndNotStored {
            return
        }
    }
}
