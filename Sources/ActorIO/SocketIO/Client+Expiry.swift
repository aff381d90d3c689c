/// The one deadline of a connection whose tokens expire; nothing of it where none does.
final class ExpiryWatch {
    fileprivate var timer: TimerID?
    /// Who was warned, and of what.
    fileprivate var warned: [SocketID: AuthenticatedUntil] = [:]
    /// A token has expired, and nobody has come since.
    fileprivate var isOver = false
}

extension Client {
    /// Looks at the ends of its tokens in the next turn, and again when the first is near.
    func watchExpiry(in session: isolated EngineSession) {
        guard session.state == .open else { return }
        arm(.zero, expiry ?? ExpiryWatch(), in: session)
    }

    /// Whether what the handshake has found is still good.
    func checkExpiry(in session: isolated EngineSession) throws {
        // A chain of its own says it anew.
        guard expiry != nil, plan.connect == nil else { return }
        let left = session.request[AuthenticatedUntil.self]?.left(session.loop.unixMilliseconds)
        if let left, left <= .zero { throw HTTPError.tokenExpired }
    }

    /// Somebody is in a namespace by a token, or on a connection by one.
    func watchExpiry(of request: Request, in session: isolated EngineSession) {
        guard request[AuthenticatedUntil.self] != nil else { return }
        watchExpiry(in: session)
    }

    func stopExpiry(in session: isolated EngineSession) {
        exchange(&expiry, with: nil)?.timer.map { session.loop.cancel($0) }
    }

    private func arm(
        _ delay: Duration,
        _ watch: ExpiryWatch,
        in session: isolated EngineSession
    ) {
        expiry = watch
        watch.timer.map { session.loop.cancel($0) }
        let target = ClosureTimer { [session] in
            session.onLoop { ($0.receiver as? Client)?.expiryCame(in: $0) }
        }
        watch.timer = session.loop.schedule(at: session.loop.now + delay, target)
    }

    private func expiryCame(in session: isolated EngineSession) {
        guard let watch = expiry, session.state == .open else { return }
        watch.timer = nil
        let over = expired(in: session)
        if !over.isEmpty { end(over, watch, in: session) }
        guard session.state == .open else { return }
        let here = Set((sockets + connecting).map(\.id))
        watch.warned = watch.warned.filter { here.contains($0.key) }
        if !here.isEmpty { watch.isOver = false }
        guard let next = nextLook(watch, in: session) else {
            expiry = nil
            return
        }
        // A warning may have been one packet too many for a client that takes nothing.
        guard session.state == .open else { return }
        arm(next, watch, in: session)
    }

    private func expired(in session: isolated EngineSession) -> [Socket] {
        let now = session.loop.unixMilliseconds
        return (sockets + connecting).filter { socket in
            socket.authenticatedUntil.map { $0.left(now) <= .zero } ?? false
        }
    }

    /// Warns whom there is to warn, and says when to look again; nil when nothing expires here.
    private func nextLook(_ watch: ExpiryWatch, in session: isolated EngineSession) -> Duration? {
        let now = session.loop.unixMilliseconds
        let warning = max(.zero, plan.options.tokens.warning)
        var next: Duration?
        for socket in sockets + connecting {
            guard let until = socket.authenticatedUntil else { continue }
            let left = until.left(now)
            var wait = left
            if left > warning {
                wait = left - warning
            } else if warning > .zero, sockets.contains(where: { $0 === socket }),
                watch.warned[socket.id] != until
            {
                watch.warned[socket.id] = until
                socket.onLoop { $0.warnOfExpiry(left) }
            }
            next = min(next ?? wait, wait)
        }
        if sockets.isEmpty, connecting.isEmpty { next = nextLookAtNobody(watch, in: session) }
        // The wall's clock may be set meanwhile.
        return next.map { min($0, .seconds(3_600)) }
    }

    /// A connection that is in no namespace lives as long as what its handshake was good for.
    private func nextLookAtNobody(
        _ watch: ExpiryWatch,
        in session: isolated EngineSession
    ) -> Duration? {
        let left = session.request[AuthenticatedUntil.self]?.left(session.loop.unixMilliseconds)
        guard watch.isOver || left.map({ $0 <= .zero }) == true else { return left }
        // Whoever is being decided about may have a better token.
        guard choosing.isEmpty else { return .seconds(1) }
        session.expire(telling: [])
        return nil
    }

    /// The connection goes with the last of its sockets, or where nothing else would tell its
    /// client that it may come back.
    private func end(
        _ over: [Socket],
        _ watch: ExpiryWatch,
        in session: isolated EngineSession
    ) {
        watch.isOver = true
        let isLast = over.count == sockets.count + connecting.count && choosing.isEmpty
        guard isLast || plan.options.tokens.mayReconnect else {
            for socket in over { farewell(to: socket, in: session).map { session.send($0) } }
            return leave(over)
        }
        let isSilent = plan.options.tokens.mayReconnect
        let farewells = isSilent ? [] : over.compactMap { farewell(to: $0, in: session) }
        leave(over)
        session.expire(telling: farewells)
    }

    private func leave(_ over: [Socket]) {
        for socket in over {
            drop(socket)
            socket.onLoop { $0.end(.tokenExpired) }
        }
    }

    /// DISCONNECT, or the refusal of who was not in yet.
    private func farewell(
        to socket: Socket,
        in session: isolated EngineSession
    ) -> MessageGroup? {
        let name = socket.runtime.name
        if sockets.contains(where: { $0 === socket }) {
            return try? plan.format.disconnect(namespace: name)
        }
        let error = ConnectError(telling: HTTPError.tokenExpired)
        return try? refusal(error, name, session.version, plan.format)
    }
}
