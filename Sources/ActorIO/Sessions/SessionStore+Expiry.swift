/// Requests keep sessions alive, and an armed deadline ends those that nobody shows any more.
extension SessionStore {
    /// A request shows an id: restarts its idle time; nil when there is no such session.
    ///
    /// The connection of a handshake was entered before, so whoever is told "alive" here is found
    /// by any later ending.
    func open(
        _ id: SessionID,
        address: String,
        members: (any SessionMembers)?,
        cookieLifetime: Duration? = nil
    ) async throws -> OpenedSession? {
        attach(members)
        guard try await isLoaded(id) else { return nil }
        touch(id)
        entries[id]?.origin.address = address
        await saveTouch(id)
        guard let entry = entries[id] else { return nil }
        guard let cookieLifetime else { return OpenedSession(cookieIsDue: false) }
        // The browser's clock restarts as well, but not with every picture of a page.
        let isDue = lane.now - entry.cookieSet >= cookieLifetime / 10
        if isDue { entries[id]?.cookieSet = lane.now }
        return OpenedSession(cookieIsDue: isDue)
    }

    /// Restarts the idle time of a session; for sockets that are busy while no request comes.
    func touch(_ id: SessionID) {
        guard var entry = entries[id] else { return }
        entry.lastSeen = lane.now
        entry.lastSeenAt = lane.unixTime
        entry.deadline = deadline(of: entry)
        entries[id] = entry
        // The server may be another one than the one the alarm was set for.
        setAlarm()
    }

    /// Arms the earliest deadline on the loop the store lives on now.
    func setAlarm() {
        let loop = lane.loop
        let next = deadlines.nextDeadline
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
        if !due.isEmpty { endLater(due) }
        setAlarm()
    }
}

/// What a request that shows a session is told.
struct OpenedSession: Sendable {
    let cookieIsDue: Bool
}

/// The armed deadline of a store.
struct SessionAlarm {
    let timer: LaneTimer
    let time: LoopTime
    let loop: EventLoop
}
