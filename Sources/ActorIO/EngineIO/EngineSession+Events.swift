/// What a session tells of itself; see `EngineOptions.onEvent`.
extension EngineSession {
    /// The version of the protocol this session speaks.
    nonisolated var protocolVersion: Int { version.number }

    /// What may be known of this connection.
    var facts: EngineConnection { EngineConnection(self) }

    /// Costs one check when nobody wants to know.
    @inline(__always)
    func report(_ event: @autoclosure () -> EngineEvent) {
        guard let tell = shared.onEvent else { return }
        tell(event(), facts)
    }

    func report(received packet: EnginePacket) {
        report(.received(packet.kind, bytes: packet.size))
    }

    /// A volatile message that is going to be dropped is none that was sent.
    func report(sending group: MessageGroup, volatile: Bool) {
        guard !volatile || takesVolatile(group) else { return }
        if let type = group.storage[group.text].first {
            // The pong of protocol 3 is sent as a message is, see `heard`.
            let kind: EngineEvent.PacketKind = type == UInt8(ascii: "4") ? .message : .pong
            report(.sent(kind, bytes: group.text.count))
        }
        for range in group.binary { report(.sent(.binary, bytes: range.count)) }
    }

    private func takesVolatile(_ group: MessageGroup) -> Bool {
        guard let webSocket else { return pollTakesVolatile(group) }
        return webSocket.onLoop { $0.takesVolatile(group.byteCount) }
    }

    /// Puts a packet of the engine's own into the next poll.
    func queue(_ packet: EnginePacket) {
        polling.outbox.append(packet)
        report(.sent(packet.kind, bytes: packet.size))
    }
}

extension EnginePacket {
    var kind: EngineEvent.PacketKind {
        switch self {
        case .open: .open
        case .close: .close
        case .ping, .clientPing: .ping
        case .pong: .pong
        case .message: .message
        case .binary: .binary
        case .upgrade: .upgrade
        case .noop: .noop
        }
    }

    /// How many bytes it has: of a text with its type, of a binary without.
    var size: Int {
        switch self {
        case .open(let bytes), .clientPing(let bytes): bytes.count + 1
        case .message(let bytes), .binary(let bytes): bytes.count
        case .ping(let probe), .pong(let probe): probe ? 6 : 1
        case .close, .upgrade, .noop: 1
        }
    }
}

extension EngineCloseReason {
    /// The fixed text for the reason, and what else is known.
    var texts: (reason: String, description: String) {
        switch self {
        case .pingTimeout: ("ping timeout", "")
        case .transportClose: ("transport close", "")
        case .transportError(let text): ("transport error", text)
        case .parseError: ("parse error", "")
        case .forcedClose: ("forced close", "")
        case .overBudget: ("client too slow", "")
        case .connectTimeout: ("forced close", "no namespace was joined in time")
        case .sessionEnded: ("forced close", "the login session has ended")
        case .tokenExpired: ("forced close", "the token has expired")
        case .serverShuttingDown: ("server shutting down", "")
        }
    }
}
