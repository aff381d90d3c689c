/// What a client does for the life of its login sessions.
extension Client {
    /// The handshake has just shown the session, so the first time is some way off.
    func watchLogin(in session: isolated EngineSession) {
        nextTouch = .distantFuture
        watchLogin(of: session.request, in: session)
        guard plan.connect != nil else { return }
        for socket in sockets { watchLogin(of: socket.request, in: session) }
    }

    /// The same for what a CONNECT has shown.
    func watchLogin(of request: Request, in session: isolated EngineSession) {
        guard let pause = request[SessionSlot.self]?.activityPause else { return }
        nextTouch = min(nextTouch, session.loop.now + pause)
    }

    /// An event came: between two of these calls it costs one comparison.
    func touchLogin(in session: isolated EngineSession) {
        watchLogin(in: session)
        for slot in slots(in: session) { slot.noteActivity() }
    }

    /// A heartbeat, which alone is no sign that anybody sits there.
    func heard(in session: isolated EngineSession) {
        guard nextTouch <= session.loop.now,
            slots(in: session).contains(where: \.livesByHeartbeats)
        else { return }
        watchLogin(in: session)
        for slot in slots(in: session) where slot.livesByHeartbeats { slot.noteActivity() }
    }

    /// The sessions that the handshake and its sockets have shown, each once.
    private func slots(in session: isolated EngineSession) -> [SessionSlot] {
        let own = session.request[SessionSlot.self].map { [$0] } ?? []
        guard plan.connect != nil else { return own }
        return sockets.compactMap { $0.request[SessionSlot.self] }.reduce(into: own) {
            slots,
            slot in
            if !slots.contains(where: { $0 === slot }) { slots.append(slot) }
        }
    }
}
