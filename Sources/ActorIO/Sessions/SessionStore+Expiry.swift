/// Requests keep sessions alive, and an armed deadline ends those that nobody shows any more.
extension SessionStore {
    /// A request shows an id: restarts its idle time; nil when there is no such session.
    ///
    /// The connection of a handshake was entered before, so whoever is told "alive" here is found
    /// by any later ending.
    func open(
        _ id: SessionID,
        _ visit: SessionVisit,
        members: (any SessionMembers)?
    ) async throws -> OpenedSession? {
        attach(members)
        guard try await isLoaded(id) else { return nil }
        // Whoever comes before this step is found by the ending, who comes behind it is refused.
        guard visit.key?.isWithdrawn != true else { return nil }
        touch(id, visit)
        await saveTouch(id)
        guard let index = entries.index(forKey: id) else { return nil }
        guard let cookieLifetime = visit.cookieLifetime else {
            return OpenedSession(cookieIsDue: false)
        }
        // The browser's clock restarts as well, but not with every picture of a page.
        let now = lane.now
        let isDue = now - entries.values[index].cookieSet >= cookieLifetime / 10
        if isDue { entries.values[index].cookieSet = now }
        return OpenedSession(cookieIsDue: isDue)
    }

    /// A socket of the session is in use.
    func wasUsed(_ id: SessionID) {
        guard entries[id] != nil else { return }
        touch(id)
        guard backing != nil else { return }
        Task(executorPreference: lane.loop.preference) { await self.saveTouch(id) }
    }

    /// Restarts the idle time of a session; for sockets that are busy while no request comes.
    func touch(_ id: SessionID, _ visit: SessionVisit? = nil) {
        guard let index = entries.index(forKey: id) else { return }
        let (now, unix) = (lane.now, unixTime)
        entries.values[index].see(now, unix, visit)
        entries.values[index].deadline = deadline(of: entries.values[index])
        // The server may be another one than the one the alarm was set for.
        setAlarm()
    }

    /// Arms the earliest deadline on the loop the store lives on now.
    func setAlarm() {
        let loop = lane.loop
        var next = deadlines.nextDeadline
        if let retry = unstored.retryAt { next = min(next ?? retry, retry) }
        if let alarm, alarm.loop === loop, alarm.time == next { return }
        alarm?.timer.cancel()
        alarm = next.map { time in
            let timer = lane.schedule(at: time) { [weak self] in
                guard let self else { return }
                Task(executorPreference: loop.preference) { await self.expire() }
            }
            return SessionAlarm(timer: timer, time: time, loop: loop)
        }
    }

    private func expire() {
        alarm = nil
        let now = lane.now
        var due: [SessionID] = []
        while let id = deadlines.popDue(now) {
            guard let deadline = entries[id]?.deadline else { continue }
            if deadline <= now {
                entries[id]?.timer = nil
                due.append(id)
            } else {
                entries[id]?.timer = deadlines.schedule(at: deadline, id)
            }
        }
        tombstones.sweep(now)
        if !due.isEmpty { endLater(due, isHarmless: true) }
        if unstored.beginRound(now) {
            Task(executorPreference: lane.loop.preference) { await self.retryEnds() }
        }
        setAlarm()
    }
}

/// The armed deadline of a store.
struct SessionAlarm {
    let timer: LaneTimer
    let time: LoopTime
    let loop: EventLoop
}
