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
        let unix = unixTime
        guard let record, !isDead(id), !unstored.refuses(record, id, at: unix) else {
            return false
        }
        let entry = SessionEntry(record, now: lane.now, unixTime: unix)
        guard record.expiresAt > unix, deadline(of: entry) > lane.now else { return false }
        try insert(id, entry)
        return true
    }

    /// Whether an id is known to be of a session that has ended.
    func isDead(_ id: SessionID) -> Bool {
        tombstones.contains(id) || unstored.contains(id) || loads.isDead(id)
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
