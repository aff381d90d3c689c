/// The one path on which sessions end: mark, close the sockets, delete.
///
/// The mark alone decides, so nothing here waits for a backing before it is safe: a slow or broken
/// one can keep a caller waiting, and nobody's session alive.
extension SessionStore {
    /// Ends sessions; returns when every connection of theirs is closed and the backing knows.
    ///
    /// Ending what has ended is no error.
    @discardableResult
    func end(_ ids: [SessionID], mayReconnect: Bool = false) async throws -> EndedSessions {
        // All are dead before the first suspension: none can be used while another one ends.
        let logins = RememberedSeries(of: ids, in: entries)
        let alive = ids.filter { bury($0) }
        var ended = EndedSessions(sessions: alive.count)
        ended.sockets = await closeSockets(of: ids, mayReconnect: mayReconnect)
        // Asked before the backing forgets whose they were.
        let (series, first) = await series(of: logins)
        let second = await deleteAll(ids)
        let (more, third) = await outcome {
            try await forget(series, mayReconnect: mayReconnect)
        }
        ended += more
        if let error = first ?? second ?? third {
            throw SessionEndNotStored(ended: ended, underlying: error)
        }
        return ended
    }

    /// The part of an ending that waits; the ids are marked already.
    private func finish(
        _ ids: [SessionID],
        alive: Int,
        mayReconnect: Bool
    ) async throws -> EndedSessions {
        var ended = EndedSessions(sessions: alive)
        ended.sockets = await closeSockets(of: ids, mayReconnect: mayReconnect)
        if let error = await deleteAll(ids) {
            throw SessionEndNotStored(ended: ended, underlying: error)
        }
        return ended
    }

    /// Marks now, waits for nobody; for endings that no caller asked for.
    func endLater(_ ids: [SessionID], isHarmless: Bool = false) {
        for id in ids {
            bury(id, isHarmless: isHarmless)
        }
        Task(executorPreference: lane.loop.preference) {
            _ = await self.closeSockets(of: ids, mayReconnect: false)
            // What fails is in the log, and is tried again.
            _ = await self.deleteAll(ids)
        }
    }

    /// Ends a session that was given to nobody; the login that it was begun with stays remembered.
    func abandon(_ id: SessionID) async {
        bury(id)
        // What fails is in the log, and is tried again.
        _ = await outcome { try await finish([id], alive: 1, mayReconnect: false) }
    }

    /// Ends all sessions of a user but one, and what is remembered of the others.
    func end(
        all user: String,
        but kept: SessionID?,
        mayReconnect: Bool
    ) async throws -> EndedSessions {
        let series = kept.flatMap { entries[$0]?.data.series }
        var (ended, failure) = await outcome {
            try await endEach(of: user, but: kept, mayReconnect: mayReconnect)
        }
        let (more, other) = await outcome {
            try await forgetAll(of: user, keeping: series, mayReconnect: mayReconnect)
        }
        ended += more
        if let failure = failure ?? other {
            throw SessionEndNotStored(ended: ended, underlying: failure)
        }
        return ended
    }

    /// Those in memory now, the others once the backing has said which these are.
    ///
    /// Until it has, it is believed about none of them.
    private func endEach(
        of user: String,
        but kept: SessionID?,
        mayReconnect: Bool
    ) async throws -> EndedSessions {
        let key = ByteString(user)
        let known = (users[key] ?? []).filter { $0 != kept }
        guard backing != nil else { return try await end(known, mayReconnect: mayReconnect) }
        // In one step: what is loaded behind it is refused, what began behind it stays.
        let ticket = unstored.begin(key, but: kept, at: unixTime)
        let alive = known.filter { bury($0) }.count
        var (ended, failure) = await outcome {
            try await finish(known, alive: alive, mayReconnect: mayReconnect)
        }
        let (more, other) = await outcome {
            try await endStored(key, but: kept, ticket, mayReconnect: mayReconnect)
        }
        ended += more
        if let failure = failure ?? other {
            throw SessionEndNotStored(ended: ended, underlying: failure)
        }
        return ended
    }

    /// What is in memory by now began after the call, or is what it keeps.
    private func endStored(
        _ user: ByteString,
        but kept: SessionID?,
        _ ticket: Int,
        mayReconnect: Bool
    ) async throws -> EndedSessions {
        guard let backing else { return EndedSessions() }
        let stored: [SessionID]
        do {
            stored = try await backing.sessions(of: user.text)
        } catch {
            retryLater(.user(user), error)
            throw error
        }
        let rest = stored.filter { $0 != kept && entries[$0] == nil && !isDead($0) }
        for id in rest { bury(id) }
        unstored.listed(user, ticket)
        return try await finish(rest, alive: rest.count, mayReconnect: mayReconnect)
    }

    private func outcome(
        _ body: () async throws -> EndedSessions
    ) async -> (EndedSessions, (any Error)?) {
        do {
            return (try await body(), nil)
        } catch let error as SessionEndNotStored {
            return (error.ended, error.underlying)
        } catch {
            return (EndedSessions(), error)
        }
    }

    /// Ends the sessions that were shown last under a secret.
    func endSessions(
        shownUnder key: SigningKey,
        mayReconnect: Bool
    ) async throws -> EndedSessions {
        let ids = entries.filter { $0.value.key === key }.map(\.key)
        return try await end(ids, mayReconnect: mayReconnect)
    }

    // Sockets

    /// Remembers whose connections have to be closed when sessions end.
    func attach(_ members: (any SessionMembers)?) {
        // An entry of a registry that is gone may have the address of this one.
        guard let members, attached[ObjectIdentifier(members)]?.members !== members else { return }
        attached = attached.filter { $0.value.members != nil }
        attached[ObjectIdentifier(members)] = AttachedMembers(members: members)
    }

    func closeSockets(of ids: [SessionID], mayReconnect: Bool) async -> Int {
        var count = 0
        for id in ids {
            for members in attached.values.compactMap(\.members) {
                count += await members.close(id, mayReconnect: mayReconnect)
            }
        }
        return count
    }
}

/// The backing's part in an ending.
extension SessionStore {
    /// The first error, when all were tried: none waits for another.
    private func deleteAll(_ ids: [SessionID]) async -> (any Error)? {
        guard backing != nil else { return nil }
        guard ids.count > 1 else {
            guard let id = ids.first else { return nil }
            return await failure { try await deleteStored(id) }
        }
        return await withTaskGroup(of: (any Error)?.self) { group in
            var first: (any Error)?
            for (index, id) in ids.enumerated() {
                if index >= Self.maxDeletions, let error = await group.next() {
                    first = first ?? error
                }
                group.addTask { await self.failure { try await self.deleteStored(id) } }
            }
            for await error in group { first = first ?? error }
            return first
        }
    }

    /// How many of one ending a backing is asked for at once.
    private static let maxDeletions = 16

    /// Deletes what has ended; what fails is tried again until it succeeds.
    func deleteStored(_ id: SessionID) async throws {
        guard let backing else { return }
        do {
            try await backing.delete(id)
        } catch {
            retryLater(.session(id), error)
            throw error
        }
        unstored.deleted(id)
    }

    private func retryLater(_ key: UnstoredEnds.Key, _ error: any Error) {
        unstored.failed(key, now: lane.now)
        setAlarm()
        options.log.error(
            "the end of a session is not stored yet",
            ["error": "\(error)", "waiting": "\(unstored.count)"]
        )
    }

    /// Tries one after the other until one fails: a backing that is down is asked once a round.
    func retryEnds() async {
        var hasFailed = false
        while !hasFailed, let (key, kept, ticket) = unstored.next() {
            let error = await failure {
                switch key {
                case .session(let id): try await deleteStored(id)
                case .user(let user):
                    _ = try await endStored(user, but: kept, ticket, mayReconnect: false)
                }
            }
            hasFailed = error != nil
        }
        unstored.endRound(lane.now, hasFailed: hasFailed)
        setAlarm()
    }
}

/// A registry lives as long as its server; a store may outlive both.
struct AttachedMembers {
    weak var members: (any SessionMembers)?
}
