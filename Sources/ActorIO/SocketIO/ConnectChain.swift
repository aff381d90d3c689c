/// The chain that says who a client is, each time it joins a namespace.
struct ConnectChain: Sendable {
    private let steps: [Middleware]
    private let options: SocketIO.Options
    private let registry: RoomRegistry

    /// Nil without steps: then sockets are whom the handshake has found.
    init?(_ steps: [Middleware], _ options: SocketIO.Options, _ registry: RoomRegistry) {
        guard !steps.isEmpty else { return nil }
        self.steps = steps
        self.options = options
        self.registry = registry
    }

    /// What the chain has found, and by what the registry knows it.
    struct Proof: Sendable {
        let request: Request
        let claim: HandshakeMember
    }

    /// Finds out who a client is; with `before` it has to be the same as that.
    ///
    /// The connection is entered where it can be found before the chain asks anybody, and looked at
    /// again behind every wait: whoever ends a login meanwhile finds it, or it is refused.
    func prove(
        _ token: String?,
        as before: SocketIdentity? = nil,
        in session: isolated EngineSession
    ) async throws -> Proof {
        let claim = HandshakeMember(id: .random(in: .min ... .max))
        let asked = try request(of: session, token, claim)
        let registry = registry
        guard await within(registry, { $0.begin(claim, of: session) }) else {
            throw HTTPError.sessionEnded
        }
        do {
            let found = try await run(asked)
            try check(found, before, in: session)
            let user = found.userID
            switch await within(registry, { $0.admit(claim, user: user) }) {
            case .admitted: break
            case .ended: throw HTTPError.sessionEnded
            case .otherUser: throw HTTPError.otherUser
            }
            guard session.state == .open else { throw CancellationError() }
            return Proof(request: found, claim: claim)
        } catch {
            registry.release(claim)
            // It may have been forgotten before it was entered.
            if session.state == .closed { session.member.map(registry.forget) }
            throw told(error)
        }
    }

    /// The request that opened the connection, with what only the chain needs.
    private func request(
        of session: EngineSession,
        _ token: String?,
        _ claim: HandshakeMember
    ) throws(HTTPError) -> Request {
        let field = try token.map { token throws(HTTPError) in
            // What is no part of a header field would be dropped there, and nobody be asked.
            let isWhole = !token.isEmpty && token.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            guard isWhole, token.utf8.count <= max(1, options.maxAuth) else {
                throw HTTPError.invalidToken
            }
            return (name: "Authorization", value: "Bearer " + token)
        }
        var request = session.request.again(on: session.loop, with: field)
        request[HandshakeEntry.self] = HandshakeEntry(members: registry, member: claim)
        return request
    }

    /// The request as it reaches the end of the chain; an answer of the chain's own is a refusal.
    private func run(_ request: Request) async throws -> Request {
        let found = Locked<Request?>(nil)
        let chain = Middleware.chain(steps) { request in
            found.withLock { $0 = $0 ?? request }
            return .status(.noContent)
        }
        let response = try await chain(request)
        guard response.status == .noContent, let request = found.withLock({ $0 }) else {
            throw HTTPError(response.status.code < 400 ? .unauthorized : response.status)
        }
        return request.cleaned()
    }

    private func check(
        _ found: Request,
        _ before: SocketIdentity?,
        in session: isolated EngineSession
    ) throws {
        guard session.state == .open else { throw CancellationError() }
        if let until = found[AuthenticatedUntil.self] {
            let left = until.left(session.loop.unixMilliseconds)
            guard left > .zero else { throw HTTPError.tokenExpired }
        }
        guard let before else { return }
        let isSame = before.isSame(as: SavedLogin(found, identity: identity(of: found)))
        guard isSame else { throw HTTPError.otherUser }
    }

    /// As whom the application knows a request, where it has said how.
    func identity(of request: Request) -> String? { options.recovery?.identity?(request) }

    /// Errors that are for nobody but the log become one that says nothing.
    private func told(_ error: any Error) -> any Error {
        switch error {
        case is ConnectError, is HTTPError, is CancellationError: return error
        default:
            options.log.error("the connect chain failed", ["error": "\(error)"])
            return HTTPError(.internalServerError, "internal error", code: "internal_error")
        }
    }

    /// The token in the `auth` of a CONNECT; nil unless it is an object that has a text there.
    func token(in auth: Arguments) -> String? {
        guard let object = try? auth.decode(0, as: JSONValue.self) else { return nil }
        return object[options.tokens.member]?.string
    }
}

extension HTTPError {
    static let invalidToken = HTTPError(
        .unauthorized,
        "the token can not be read",
        code: "invalid_token"
    )
    static let otherUser = HTTPError(
        .forbidden,
        "this connection belongs to another user",
        code: "other_user"
    )
}
