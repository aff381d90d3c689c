/// One deadline at a time, whatever it is for.
extension Connection {
    func arm(_ duration: Duration) {
        disarm()
        timer = loop.schedule(at: loop.now + duration, self)
    }

    func disarm() {
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    nonisolated func timerFired() {
        onLoop { $0.deadlineCame() }
    }

    private func deadlineCame() {
        timer = nil
        switch phase {
        case .head where parser.isMidHead:
            answerTimeout()
        case .handling where !isWriteBlocked && exchange?.body != nil:
            exchange?.body?.fail()
            answerTimeout()
        case .idle, .head, .handling, .parked, .writing, .lingering, .closed:
            close()
        }
    }

    private func answerTimeout() {
        phase = .handling
        refuseBody(HTTPError(.requestTimeout))
    }
}
