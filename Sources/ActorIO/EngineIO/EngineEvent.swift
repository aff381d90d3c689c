/// What happens on one connection, below its namespaces: for figures, traces and logs.
public enum EngineEvent: Sendable, Hashable {
    /// What a packet is.
    public enum PacketKind: String, Sendable, Hashable {
        /// The handshake's facts, to the client.
        case open
        /// The end of the session.
        case close
        /// A question for life; version 4 asks the client.
        case ping
        /// The answer to it.
        case pong
        /// A text message: a packet of Socket.IO.
        case message
        /// A binary message: an attachment of the packet before it.
        case binary
        /// The client's last word before its WebSocket takes over.
        case upgrade
        /// Nothing, so that a poll can end.
        case noop
    }

    /// The handshake is about to be answered: from here on there is a connection.
    case opened
    /// A packet came and is about to be handled; text counts with its type, binary without.
    case received(PacketKind, bytes: Int)
    /// A packet was queued for the client; text counts with its type, binary without.
    case sent(PacketKind, bytes: Int)
    /// All that was queued is handed over: to the kernel, or as the answer to a poll.
    case drained
    /// The client has shown that it lives.
    case heartbeat
    /// A WebSocket of the client's has asked to take over, and was answered.
    case upgrading
    /// The WebSocket has taken over from polling.
    case upgraded
    /// The connection is gone; told once, and last.
    ///
    /// The reason is one of a handful of fixed texts such as `ping timeout` or `transport error`;
    /// the description says more where more is known, and is empty otherwise.
    case closed(reason: String, description: String)
}

/// One connection of Engine.IO, with or without namespaces on it.
///
/// ```swift
/// options.engine.onEvent = { event, connection in
///     if case .closed(let reason, _) = event { log.info("\(connection.remoteAddress) \(reason)") }
/// }
/// ```
public struct EngineConnection: Sendable, Identifiable {
    let session: EngineSession
    /// What carried it when this was made.
    public let transport: EngineTransport
    /// Whether messages could be sent and received when this was made.
    public let isOpen: Bool

    init(_ session: isolated EngineSession) {
        self.session = session
        transport = session.transport
        isOpen = session.state == .open
    }

    /// Tells connections apart for as long as they live.
    ///
    /// It has nothing to do with the id that the client names its session by: that one is a secret,
    /// and is found nowhere.
    public var id: ObjectIdentifier { ObjectIdentifier(session) }
    /// The version of the Engine.IO protocol that is spoken.
    public var protocolVersion: Int { session.protocolVersion }
    /// The request that opened the connection, with what its chain put on it, without its body.
    public var request: Request { session.request }
    /// The client's address at the handshake, or what a trusted proxy said it was.
    public var remoteAddress: String { session.request.remoteAddress }

    /// Closes the connection, in the next turn of its loop, without a word to its namespaces.
    ///
    /// What is queued still goes out. Clients take it for a failure of the network and connect
    /// again; `disconnect` of a socket is for good.
    public func close() {
        let session = session
        session.loop.execute { session.onLoop { $0.close(.forcedClose) } }
    }
}
