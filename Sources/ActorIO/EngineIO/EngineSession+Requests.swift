/// The HTTP requests of a session, from its first to its upgrade.
extension EngineSession {
    /// The answer to the handshake: the open packet, or the 101 that it will follow.
    func greet(_ accept: String?) -> Response {
        // Its login session may have ended while the last step was under way.
        guard state == .open else {
            shared.removed(self)
            var response = Response(EngineError.forbidden("the session has ended"))
            response.status = .unauthorized
            return response
        }
        start()
        guard let accept else {
            return pollResponse(.open(shared.handshakeJSON(id, on: .polling)))
        }
        let upgrade = Upgrade(
            loop: loop,
            take: { [self] upgraded in onLoop { $0.openWebSocket(upgraded) } },
            abandoned: { [self] in soon { $0.finish(.transportClose) } }
        )
        return Response(
            .switchingProtocols,
            UpgradeReply.headers(accept: accept),
            .upgrade(upgrade)
        )
    }

    /// A request that names this session.
    func answer(
        _ request: Request,
        _ transport: EngineTransport,
        _ isUpgrade: Bool
    ) async throws -> Response {
        // The farewell of an ended session tells nothing secret, and its cookie is gone already.
        if state == .open, !self.request.sharesSession(with: request) {
            throw EngineError.forbidden("this socket belongs to another login session")
        }
        welcome()
        if transport == .webSocket { return try await upgrade(request, isUpgrade) }
        switch request.method {
        case .get: return poll()
        case .post: return await post(request)
        default: return Response(status: .methodNotAllowed, headers: ["Allow": "GET, POST"])
        }
    }

    private func upgrade(_ request: Request, _ isUpgrade: Bool) async throws -> Response {
        guard isUpgrade else { throw EngineError.badRequest("TRANSPORT_HANDSHAKE_ERROR") }
        // A version that was not asked for again is as wrong as another one (CVE-2026-102599).
        guard version.matches(request.query) else { throw EngineError.unsupportedProtocolVersion }
        guard try await self.request.isSessionAlive() else {
            throw HTTPError(.unauthorized, "the session has ended")
        }
        guard options.allowUpgrades, state == .open, webSocket == nil, probing == nil else {
            throw EngineError.badRequest("TRANSPORT_MISMATCH")
        }
        let accept = try UpgradeReply.check(request.head)
        let upgrade = Upgrade(
            loop: loop,
            take: { [self] upgraded in onLoop { $0.probe(upgraded) } },
            abandoned: {}
        )
        return Response(
            .switchingProtocols,
            UpgradeReply.headers(accept: accept),
            .upgrade(upgrade)
        )
    }
}
