/// The one path on which sessions end: mark, delete, close the sockets.
extension SessionStore {
    /// Ends sessions and returns when every connection of theirs is closed.
    ///
    /// Ending what has ended is no error; the connections are closed even when the backing fails,
    /// and its error is thrown after that.
    @discardableResult
    func end(_ ids: [SessionID], mayReconnect: Bool = false) async throws -> EndedSessions {
        // All are dead before the first suspension: none can be used while another one ends.
        let alive = ids.filter { bury($0) }
        var ended = try await finish(ids, mayReconnect: mayReconnect)
        ended.sessions = alive.count
        return ended
    }

    /// The part of an ending that waits; the ids are marked already.
    @discardableResult
    func finish(_ ids: [SessionID], mayReconnect: Bool) async throws -> EndedSessions {
        var ended = EndedSessions()
        var failure: (any Error)?
        for id in ids {
            do {
                try await backing?.delete(id)
            } catch {
                failure = failure ?? error
            }
            ended.sockets += await closeSockets(of: id, mayReconnect)
        }
        if let failure { throw failure }
        return ended
    }

    /// Marks now, waits for nobody; for endings that no caller asked for.
    func endLater(_ ids: [SessionID]) {
        for id in ids {
            bury(id)
        }
        Task(executorPreference: lane.loop.preference) {
            // A backing that can not delete forgets the session at its expiry.
            _ = try? await self.finish(ids, mayReconnect: false)
        }
    }

    /// Remembers whose connections have to be closed when sessions end.
    func attach(_ members: (any SessionMembers)?) {
        guard let members, attached[ObjectIdentifier(members)] == nil else { return }
        attached = attached.filter { $0.value.members != nil }
        attached[ObjectIdentifier(members)] = AttachedMembers(members: members)
    }

    private func closeSockets(of id: SessionID, _ mayReconnect: Bool) async -> Int {
        var count = 0
        for members in attached.values.compactMap(\.members) {
            count += await members.close(id, mayReconnect: mayReconnect)
        }
        return count
    }
}

/// A registry lives as long as its server; a store may outlive both.
struct AttachedMembers {
    weak var members: (any SessionMembers)?
}
