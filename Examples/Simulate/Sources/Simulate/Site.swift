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

/// What a run's site is like.
struct Shape: Sendable {
    var lifetimes = Lifetimes()
    /// Whether clients say who they are at CONNECT, and not only at the handshake.
    var asksAtConnect = false
    var hasBacking = false
    /// Whether the backing is only slow.
    var isSound = false
    var recovers = false
    /// Whether the server is stopped while clients go on.
    var stops = false

    init(_ world: World, _ plant: Plant?) {
        hasBacking = world.draw(3) == 0 || plant == .resurrectingSave
        isSound = world.draw(3) == 0 || plant == .resurrectingSave
        recovers = world.draw(2) == 0
        if world.draw(2) == 0 { lifetimes.idle = .seconds(40) }
        guard plant == nil else { return }
        if world.draw(3) == 0 { lifetimes.absolute = .seconds(75) }
        asksAtConnect = world.draw(2) == 0
        if asksAtConnect, world.draw(2) == 0 { lifetimes.token = .seconds(45) }
        stops = world.draw(6) == 0
    }
}

/// The app that is put to the test: logins, ends of logins, and sockets that need a login.
struct Site {
    static let users = ["john": 1, "jane": 2, "joe": 3]

    let app: App
    let io: SocketIO
    let backing: FaultyBacking?

    init(_ world: World, _ model: Model, _ shape: Shape, _ plant: Plant?) {
        let faults = shape.isSound ? FaultyBacking.Faults.slow : FaultyBacking.Faults()
        let backing = shape.hasBacking ? FaultyBacking(world, faults: faults) : nil
        self.backing = backing
        let store = SessionStore(backing: backing) { options in
            options.log = .disabled
            options.idleLifetime = shape.lifetimes.idle
            options.absoluteLifetime = shape.lifetimes.absolute
        }
        let secrets = SessionSecrets([SecretsInUse.secret(1)])
        let passport = Self.passport(model)
        let chain = Chain(model, .session(store, secrets: secrets), passport.session)
        io = Self.sockets(chain, store, model, shape, plant)
        var app = App()
        app.log = .disabled
        for step in chain.pages { app.use(step) }
        Self.pages(&app, model, passport, io, plant)
        let ends = Ends(model: model, store: store, io: io, secrets: secrets, plant: plant)
        ends.add(to: &app)
        plant?.pages(&app, model, backing)
        self.app = app
    }

    private static func passport(_ model: Model) -> Passport<User> {
        Passport<User>.local { name, password in
            let fits = try await QuickHash().verify(password, against: "hash of changeit")
            guard fits, let id = users[name], !model.isClosed(id) else { return nil }
            return User(id: id, name: name)
        }
        .serialize { $0.id }
        .deserialize { (id: Int) in model.isNobody(id) ? nil : User(id: id, name: "user \(id)") }
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
            let before = try request.session.id
            let old = Shown(request)?.id == before ? before : nil
            if let old { model.ending(old) }
            defer { if let old { model.isDone(ending: old) } }
            let response = try await authenticate(request)
            let session = try request.session
            guard session.id != before, let user = request.query["as"].flatMap({ users[$0] }) else {
                return response
            }
            model.began(session.id, of: user)
            // A login gives the browser another session, and the one before is over.
            if let old {
                try await plant?.loggedOut(old, io)
                model.ended(old)
            }
            return .text(model.given(session.token))
        }
        app.post("/ask") { request in
            guard let user = request.user(User.self)?.id else { return .status(.unauthorized) }
            let number = model.asked(.user(user), timeout: .seconds(20))
            defer { model.isAnswered(number) }
            let answers = try await io.in(.user(user)).call(
                "question",
                as: Int.self,
                timeout: .seconds(20)
            )
            return .text("\(answers.count)")
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
}
