/// What a WebSocket may say before it takes over from polling: `2probe`, then `5`.
///
/// ```
/// silent ── 2probe / 3probe ──► probed ── 5 ──► taken over
///    └─────── anything else, or the deadline ─────► abandoned; polling goes on
/// ```
/// The reference accepts `5` without a probe; that skips the proof that bytes pass both ways.
struct UpgradeProbe: Sendable {
    /// What the session does about it.
    enum Action: Sendable, Equatable {
        /// Nothing: the probe was over already.
        case none
        /// Answer `3probe`, and end every poll with a noop from now on.
        case answer
        /// Make the WebSocket the transport, and flush to it.
        case takeOver
        /// Close only the WebSocket; the session stays with polling.
        case abandon
    }

    private enum State { case silent, probed, over }

    private var state = State.silent

    /// Whether polls are to be ended with a noop, those that arrive later included.
    var endsPolls: Bool { state == .probed }

    /// Whether the probe has had its outcome.
    var isOver: Bool { state == .over }

    /// A packet came on the WebSocket.
    mutating func received(_ packet: EnginePacket) -> Action {
        switch (state, packet) {
        case (.silent, .ping(probe: true)):
            state = .probed
            return .answer
        case (.probed, .upgrade):
            state = .over
            return .takeOver
        default:
            return abandon()
        }
    }

    /// The upgrade's deadline passed, a text was no packet, or the WebSocket closed or failed.
    mutating func abandon() -> Action {
        guard state != .over else { return .none }
        state = .over
        return .abandon
    }
}
