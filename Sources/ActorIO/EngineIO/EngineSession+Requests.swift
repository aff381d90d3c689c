/// The HTTP requests of a session, from its first to its upgrade.
extension EngineSession {
    /// The answer to the handshake: the open packet, or the 101 that it will follow.
    func greet(_ accept: [UInt8]?) throws -> Response {
        // Its login session may have ended while the last step was under way.
        guard state == .open else {
            shared.removed(self)
            throw HTTPError.sessionEnded
        }
        if accept != nil { transport = .webSocket }
        start()
        guard let accept else { return greeting() }
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

    private func greeting() -> Response {
        for packet in greetings(on: .polling) { queue(packet) }
        var response = takePoll()
        // Polling only: a WebSocket has no next request that would bring it back.
        options.cookie.map { response.set($0.naming(id)) }
        return response
    }

    /// What a client is told first: the facts of its session, and the app's own message if any.
    func greetings(on transport: EngineTransport) -> [EnginePacket] {
        let open = EnginePacket.open(shared.handshakeJSON(id, on: transport))
        guard !shared.initialMessage.isEmpty else { return [open] }
        return [open, .message(shared.initialMessage)]
    }

    /// A request that names this session.
    func answer(
        _ request: Request,
        _ transport: EngineTransport,
        _ isUpgrade: Bool
    ) async throws -> Response {
        // The farewell to an ended login tells nothing secret, and its cookie is gone already.
        if !isLoginOver, !self.request.sharesSession(with: request) {
            throw EngineError.forbidden("this socket belongs to another login session")
        }
        welcome()
        if transport == .webSocket { return try await upgrade(request, isUpgrade) }
        switch request.method {
        case .get: return try poll()
        case .post: return try await post(request)
        default: return Response(status: .methodNotAllowed, headers: ["Allow": "GET, POST"])
        }
    }

    private func upgrade(_ request: Request, _ isUpgrade: Bool) async throws -> Response {
        guard isUpgrade else { throw EngineError.mismatch(self.transport) }
        // A version that was not asked for again is as wrong as another one (CVE-2026-102599).
        guard version.matches(request.query) else { throw EngineError.unsupportedProtocolVersion }
        guard try await self.request.isSessionAlive() else {
            throw HTTPError.sessionEnded
        }
        // One WebSocket too many is closed behind its 101, see `probe`: so clients expect it.
        guard options.allowUpgrades, state == .open else { throw EngineError.mismatch(transport) }
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
