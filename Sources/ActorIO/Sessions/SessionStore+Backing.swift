/// Memory and backing: loaded on demand, saved in order, never brought back from the dead.
extension SessionStore {
    /// Whether a session is in memory, after asking the backing for it.
    func isLoaded(_ id: SessionID) async throws -> Bool {
        if entries[id] != nil { return true }
        guard let backing, !tombstones.contains(id) else { return false }
        let record = try await backing.load(id)
        // It may have been loaded, or ended, while the backing was asked.
        if entries[id] != nil { return true }
        guard let record, !tombstones.contains(id), record.expiresAt > lane.unixTime else {
            return false
        }
        try insert(id, entry(record))
        return true
    }

    /// Returns when the backing has the present state of a session, or a later one.
    func save(_ id: SessionID) async throws {
        guard let backing, let wanted = entries[id]?.version else { return }
        while let entry = entries[id], entry.savedVersion < wanted {
            if entry.isSaving {
                await withCheckedContinuation { savers[id, default: []].append($0) }
            } else {
                try await save(id, entry, to: backing)
            }
        }
        guard entries[id] != nil else { throw HTTPError.sessionEnded }
    }

    /// Tells the backing that a session was seen: ten times in its idle time are enough.
    func saveTouch(_ id: SessionID) async {
        guard let backing, let entry = entries[id],
            entry.lastSeen - entry.savedSeen >= options.idleLifetime / 10
        else { return }
        // A save that is under way says it as well, or nearly.
        guard !entry.isSaving else { return }
        entries[id]?.savedSeen = entry.lastSeen
        // The session lives in memory all the same; the next change is reported if it fails.
        try? await backing.touch(
            id,
            lastSeenAt: entry.lastSeenAt,
            expiresAt: expiry(of: entry)
        )
    }

    private func save(
        _ id: SessionID,
        _ entry: SessionEntry,
        to backing: any SessionBacking
    ) async throws {
        let record = try record(entry)
        entries[id]?.isSaving = true
        defer {
            entries[id]?.isSaving = false
            for saver in savers.removeValue(forKey: id) ?? [] { saver.resume() }
        }
        try await backing.save(record, for: id)
        guard entries[id] == nil else {
            entries[id]?.savedVersion = entry.version
            entries[id]?.savedSeen = entry.lastSeen
            return
        }
        // It ended meanwhile, and this save may have come after its deletion.
        try await backing.delete(id)
    }

    private func expiry(of entry: SessionEntry) -> Int64 {
        lane.unixTime + (entry.deadline - lane.now).components.seconds
    }

    private func record(_ entry: SessionEntry) throws -> SessionRecord {
        SessionRecord(
            createdAt: entry.createdAt,
            lastSeenAt: entry.lastSeenAt,
            expiresAt: expiry(of: entry),
            userID: entry.userID,
            address: entry.origin.address,
            userAgent: entry.origin.userAgent,
            values: try entry.data.encoded()
        )
    }

    private func entry(_ record: SessionRecord) -> SessionEntry {
        let (now, unix) = (lane.now, lane.unixTime)
        let created = now + .seconds(record.createdAt - unix)
        let seen = now + .seconds(record.lastSeenAt - unix)
        return SessionEntry(
            data: SessionData(encoded: record.values),
            userID: record.userID,
            origin: SessionOrigin(address: record.address, userAgent: record.userAgent),
            created: created,
            createdAt: record.createdAt,
            lastSeen: seen,
            lastSeenAt: record.lastSeenAt,
            deadline: now,
            cookieSet: now,
            version: 1,
            savedVersion: 1,
            savedSeen: seen
        )
    }
}
