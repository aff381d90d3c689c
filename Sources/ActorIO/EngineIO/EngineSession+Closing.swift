/// The ends of a session.
extension EngineSession {
    /// How long a closed session waits for the poll that carries its farewell: no longer than a
    /// silent client is waited for.
    private var farewell: Duration {
        min(.seconds(30), options.pingInterval + options.pingTimeout)
    }

    /// Closes from our side, or for what the client did; what is queued still goes out.
    func close(_ reason: EngineCloseReason) {
        guard state == .open else { return }
        abandonProbe()
        if let webSocket {
            let code: CloseCode? = reason == .serverShuttingDown ? .goingAway : nil
            webSocket.onLoop { socket in
                socket.dismiss()
                socket.close(code, "")
            }
            finish(reason)
        } else if polling.parked != nil {
            queue(.close)
            answerPoll(isLast: true)
            finish(reason)
        } else if receiver != nil, Self.isSaid(reason) {
            waitForFarewell(reason)
        } else {
            finish(reason)
        }
    }

    /// The login session is gone: nothing it was to receive may reach the client any more, but the
    /// packets that say so.
    ///
    /// Who may reconnect is told nothing: the official client comes back when its connection
    /// closes, and stays away after a DISCONNECT.
    func endWithLogin(mayReconnect: Bool = false) {
        isLoginOver = true
        // Nobody has fetched its farewell yet, and what stands before it is told to nobody now.
        if state == .closing {
            polling.outbox.removeAll()
            return queue(.close)
        }
        guard state == .open else { return }
        let farewells = mayReconnect ? [] : receiver?.farewells(in: self) ?? []
        polling.outbox.removeAll()
        for farewell in farewells { send(farewell) }
        close(.sessionEnded)
    }

    /// What its client was authenticated by is over: of what it has not fetched only these packets
    /// still reach it.
    func expire(telling farewells: [MessageGroup]) {
        guard state == .open else { return }
        polling.outbox.removeAll()
        for farewell in farewells { send(farewell) }
        close(.tokenExpired)
    }

    /// Whether the client is still there to hear of it.
    private static func isSaid(_ reason: EngineCloseReason) -> Bool {
        switch reason {
        case .forcedClose, .sessionEnded, .tokenExpired, .serverShuttingDown, .connectTimeout:
            true
        default: false
        }
    }

    /// Without a poll there is no way to say it: the session is closed for everybody above, and
    /// keeps its id until the client asks or the time is over.
    private func waitForFarewell(_ reason: EngineCloseReason) {
        wait(farewell, toSay: .close, reason)
    }

    private func wait(_ time: Duration, toSay packet: EnginePacket, _ reason: EngineCloseReason) {
        state = .closing
        stopTimers()
        queue(packet)
        polling.failPosts()
        tellReceiver(reason)
        polling.farewellDeadline = loop.now + time
        arm()
    }

    /// A client that closes has a poll on its way, as a rule, which then ends like any other.
    ///
    /// The two come over different connections, and either may be read first.
    func waitForLastPoll() {
        abandonProbe()
        polling.isLeaving = true
        wait(Self.lastPollTime, toSay: .noop, .transportClose)
    }

    private static let lastPollTime = Duration.milliseconds(50)

    /// Nothing is left to say.
    func finish(_ reason: EngineCloseReason) {
        guard state != .closed else { return }
        state = .closed
        stopTimers()
        abandonProbe()
        let parked = polling.parked
        polling.failPosts()
        polling = Polling()
        parked?.respond(pollResponse(.close))
        webSocket?.onLoop { $0.dismiss() }
        webSocket = nil
        tellReceiver(reason)
        shared.removed(self)
    }

    private func tellReceiver(_ reason: EngineCloseReason) {
        guard let told = exchange(&receiver, with: nil) else { return }
        told.closed(reason, in: self)
        report(.closed(reason: reason.texts.reason, description: reason.texts.description))
    }
}

extension [UInt8] {
    init(ascii character: Unicode.Scalar) {
        self = [UInt8(ascii: character)]
    }
}
