/// What becomes of one handshake.
///
/// A middleware may answer without calling the next, call it twice, or fail behind it: a session
/// whose client is not told of it may not stay.
final class Admission: Sendable {
    private struct State {
        var hasBegun = false
        var session: EngineSession?
        var status: Status?
    }
    private let state = Locked(State())
    /// The connection that is about to be, in the rooms it will be found in.
    let member = HandshakeMember(id: Token.words().0)

    /// False for everybody but the first: one request opens one session.
    func begin() -> Bool {
        state.withLock { state in
            defer { state.hasBegun = true }
            return !state.hasBegun
        }
    }

    func confirm(_ session: EngineSession, _ greeting: Response) {
        state.withLock { state in
            state.session = session
            state.status = greeting.status
        }
    }

    /// The answer was thrown away: its client is told something else.
    func discard() {
        state.withLock { $0.status = nil }
    }

    /// The session that was opened, and whether this response tells the client of it.
    func outcome(_ response: Response) -> (session: EngineSession?, isTold: Bool) {
        let state = state.withLock { $0 }
        guard response.status == state.status else { return (state.session, false) }
        guard response.status == .switchingProtocols else { return (state.session, true) }
        if case .upgrade = response.content { return (state.session, true) }
        return (state.session, false)
    }
}
