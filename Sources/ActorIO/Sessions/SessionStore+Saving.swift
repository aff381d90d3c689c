/// Somebody who waits until a state of a session is in the backing.
struct SessionSaver: Sendable {
    let version: Int
    /// Gets true when the next write is its own to make.
    let turn: CheckedContinuation<Bool, any Error>
}

/// One call of the backing at a time for each session, and one write for all who wait for it.
extension SessionStore {
    /// Returns when the backing has the present state of a session, or a later one.
    func save(_ id: SessionID) async throws {
        guard let backing else { return }
        guard let wanted = entries[id] else { throw HTTPError.sessionEnded }
        if wanted.isSaving {
            let isTurn = try await withCheckedThrowingContinuation { turn in
                savers[id, default: []].append(SessionSaver(version: wanted.version, turn: turn))
            }
            guard isTurn else { return }
        }
        entries[id]?.isSaving = true
        // What others have changed while this one waited goes along.
        let entry = entries[id]
        try await takeTurn(id, writing: entry) {
            guard let entry else { throw HTTPError.sessionEnded }
            let record = try entry.record(now: lane.now, unixTime: unixTime)
            try await backing.save(record, for: id)
        }
        guard entries[id] != nil else { throw HTTPError.sessionEnded }
    }

    /// Tells the backing that a session was seen: ten times in its idle time are enough.
    func saveTouch(_ id: SessionID) async {
        // A save that is under way says it as well, or nearly.
        guard let backing, let entry = entries[id], !entry.isSaving,
            entry.lastSeen - entry.savedSeen >= options.touchPause
        else { return }
        entries[id]?.savedSeen = entry.lastSeen
        entries[id]?.isSaving = true
        do {
            // What a write that failed has left there is mended on the way.
            try await takeTurn(id, writing: entry.isUncertain ? entry : nil) {
                let (now, unix) = (lane.now, unixTime)
                guard !entry.isUncertain else {
                    let record = try entry.record(now: now, unixTime: unix)
                    return try await backing.save(record, for: id)
                }
                let end = entry.expiresAt(now: now, unixTime: unix)
                try await backing.touch(id, lastSeenAt: entry.lastSeenAt, expiresAt: end)
            }
        } catch {
            // The session lives in memory all the same.
            options.log.warning("a visit is not stored", ["error": "\(error)"])
        }
    }

    /// Makes the one call; what its session's end has overtaken is deleted behind it.
    private func takeTurn(
        _ id: SessionID,
        writing entry: SessionEntry?,
        _ call: () async throws -> Void
    ) async throws {
        let error = await failure(call)
        // A write that failed may have left something as well.
        if entries[id] == nil {
            unstored.wrote(id)
            _ = await failure { try await deleteStored(id) }
        }
        if let entry, entries[id] != nil { wrote(entry, of: id, error) }
        passTurn(id)
        if let error { throw error }
    }

    private func wrote(_ entry: SessionEntry, of id: SessionID, _ error: (any Error)?) {
        let waiting = savers.removeValue(forKey: id) ?? []
        if let error {
            entries[id]?.draft = nil
            entries[id]?.isUncertain = true
            for saver in waiting { saver.turn.resume(throwing: error) }
            return
        }
        entries[id]?.data = entry.draft ?? entry.data
        if entries[id]?.version == entry.version { entries[id]?.draft = nil }
        entries[id]?.isUncertain = false
        entries[id]?.savedSeen = entry.lastSeen
        for saver in waiting where saver.version <= entry.version {
            saver.turn.resume(returning: false)
        }
        savers[id] = waiting.filter { $0.version > entry.version }
    }

    /// The first who waits is next; all of them have waited in vain when the session has ended.
    private func passTurn(_ id: SessionID) {
        var waiting = savers.removeValue(forKey: id) ?? []
        guard entries[id] != nil else {
            for saver in waiting { saver.turn.resume(throwing: HTTPError.sessionEnded) }
            return
        }
        entries[id]?.isSaving = !waiting.isEmpty
        guard !waiting.isEmpty else { return }
        let next = waiting.removeFirst()
        if !waiting.isEmpty { savers[id] = waiting }
        next.turn.resume(returning: true)
    }
}
