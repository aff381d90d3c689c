/// The HTTP requests of a session, from its first to its upgrade.
extension EngineSession {
    /// The answer to the handshake: the open packet, or the 101 that it will follow.
    func greet(_ accept: String?) -> Response {
        // Its login session may have ended while the last step was under way.
        guard state == .open else {
            var response = Response(EngineError.forbidden("the session has ended"))
            response.status = .unauthorized
            return response
        }
        start()
        guard let accept else {
            return Self.pollResponse(EnginePacket.open(shared.handshakeJSON(id, on: .polling)).text)
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
        if transport == .webSocket { return try upgrade(request, isUpgrade) }
        switch request.method {
        case .get: return poll()
        case .post: return await post(request)
        default: return Response(status: .methodNotAllowed, headers: ["Allow": "GET, POST"])
        }
    }

    private func upgrade(_ request: Request, _ isUpgrade: Bool) throws -> Response {
        guard isUpgrade else { throw EngineError.badRequest("TRANSPORT_HANDSHAKE_ERROR") }
        if let version = request.query["EIO"], version != "4" {
            throw EngineError.unsupportedProtocolVersion
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
