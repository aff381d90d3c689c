/// A WebSocket that wants to take over from polling.
struct Probing {
    let socket: WebSocket
    var machine = UpgradeProbe()
    let deadline: LoopTime
}

/// A message on its way into its session.
private struct Received: Sendable {
    let socket: WebSocket
    let bytes: [UInt8]
    let isText: Bool
}

/// The WebSocket transport, born with the session or taken over to.
extension EngineSession: WebSocketReceiver {
    /// A session that starts on WebSocket: the open packet leaves together with the 101.
    func openWebSocket(_ upgraded: UpgradedStream) {
        guard state == .open else {
            // Nobody knows its sid: no poll will ever come for the farewell.
            finish(.forcedClose)
            return refuse(upgraded)
        }
        let socket = makeSocket()
        webSocket = socket
        let greetings = greetings(on: .webSocket)
        for packet in greetings { report(.sent(packet.kind, bytes: packet.size)) }
        socket.onLoop { $0.open(upgraded, for: self, greetings: greetings.map(\.text)) }
        welcome()
    }

    /// A WebSocket that will ask to take over; polling goes on meanwhile.
    func probe(_ upgraded: UpgradedStream) {
        guard state == .open, webSocket == nil, probing == nil else { return refuse(upgraded) }
        let socket = makeSocket()
        probing = Probing(socket: socket, deadline: loop.now + options.upgradeTimeout)
        arm()
        socket.onLoop { $0.open(upgraded, for: self) }
    }

    private static let receiving = loopEntry {
        (session: isolated EngineSession, received: Received) in session.receive(received)
    }

    private func makeSocket() -> WebSocket {
        WebSocket(
            loop: loop,
            maxPayload: options.maxPayload,
            budget: WriteBudget(bytes: options.outgoingBytes, chunks: options.outgoingPackets),
            reportsDrain: shared.onEvent != nil
        )
    }

    /// The session ended while the 101 was on its way.
    private func refuse(_ upgraded: UpgradedStream) {
        let socket = makeSocket()
        socket.onLoop { socket in
            socket.open(upgraded, for: self)
            socket.dismiss()
            socket.close(nil, "")
        }
    }

    nonisolated func webSocket(_ socket: WebSocket, received message: [UInt8], isText: Bool) {
        Self.receiving(self, Received(socket: socket, bytes: message, isText: isText))
    }

    nonisolated func webSocket(_ socket: WebSocket, ended end: WebSocketEnd) {
        onLoop { $0.socketEnded(socket, end) }
    }

    nonisolated func webSocketDrained(_ socket: WebSocket) {
        onLoop { session in
            if socket === session.webSocket { session.report(.drained) }
        }
    }

    fileprivate func receive(_ received: Received) {
        let (message, isText, socket) = (received.bytes, received.isText, received.socket)
        guard socket === webSocket else { return receiveProbe(message, isText, socket) }
        if isText, message.first == UInt8(ascii: "4") {
            guard state == .open else { return }
            report(.received(.message, bytes: message.count))
            receiver?.received(text: message, in: self)
        } else if let packet = packet(in: message, isText: isText) {
            handle(packet)
        } else {
            close(.parseError)
        }
    }

    private func receiveProbe(_ message: [UInt8], _ isText: Bool, _ socket: WebSocket) {
        guard var probe = probing, probe.socket === socket else { return }
        let packet = isText ? try? EnginePacket.parse(text: message) : .binary(message)
        let action = packet.map { probe.machine.received($0) } ?? probe.machine.abandon()
        probing = probe
        switch action {
        case .none: break
        case .answer:
            socket.onLoop { $0.send(text: EnginePacket.pong(probe: true).text) }
            report(.upgrading)
            endPoll()
        case .takeOver: takeOver(probe)
        case .abandon: abandonProbe()
        }
    }

    /// From here on the WebSocket is the transport; what waited for a poll goes out on it first.
    private func takeOver(_ probe: Probing) {
        probing = nil
        endPoll()
        webSocket = probe.socket
        transport = .webSocket
        // A client waits for its POST before it says `5`; what one did not wait for is not taken.
        exchange(&polling.cutPost, with: nil)?()
        report(.upgraded)
        if !mayRead { probe.socket.onLoop { $0.setPaused(true) } }
        // Taken out first: sending may find the budget used up, and end the session.
        var waiting = exchange(&polling.outbox, with: Outbox())
        waiting.takeFrames(for: version) { WebSocket.sending(probe.socket, $0) }
        resumePosts()
    }

    /// Only the probing WebSocket goes; the session stays with polling.
    func abandonProbe() {
        guard let probe = probing else { return }
        probing = nil
        probe.socket.onLoop { socket in
            socket.dismiss()
            socket.close(nil, "")
        }
    }

    private func socketEnded(_ socket: WebSocket, _ end: WebSocketEnd) {
        guard socket === webSocket else {
            if socket === probing?.socket { abandonProbe() }
            return
        }
        switch end {
        case .closed, .left: finish(.transportClose)
        case .failed(let text): finish(.transportError(text))
        case .overBudget: closeOverBudget()
        }
    }
}
