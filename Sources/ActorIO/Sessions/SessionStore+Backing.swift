/// Memory and backing: loaded on demand, saved in order, never brought back from the dead.
extension SessionStore {
    /// Whether a session is in memory, after asking the backing for it.
    func isLoaded(_ id: SessionID) async throws -> Bool {
        if entries[id] != nil { return true }
        guard let backing, !isDead(id) else { return false }
        loads.begin(id)
        defer { loads.finish(id) }
        let record = try await backing.load(id)
        // It may have been loaded, or ended, while the backing was asked.
        if entries[id] != nil { return true }
        guard let record, !isDead(id), !unstored.refuses(record, id) else { return false }
        let unix = unixTime
        let entry = SessionEntry(record, now: lane.now, unixTime: unix)
        guard record.expiresAt > unix, deadline(of: entry) > lane.now else { return false }
        try insert(id, entry)
        return true
    }

    /// Whether an id is known to be of a session that has ended.
    func isDead(_ id: SessionID) -> Bool {
        tombstones.contains(id) || unstored.contains(id) || loads.isDead(id)
    }

    /// Returns when the backing has the present state of a session, or a later one.
    func save(_ id: SessionID) async throws {
        guard let backing else { return }
        guard let wanted = entries[id]?.version else { throw HTTPError.sessionEnded }
        while let entry = entries[id], entry.savedVersion < wanted {
            if entry.isSaving {
                await withCheckedContinuation { savers[id, default: []].append($0) }
            } else {
                // Here and not in there: a call may be a suspension.
                entries[id]?.isSaving = true
                try await save(id, entry, to: backing)
            }
        }
        guard entries[id] != nil else { throw HTTPError.sessionEnded }
    }

    private func save(
        _ id: SessionID,
        _ entry: SessionEntry,
        to backing: any SessionBacking
    ) async throws {
        try await write(id) {
            let record = try entry.record(now: lane.now, unixTime: unixTime)
            try await backing.save(record, for: id)
        }
        entries[id]?.savedVersion = entry.version
        entries[id]?.savedSeen = entry.lastSeen
    }

    /// Tells the backing that a session was seen: ten times in its idle time are enough.
    func saveTouch(_ id: SessionID) async {
        // A save that is under way says it as well, or nearly.
        guard let backing, let entry = entries[id], !entry.isSaving,
            entry.lastSeen - entry.savedSeen >= options.touchPause
        else { return }
        entries[id]?.savedSeen = entry.lastSeen
        entries[id]?.isSaving = true
        let expiresAt = entry.expiresAt(now: lane.now, unixTime: unixTime)
        do {
            try await write(id) {
                try await backing.touch(id, lastSeenAt: entry.lastSeenAt, expiresAt: expiresAt)
            }
        } catch {
            // The session lives in memory all the same.
            options.log.warning("a visit is not stored", ["error": "\(error)"])
        }
    }

    /// One write of a session at a time; one that its end has overtaken is deleted behind it.
    private func write(_ id: SessionID, _ body: () async throws -> Void) async throws {
        defer {
            entries[id]?.isSaving = false
            for saver in savers.removeValue(forKey: id) ?? [] { saver.resume() }
        }
        let error = await failure(body)
        // A write that failed may have left something as well.
        if entries[id] == nil {
            unstored.wrote(id)
            _ = await failure { try await deleteStored(id) }
        }
        if let error { throw error }
    }

    func failure(_ body: () async throws -> Void) async -> (any Error)? {
        do {
            try await body()
            return nil
        } catch {
            return error
        }
    }
}
