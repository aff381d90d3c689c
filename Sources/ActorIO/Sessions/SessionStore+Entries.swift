/// Coming and going in memory: everything here is one step without a suspension.
extension SessionStore {
    func insert(
        _ birth: SessionBirth,
        _ renewal: SessionRenewal,
        _ old: SessionEntry?,
        _ write: (inout SessionData) -> Void
    ) throws {
        let (now, unix) = (lane.now, unixTime)
        var entry = SessionEntry(
            data: SessionData(),
            origin: birth.origin,
            key: birth.key,
            maker: birth.maker,
            created: now,
            createdAt: unix,
            lastSeen: now,
            lastSeenAt: unix,
            deadline: now,
            cookieSet: now,
            savedSeen: now
        )
        renewal.apply(to: &entry, from: old)
        write(&entry.data)
        try insert(birth.id, entry)
    }

    func insert(_ id: SessionID, _ entry: SessionEntry) throws {
        try makeRoom()
        var entry = entry
        entry.deadline = deadline(of: entry)
        entry.timer = deadlines.schedule(at: entry.deadline, id)
        entries[id] = entry
        if let user = entry.userID {
            users[ByteString(user), default: []].append(id)
            limitSessions(of: user)
        } else {
            anonymous.append((id, entry.lastSeen))
        }
        setAlarm()
    }

    /// Takes a session out and remembers that it is dead; false when it was not here.
    @discardableResult
    func bury(_ id: SessionID, isHarmless: Bool = false) -> Bool {
        let now = lane.now
        tombstones.insert(id, now: now, until: now + options.memoryOfEnded)
        loads.bury(id)
        let found = entries.removeValue(forKey: id)
        if backing != nil { noteEnd(of: id, found?.isSaving ?? false, isHarmless) }
        guard let entry = found else { return false }
        if let timer = entry.timer { deadlines.cancel(timer) }
        if let user = entry.userID {
            let key = ByteString(user)
            users[key]?.removeAll { $0 == id }
            if users[key]?.isEmpty == true { users[key] = nil }
        }
        setAlarm()
        return true
    }

    private func noteEnd(of id: SessionID, _ isWriting: Bool, _ isHarmless: Bool) {
        let hasRoom = unstored.begin(
            id,
            isWriting: isWriting,
            isHarmless: isHarmless,
            at: unixTime
        )
        guard !hasRoom, !isHarmless else { return }
        options.log.error("too many ends are not stored: older sessions are refused")
    }

    func deadline(of entry: SessionEntry) -> LoopTime {
        min(entry.lastSeen + options.idleLifetime, entry.created + options.absoluteLifetime)
    }

    private func makeRoom() throws {
        forgetStaleAnonymous()
        while entries.count >= options.maxSessions {
            guard let id = idlestAnonymous() else { throw HTTPError.storeIsFull }
            endLater([id])
        }
    }

    /// A second chance list: who was seen since it was noted goes to the back with the new time.
    private func idlestAnonymous() -> SessionID? {
        while let (id, seen) = anonymous.popFirst() {
            guard let entry = entries[id], entry.userID == nil else { continue }
            guard entry.lastSeen > seen else { return id }
            anonymous.append((id, entry.lastSeen))
        }
        return nil
    }

    /// Names of sessions that ended stay in the list until it is twice as long as it need be.
    private func forgetStaleAnonymous() {
        guard anonymous.count > 2 * entries.count + 1_000 else { return }
        var living = Deque<(id: SessionID, seen: LoopTime)>()
        for note in anonymous where entries[note.id] != nil {
            living.append(note)
        }
        anonymous = living
    }

    private func limitSessions(of user: String) {
        let ids = users[ByteString(user)] ?? []
        guard ids.count > options.maxSessionsPerUser else { return }
        let idlest = ids.dropLast().min { left, right in
            guard let left = entries[left], let right = entries[right] else { return false }
            return left.lastSeen < right.lastSeen
        }
        if let idlest { endLater([idlest]) }
    }
}
