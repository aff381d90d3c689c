/// The door to logins that outlive their session; "remember me" stands behind it.
///
/// What it is told to forget it does not believe from that moment on, even when its own store
/// fails.
protocol RememberedEnds: AnyObject, Sendable {
    /// The session of this login was ended on purpose: not by its expiry. Says whose it was.
    func forget(series: String) async throws -> String?
    /// All logins of a user end but one.
    func forgetAll(of userID: String, keeping series: String?) async throws
    /// Whether a browser could come back by this login.
    func remembers(_ series: String) async throws -> Bool
}

extension SessionData {
    /// Where a session keeps the series of the remembered login it belongs to.
    static let remembered = "remembered"

    var series: String? { value(Self.remembered, as: String.self) }
}

/// The remembered logins of sessions that are about to end.
struct RememberedSeries: Sendable {
    let series: [String]
    /// Sessions that memory does not hold: the backing knows theirs.
    let elsewhere: [SessionID]

    init(of ids: [SessionID], in entries: [SessionID: SessionEntry]) {
        series = ids.compactMap { entries[$0]?.data.series }
        elsewhere = ids.filter { entries[$0] == nil }
    }
}

/// Forgetting, and what began meanwhile.
///
/// A browser that comes back enters its session first and asks whether its login is remembered
/// then; here it is forgotten first, and sessions are looked for then. So none slips through.
extension SessionStore {
    func forget(
        _ logins: [String],
        mayReconnect: Bool
    ) async throws -> EndedSessions {
        let doors = remembered.withLock { $0 }
        guard !doors.isEmpty else { return EndedSessions() }
        var users: [String] = []
        var failure: (any Error)?
        for series in logins {
            for door in doors {
                do {
                    if let user = try await door.forget(series: series) { users.append(user) }
                } catch {
                    // The others are forgotten all the same.
                    failure = failure ?? error
                }
            }
        }
        var ids = try await forgotten(of: users, among: Set(logins))
        // A door that failed could not say whose they were.
        if failure != nil { ids += sessions(of: Set(logins)) }
        let ended = ids.isEmpty ? EndedSessions() : try await end(ids, mayReconnect: mayReconnect)
        if let failure { throw failure }
        return ended
    }

    func forgetAll(
        of user: String,
        keeping series: String?,
        mayReconnect: Bool
    ) async throws -> EndedSessions {
        let doors = remembered.withLock { $0 }
        guard !doors.isEmpty else { return EndedSessions() }
        var failure: (any Error)?
        for door in doors {
            do {
                try await door.forgetAll(of: user, keeping: series)
            } catch {
                failure = failure ?? error
            }
        }
        let ids = try await forgotten(of: [user], but: series)
        let ended = ids.isEmpty ? EndedSessions() : try await end(ids, mayReconnect: mayReconnect)
        if let failure { throw failure }
        return ended
    }

    /// The sessions of users whose remembered login is gone; what a door can not tell is gone.
    private func forgotten(
        of userIDs: [String],
        among logins: Set<String>? = nil,
        but kept: String? = nil
    ) async throws -> [SessionID] {
        let doors = remembered.withLock { $0 }
        var ids: [SessionID] = []
        for id in userIDs.flatMap({ users[ByteString($0)] ?? [] }) {
            guard let series = entries[id]?.data.series, series != kept,
                logins?.contains(series) != false
            else { continue }
            var isRemembered = false
            for door in doors where !isRemembered {
                isRemembered = (try? await door.remembers(series)) ?? false
            }
            if !isRemembered { ids.append(id) }
        }
        return ids
    }

    private func sessions(of logins: Set<String>) -> [SessionID] {
        entries.filter { $0.value.data.series.map(logins.contains) == true }.map(\.key)
    }

    /// The logins of sessions, and an error when the backing did not tell all of them.
    func series(of logins: RememberedSeries) async -> ([String], (any Error)?) {
        guard let backing, remembered.withLock({ !$0.isEmpty }) else { return (logins.series, nil) }
        var found = logins.series
        var first: (any Error)?
        for id in logins.elsewhere {
            let error = await failure {
                guard let record = try await backing.load(id) else { return }
                if let series = SessionData(encoded: record.values).series { found.append(series) }
            }
            first = first ?? error
        }
        return (found, first)
    }
}
