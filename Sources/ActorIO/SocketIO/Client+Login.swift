/// What a client does for the life of its login session.
extension Client {
    /// The handshake has just shown the session, so the first time is some way off.
    func watchLogin(in session: isolated EngineSession) {
        guard let pause = session.request[SessionSlot.self]?.activityPause else { return }
        nextTouch = session.loop.now + pause
    }

    /// An event came: between two of these calls it costs one comparison.
    func touchLogin(in session: isolated EngineSession) {
        watchLogin(in: session)
        session.request[SessionSlot.self]?.noteActivity()
    }

    /// A heartbeat, which alone is no sign that anybody sits there.
    func heard(in session: isolated EngineSession) {
        guard nextTouch <= session.loop.now,
            session.request[SessionSlot.self]?.livesByHeartbeats == true
        else { return }
        touchLogin(in: session)
    }
}
