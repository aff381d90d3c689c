@testable import ActorIO
@testable import ActorIOTesting

/// Tokens of the tests: `john` has no end, `john.60` is good for sixty seconds of virtual time, and
/// `john.@1800000061` until then.
enum Tokens {
    /// What the virtual clock begins with.
    static let start: Int64 = 1_800_000_001
    private static let ids = ["john": 1, "jane": 2]

    /// Recognises the bearer of a request; one without a bearer passes as nobody.
    static let bearer = Middleware { request, next in
        guard let token = token(of: request) else { return try await next(request) }
        let parts = token.split(separator: ".", maxSplits: 1)
        guard let name = parts.first.map(String.init), let id = ids[name] else {
            throw HTTPError(.unauthorized, "who is that?")
        }
        var request = request
        request[Member.self] = Member(id: id, username: name)
        request.userID = "\(id)"
        request[AuthenticatedUntil.self] = parts.dropFirst().first.flatMap { end($0) }
        return try await next(request)
    }

    static func token(of request: Request) -> String? {
        guard let field = request.headers["authorization"], field.hasPrefix("Bearer ") else {
            return nil
        }
        return String(field.dropFirst(7))
    }

    private static func end(_ text: Substring) -> AuthenticatedUntil? {
        if text.hasPrefix("@") {
            return Int64(text.dropFirst()).map { AuthenticatedUntil(unixTime: $0) }
        }
        return Int64(text).map { AuthenticatedUntil(unixTime: start + $0) }
    }

    /// A server whose clients have to show a token when they join `/` or `/other`.
    static func server(
        _ notes: Notes = Notes(),
        options: SocketIO.Options = calm,
        before: [Middleware] = [],
        _ extend: (inout Namespace) -> Void = { _ in }
    ) -> SocketIO {
        let chain = before + [bearer, .require(Member.self)]
        return SocketIO(connect: chain, options: options) { root in
            fill(&root, notes)
            root.namespace("/other") { other in fill(&other, notes) }
            extend(&root)
        }
    }

    static func fill(_ plan: inout Namespace, _ notes: Notes) {
        plan.acceptsReauthentication()
        plan.on("who") { socket in try socket.request.require(Member.self).username }
        plan.on("rooms") { socket in await socket.rooms.map(\.description).sorted() }
        plan.on("token") { socket in token(of: socket.request) ?? "none" }
        plan.onDisconnect { socket, reason in
            notes.add("\(socket.namespaceName) \(reason.rawValue)")
        }
    }

    /// Options of a server that logs nothing and does not ping.
    static var calm: SocketIO.Options {
        var options = quiet
        options.engine.pingInterval = .seconds(86_400 * 300)
        options.connectTimeout = .seconds(86_400 * 300)
        return options
    }
}

extension Browser {
    /// The signed id of its session, as `session.token` gives it.
    var sessionToken: String {
        let cookie = Array((cookies["connect.sid"] ?? "").utf8)
        let token = PercentCoding.decode(cookie[...], plusIsSpace: false) ?? []
        return String(decoding: token, as: UTF8.self)
    }

    /// A connection of WebSocket that has joined by a token.
    func joined(token: String) async throws -> Wire {
        let wire = try await webSocket()
        _ = wire.take()
        await wire.say("40{\"token\":\"\(token)\"}")
        _ = wire.take()
        return wire
    }
}

extension SocketIO {
    /// How many sockets a user has in a namespace.
    func count(of user: Int, in namespace: String = "/") async -> Int {
        await self.namespace(namespace)?.in(.user(user)).count ?? -1
    }

    /// How many connections have an end of a token before them.
    var watchedCount: Int {
        get async {
            var count = 0
            for session in await core.engine.server.all where await session.isWatched { count += 1 }
            return count
        }
    }

    /// What is still there of a session that was shown at a CONNECT: nothing, or a list for the
    /// failure.
    func claims(on id: SessionID) async -> [String] {
        var found: [String] = []
        for namespace in namespaces {
            let count = await namespace.in(.session(id)).count
            if count > 0 { found.append("\(count) sockets in its room") }
        }
        for session in await core.engine.server.all where await session.serves(id) {
            found.append("a socket that is listened to")
        }
        return found
    }
}

extension EngineSession {
    fileprivate var isWatched: Bool { (receiver as? Client)?.expiry != nil }

    fileprivate func serves(_ id: SessionID) -> Bool {
        guard state == .open, let client = receiver as? Client else { return false }
        return (client.sockets + client.connecting).contains {
            $0.request[SessionSlot.self]?.liveID == id
        }
    }
}
