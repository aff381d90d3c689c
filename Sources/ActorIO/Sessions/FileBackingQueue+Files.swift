/// Reading a session's file and writing its next one.
extension FileBackingQueue {
    /// Nil for what is not there, and for what can not be read: that is set aside.
    func read(_ id: SessionID) throws -> SessionRecord? {
        guard let entry = entry(id), !entry.isCondemned else { return nil }
        let name = file(id, entry.place)
        do {
            let limit = options.maxFileSize
            guard let bytes = try directory.read(name, upTo: limit) else {
                throw FileBackingFormat.Unreadable(reason: "somebody has taken it away")
            }
            let found = try FileBackingFormat(bytes)
            guard found.id == id else {
                throw FileBackingFormat.Unreadable(reason: "it is another session's")
            }
            return found.record
        } catch let error as FileBackingFormat.Unreadable {
            FileBackingScan.setAside(name, error.reason, directory, options.log)
            // Not just forgotten: an older file of it, if there is one, must not come back.
            state.withLock { $0.index.condemn(id, retryAt: entry.deadline) }
            return nil
        }
    }

    /// Writes a file under a name of its own; nothing points to it yet.
    func write(
        _ record: SessionRecord,
        _ id: SessionID,
        _ work: FileBackingWork,
        _ batch: inout FileBackingBatch
    ) throws {
        let old = entry(id)
        let sequence = try number(isNew: old == nil, batch)
        let bytes = try FileBackingFormat(id: id, sequence: sequence, record: record).bytes()
        guard bytes.count <= options.maxFileSize else {
            throw SystemError.tooLarge("session of \(bytes.count) bytes")
        }
        let name = FileBackingName.unfinished(sequence)
        let file = try directory.create(name)
        do {
            try file.write(bytes)
        } catch {
            try? directory.remove(name)
            throw error
        }
        let target = old?.place.other ?? .first
        let write = FileBackingBatch.Write(
            id: id,
            file: file,
            unfinished: name,
            target: target,
            entry: FileBackingIndex.Entry(
                place: target,
                otherGone: nil,
                userID: record.userID.map { ByteString($0) },
                deadline: FileBackingClock.deadline(of: record)
            ),
            answer: work.answer
        )
        batch.add(write, isNew: old == nil)
    }

    private func number(isNew: Bool, _ batch: FileBackingBatch) throws -> Int64 {
        try state.withLock { state throws -> Int64 in
            let count = state.index.count + batch.growth
            guard !isNew || count < options.maxSessions else { throw HTTPError.storeIsFull }
            state.sequence += 1
            return state.sequence
        }
    }
}
