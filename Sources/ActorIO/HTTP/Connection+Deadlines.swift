/// One deadline at a time, whatever it is for.
extension Connection {
    /// While the peer does not take what is written to it, only that deadline counts.
    func arm(_ duration: Duration) {
        guard !isWriteBlocked else { return }
        setTimer(duration)
    }

    func disarm() {
        guard !isWriteBlocked else { return }
        cancelTimer()
    }

    func setTimer(_ duration: Duration) {
        cancelTimer()
        timer = loop.schedule(at: loop.now + duration, self)
    }

    func cancelTimer() {
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    /// The peer takes what is written again: back to what else is due.
    func armForPhase() {
        switch phase {
        case .idle: arm(context.deadlines.idle)
        case .head: arm(context.deadlines.head)
        case .lingering: arm(context.deadlines.linger)
        case .handling where exchange?.body?.isComplete == false: arm(context.deadlines.body)
        case .handling, .parked, .writing, .closed: disarm()
        }
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
