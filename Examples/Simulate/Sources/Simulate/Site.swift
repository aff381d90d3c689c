import ActorIO
import ActorIOTesting

struct User: Codable, Identifiable, Sendable {
    var id: Int
    var name: String
}

struct Visits: SessionKey, Codable, Sendable {
    static let name = "visits"
    static let initial = Visits()
    var count = 0
}

/// The user's work takes its time on the global pool, as a real hash does.
struct QuickHash: PasswordHasher {
    func hash(_ password: String) async throws -> String { await Self.work(password) }

    func verify(_ password: String, against hash: String?) async throws -> Bool {
        await Self.work(password) == hash
    }

    @concurrent
    private static func work(_ password: String) async -> String { "hash of \(password)" }
}

/// The session that a handler's own code found for a connection, in runs with a planted bug.
struct FoundByHand: Sendable {
    let id: SessionID
    private let mark = Mark()
    /// Tells its connection from all others.
    var key: ObjectIdentifier { ObjectIdentifier(mark) }

    init(_ id: SessionID) {
        self.id = id
    }

    private final class Mark: Sendable {}
}

/// The app that is put to the test: logins, logouts, and sockets that need a login.
struct Site {
    static let users = ["john": 1, "jane": 2, "joe": 3]

    let app: App
    let io: SocketIO
    let store: SessionStore
    let backing: FaultyBacking?
    let model: Model

    init(_ world: World, _ model: Model, _ plant: Plant?) {
        self.model = model
        let hasBacking = plant == .resurrectingSave || world.draw(3) == 0
        let isSound = plant == .resurrectingSave || world.draw(3) == 0
        let faults = isSound ? FaultyBacking.Faults.slow : FaultyBacking.Faults()
        let backing = hasBacking ? FaultyBacking(world, faults: faults) : nil
        self.backing = backing
        let isShort = world.draw(2) == 0
        let store = SessionStore(backing: backing) { options in
            options.log = .disabled
            options.idleLifetime = isShort ? .seconds(40) : .seconds(86_400)
        }
        self.store = store
        let session = Middleware.session(store, secret: "changeit")
        let passport = Passport<User>.local { name, password in
            let fits = try await QuickHash().verify(password, against: "hash of changeit")
            guard fits, let id = Self.users[name] else { return nil }
            return User(id: id, name: name)
        }
        let login = [Self.arrival(model), session, Self.witness(model), passport.session]
        let chain = plant?.handshake(store, login) ?? login + [.require(User.self)]
        var options = Self.options(model, plant)
        if world.draw(2) == 0 { options.recovery = RecoveryOptions() }
        io = SocketIO(handshake: chain, options: options) { root in
            plant?.connected(&root, store, model)
            Self.handlers(&root, model)
            root.namespace("/other") { other in Self.handlers(&other, model) }
        }
        var app = App()
        app.log = .disabled
        for step in login { app.use(step) }
        let site = (store: store, io: io, backing: backing)
        Self.pages(&app, model, passport, site.io, plant)
        Self.endings(&app, model, site.store, site.io, plant)
        plant?.pages(&app, model, site.backing)
        self.app = app
    }

    private static func options(_ model: Model, _ plant: Plant?) -> SocketIO.Options {
        var options = SocketIO.Options()
        options.log = .disabled
        options.engine.onEvent = { event, connection in
            switch event {
            case .opened:
                guard plant?.countsHandshakes != false, let id = connection.request.sessionID else {
                    return
                }
                model.opened(connection.key, under: id)
            case .closed: model.closed(connection.key)
            default: break
            }
        }
        return options
    }

    /// Notes when a request came, before anybody looks at its session.
    private static func arrival(_ model: Model) -> Middleware {
        Middleware { request, next in
            var request = request
            request[Arrival.self] = Arrival(moment: model.clock)
            return try await next(request)
        }
    }

    private struct Arrival: Sendable {
        let moment: Int
    }

    /// Whoever is found alive here must not have ended before the request came.
    private static func witness(_ model: Model) -> Middleware {
        Middleware { request, next in
            if let id = request.sessionID, let arrival = request[Arrival.self] {
                model.shown(id, since: arrival.moment)
            }
            return try await next(request)
        }
    }

    private static func handlers(_ space: inout Namespace, _ model: Model) {
        space.onConnection { socket in model.counts(1, of: socket.request.user(User.self)?.id) }
        space.onDisconnect { socket, _ in
            model.counts(-1, of: socket.request.user(User.self)?.id)
        }
        space.on("note") { socket in
            if let id = socket.request.sessionID { model.heard("an event", under: id) }
        }
        space.on("count") { socket async throws -> Int in
            let session = try socket.request.session
            model.heard("a call", under: session.id)
            let count = try await session.update { data in
                data[Visits.self].count += 1
                return data[Visits.self].count
            }
            model.counted(session.id, to: count)
            return count
        }
    }

    private static func pages(
        _ app: inout App,
        _ model: Model,
        _ passport: Passport<User>,
        _ io: SocketIO,
        _ plant: Plant?
    ) {
        let authenticate = passport.authenticate(success: "/", failure: "/login")
        app.get("/") { request in .text(request.user(User.self)?.name ?? "nobody") }
        app.post("/login") { request in
            let old = try request.session.id
            let response = try await authenticate(request)
            // A login gives the browser another session, and the one before is over.
            guard try request.session.id != old else { return response }
            try await plant?.loggedOut(old, io)
            model.ended(old)
            return response
        }
        app.post("/count") { request in
            let session = try request.session
            let count = try await session.update { data in
                data[Visits.self].count += 1
                return data[Visits.self].count
            }
            model.counted(session.id, to: count)
            return .text("\(count)")
        }
    }

    /// An end that a backing was not told of is an end all the same.
    private static func over(_ end: () async throws -> EndedSessions) async throws {
        do {
            _ = try await end()
        } catch is SessionEndNotStored {
            return
        }
    }

    private static func endings(
        _ app: inout App,
        _ model: Model,
        _ store: SessionStore,
        _ io: SocketIO,
        _ plant: Plant?
    ) {
        app.post("/logout") { request in
            let session = try request.session
            model.ending(session.id)
            try await over { try await session.destroy() }
            try await plant?.loggedOut(session.id, io)
            model.ended(session.id)
            return .status(.noContent)
        }
        app.post("/logout-others") { request in
            let session = try request.session
            guard let user = request.user(User.self) else { return .status(.unauthorized) }
            let others = await store.sessions(of: user.id).map(\.id).filter { $0 != session.id }
            try await over { try await store.endOtherSessions(of: user.id, keeping: session.id) }
            // One that was dying already may be closing still: only its own end says when.
            for id in others {
                try await over { try await store.endSession(id) }
                try await plant?.loggedOut(id, io)
                model.ended(id)
            }
            return .status(.noContent)
        }
        app.post("/logout-all") { request in
            guard let user = request.user(User.self) else { return .status(.unauthorized) }
            let all = await store.sessions(of: user.id).map(\.id)
            for id in all { model.ending(id) }
            try await over { try await store.endAllSessions(of: user.id) }
            for id in all {
                try await over { try await store.endSession(id) }
                try await plant?.loggedOut(id, io)
                model.ended(id)
            }
            return .status(.noContent)
        }
    }
}

extension EngineConnection {
    fileprivate var key: ObjectIdentifier { request[FoundByHand.self]?.key ?? id }
}

extension Request {
    /// The session that a connection or a page belongs to.
    var sessionID: SessionID? { self[FoundByHand.self]?.id ?? (try? session.id) }
}
