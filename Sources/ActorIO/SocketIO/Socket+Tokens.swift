/// Who a socket is, and how it goes on being that.
extension Socket {
    /// Shows the `connect` chain a fresh token, and goes on as the same user when it lets it pass.
    ///
    /// From then on ``request`` is what the chain made of it, the connection is in the rooms of its
    /// session instead of the old one's, and the end of the new token counts. Rooms that handlers
    /// have joined are theirs to leave.
    ///
    /// When it throws, nothing has changed: the socket lives until its old token expires. That is
    /// so for a token of another user too, with ``HTTPError/code`` `other_user`; one that can not
    /// be read has `invalid_token`, and one while another is looked at `busy`.
    public func reauthenticate(_ token: String) async throws {
        guard isConnected else { throw CallError(.disconnected) }
        guard let identity else {
            throw HTTPError(.notImplemented, "no chain for tokens", code: "no_connect_chain")
        }
        guard identity.beginRenewal() else {
            throw HTTPError(.tooManyRequests, "a token is looked at already", code: "busy")
        }
        defer { identity.endRenewal() }
        let proof = try await identity.chain.prove(token, as: identity, in: session)
        guard identity.replace(proof) else { throw CallError(.disconnected) }
        session.onLoop { session in
            guard let client = session.receiver as? Client else { return }
            client.watchExpiry(in: session)
            client.watchLogin(of: proof.request, in: session)
        }
    }

    /// How long what this socket was authenticated by is good; nil when that has no end.
    public nonisolated var authenticatedUntil: AuthenticatedUntil? {
        request[AuthenticatedUntil.self]
    }

    /// Warns its client; a warning is of use at once or never, so none is kept for recovery.
    func warnOfExpiry(_ left: Duration) {
        let options = runtime.options
        do {
            let arguments = try EncodedArguments.list(left.secondsUp)
            send(try territory.encode(options.tokens.warningEvent, arguments))
        } catch {
            runtime.report(error, id, options.tokens.warningEvent)
        }
    }
}

extension Namespace {
    /// Lets clients of this namespace show a fresh token by an event, whose only argument it is.
    ///
    /// The answer is the number of seconds the token is good for, null for one without an end, or
    /// `{"error": {"message": …, "code": …}}`. See ``Socket/reauthenticate(_:)``.
    public mutating func acceptsReauthentication(event: String = "reauthenticate") {
        on(event) { (socket, token: String) async throws -> Int64? in
            try await socket.reauthenticate(token)
            return socket.authenticatedUntil?.left(socket.loop.unixMilliseconds).secondsUp
        }
    }
}

extension Duration {
    /// Whole seconds, of which the last has only begun.
    var secondsUp: Int64 {
        let (seconds, rest) = components
        return rest > 0 && seconds < .max ? seconds + 1 : seconds
    }
}
