/// The steps by which changes reach the disk, each of which may fail or be the last one.
///
/// Before the directory is synced the old file of a session is untouched, so an error leaves the
/// old state to be read. After a failed sync nobody knows what the disk has; a file that could not
/// be synced is never used again, and a save that is tried once more writes another one.
extension FileBackingQueue {
    func commit(_ batch: FileBackingBatch, _ failures: [Int: any Error]) {
        var writes: [FileBackingBatch.Write] = []
        for (place, write) in batch.writes.enumerated() {
            if let error = failures[place] {
                discard(write, error)
            } else {
                writes.append(write)
            }
        }
        var removals = clear(batch.removals)
        writes = writes.filter(publish)
        removals = removals.filter(takeAway)
        guard !writes.isEmpty || !removals.isEmpty else { return }
        do {
            try sync()
        } catch {
            for write in writes { retract(write, error) }
            for removal in removals { condemn(removal, error) }
            return
        }
        writes.forEach(settle)
        removals.forEach(settle)
    }

    private func sync() throws {
        try directory.sync()
        state.withLock { $0.syncs += 1 }
    }

    // Writes

    private func discard(_ write: FileBackingBatch.Write, _ error: any Error) {
        try? directory.remove(write.unfinished)
        write.answer?.resume(throwing: error)
    }

    private func publish(_ write: FileBackingBatch.Write) -> Bool {
        do {
            try directory.rename(write.unfinished, to: file(write.id, write.target))
            return true
        } catch {
            retract(write, error)
            return false
        }
    }

    /// The new file may be there or not, now and after a loss of power.
    private func retract(_ write: FileBackingBatch.Write, _ error: any Error) {
        try? directory.remove(file(write.id, write.target))
        state.withLock { state in
            if state.index[write.id] == nil {
                var entry = write.entry
                entry.isCondemned = true
                state.index.put(write.id, entry)
            } else {
                state.index.note(write.id) { $0.otherGone = nil }
            }
        }
        discard(write, error)
    }

    private func settle(_ write: FileBackingBatch.Write) {
        // Not synced: should it come back, the newer one counts.
        let old = entry(write.id)?.place
        let isGone = old.map { (try? directory.remove(file(write.id, $0))) != nil }
        state.withLock { state in
            var entry = write.entry
            entry.otherGone = isGone.map { $0 ? state.syncs : nil } ?? -1
            state.index.put(write.id, entry)
        }
        write.answer?.resume(returning: nil)
    }

    // Removals

    /// Makes sure that the living file of each session is its only one, for good: or a loss of
    /// power between two removals could bring an older state back.
    private func clear(_ removals: [FileBackingBatch.Removal]) -> [FileBackingBatch.Removal] {
        let kept = removals.filter(takeAwayOther)
        let syncs = state.withLock { $0.syncs }
        guard kept.contains(where: { entry($0.id)?.otherGone == syncs }) else { return kept }
        do {
            try sync()
            return kept
        } catch {
            for removal in kept { condemn(removal, error) }
            return []
        }
    }

    private func takeAwayOther(_ removal: FileBackingBatch.Removal) -> Bool {
        guard let entry = entry(removal.id), entry.otherGone == nil else { return true }
        return attempt(removal) {
            try directory.remove(file(removal.id, entry.place.other))
            state.withLock { state in
                let syncs = state.syncs
                state.index.note(removal.id) { $0.otherGone = syncs }
            }
        }
    }

    private func takeAway(_ removal: FileBackingBatch.Removal) -> Bool {
        guard let entry = entry(removal.id) else { return true }
        return attempt(removal) { try directory.remove(file(removal.id, entry.place)) }
    }

    private func attempt(_ removal: FileBackingBatch.Removal, _ body: () throws -> Void) -> Bool {
        do {
            try body()
            return true
        } catch {
            condemn(removal, error)
            return false
        }
    }

    /// It may be gone or not; until it is, nobody here reads it.
    private func condemn(_ removal: FileBackingBatch.Removal, _ error: any Error) {
        state.withLock { $0.index.condemn(removal.id, retryAt: removal.retry) }
        removal.answer?.resume(throwing: error)
    }

    private func settle(_ removal: FileBackingBatch.Removal) {
        state.withLock { $0.index.remove(removal.id) }
        removal.answer?.resume(returning: nil)
    }
}
