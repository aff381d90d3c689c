/// Why a session of Engine.IO ended.
enum EngineCloseReason: Sendable, Equatable {
    case pingTimeout
    case transportClose
    case transportError(String)
    case parseError
    /// Closed by our side.
    case forcedClose
    /// The client did not take what was sent to it: the budget in bytes or packets ran out.
    case overBudget
    /// No namespace was joined in time.
    case connectTimeout
    /// Its login session has ended.
    case sessionEnded
    /// What its client was authenticated by has expired.
    case tokenExpired
    case serverShuttingDown
}

/// What lives above a session: gets its messages, inside its isolation.
protocol EngineReceiver: AnyObject {
    /// A text message; the engine's packet type `4` is its first byte.
    func received(text: [UInt8], in session: isolated EngineSession)
    func received(binary: [UInt8], in session: isolated EngineSession)
    /// A client of protocol 3 knows of its session: told once, and of no other client.
    func opened(in session: isolated EngineSession)
    /// The session's own timer for its receiver has fired; see `EngineSession.armReceiverTimer`.
    func timerFired(in session: isolated EngineSession)
    /// Its heart has beaten.
    func heard(in session: isolated EngineSession)
    /// What a client is told, namespace by namespace, when its login session ends.
    func farewells(in session: isolated EngineSession) -> [MessageGroup]
    /// The session is closed: told once, after the state says so.
    func closed(_ reason: EngineCloseReason, in session: isolated EngineSession)
}
