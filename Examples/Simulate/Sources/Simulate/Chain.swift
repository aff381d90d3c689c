import ActorIO
import ActorIOTesting

/// The session that a request was let in by, as the request itself has shown it.
struct Belonging: Sendable {
    let id: SessionID
}

/// When what a CONNECT has shown is good no more, by the time of the run.
struct GoodUntil: Sendable {
    let moment: Duration
}

/// The steps that say who somebody is, with witnesses between them.
///
///     arrival ─► session ─► witness ─► passport ─► judge
struct Chain: Sendable {
    private let model: Model
    private let session: Middleware
    private let passport: Middleware

    init(_ model: Model, _ session: Middleware, _ passport: Middleware) {
        self.model = model
        self.session = session
        self.passport = passport
    }

    var pages: [Middleware] { [arrival, session, witness, passport, judge] }
    var connect: [Middleware] { pages + [.require(User.self), lifetime] }
    /// Goes on the request of every connection, and only there.
    var mark: Middleware {
        let model = model
        return Middleware { request, next in
            var request = request
            let mark = Mark()
            model.watch(mark)
            request[Mark.self] = mark
            return try await next(request)
        }
    }

    private struct Arrival: Sendable {
        let moment: Int
        let shown: Shown?
        /// Whether this request itself shows it, and not the handshake of its connection.
        let isAnew: Bool
    }

    /// Since when the account was closed of whose session the store said that it lives.
    private struct Closing: Sendable {
        let since: Int
    }

    /// Notes when a request came, before anybody looks at its session.
    private var arrival: Middleware {
        let model = model
        return Middleware { request, next in
            // A CONNECT on a connection that belongs to a session shows that one.
            let first = request[Belonging.self] == nil ? nil : request[Arrival.self]?.shown
            let shown = first ?? Shown(request)
            let moment = model.arrived(shown)
            defer { model.left(shown) }
            var request = request
            request[Arrival.self] = Arrival(moment: moment, shown: shown, isAnew: first == nil)
            return try await next(request)
        }
    }

    /// Whoever is found alive here must not have ended before the request came.
    private var witness: Middleware {
        let model = model
        return Middleware { request, next in
            var request = request
            request[Closing.self] = nil
            guard let arrival = request[Arrival.self], let shown = arrival.shown,
                try request.session.id == shown.id
            else { return try await next(request) }
            model.letIn(shown, since: arrival.moment, isAnew: arrival.isAnew)
            request[Belonging.self] = Belonging(id: shown.id)
            guard let since = model.closing(of: shown.id) else { return try await next(request) }
            // The passport may end it now.
            request[Closing.self] = Closing(since: since)
            model.ending(shown.id)
            defer { model.isDone(ending: shown.id) }
            do {
                return try await next(request)
            } catch let error as SessionEndNotStored {
                model.ended(shown.id)
                throw error
            }
        }
    }

    /// The passport knows nobody whose account is closed, and ends what was shown.
    private var judge: Middleware {
        let model = model
        return Middleware { request, next in
            let id = try request.session.id
            let shown = request[Belonging.self]?.id
            guard let shown else {
                if request.user(User.self) != nil {
                    model.world.fail("somebody is let in who has shown no session")
                }
                return try await next(request)
            }
            if shown != id {
                // The passport has ended it, and that has returned.
                model.ended(shown)
                if model.isLogin(id) {
                    model.world.fail("\(model.name(id)) is taken for \(model.name(shown))")
                }
            } else if let closing = request[Closing.self],
                model.closing(of: shown) == closing.since
            {
                // It was dead already, or the passport had to end it.
                model.isDead(shown)
            }
            return try await next(request)
        }
    }

    /// How long a CONNECT is good.
    private var lifetime: Middleware {
        let model = model
        return Middleware { request, next in
            // What such chains do besides, such as to look up a profile.
            for _ in 0..<3 { _ = try await QuickHash().hash("profile") }
            guard let life = model.lifetimes.token else { return try await next(request) }
            var request = request
            let end = request.unixTime + life.components.seconds
            request[AuthenticatedUntil.self] = AuthenticatedUntil(unixTime: end)
            request[GoodUntil.self] = GoodUntil(moment: model.world.now + life)
            return try await next(request)
        }
    }
}
