/// The registry as the room of Sessions sees it: where the sockets of a login session are found.
extension RoomRegistry: SessionMembers {
    func enter(_ session: SessionID, as member: HandshakeMember) {
        connections.enter(member, .session(session))
    }

    func admit(_ session: EngineSession) -> Bool {
        guard let member = session.member else { return true }
        let user = session.request.userID.map { Room.user($0) }
        return connections.admit(member, session, user)
    }

    nonisolated func forget(_ member: HandshakeMember) {
        lane.run { self.onLane { $0.connections.forget(member) } }
    }

    /// A client is about to say who it is, on a connection that is open already; false when the
    /// login of that has ended.
    func begin(_ claim: HandshakeMember, of session: EngineSession) -> Bool {
        connections.begin(claim, session)
    }

    /// The chain has let the claim through: its connection enters the room of its user.
    func admit(_ claim: HandshakeMember, user: String?) -> Connections.ClaimOutcome {
        connections.admit(claim, user.map { Room.user($0) })
    }

    nonisolated func release(_ claim: HandshakeMember) {
        lane.run { self.onLane { $0.connections.release(claim) } }
    }

    /// Ends every connection of the session; returns when they are closed, and how many they were.
    func close(_ session: SessionID, mayReconnect: Bool) async -> Int {
        recovery?.forget(session)
        let live = connections.revoke(.session(session), isFarewell: !mayReconnect)
        for connection in live { await connection.endWithLogin(mayReconnect: mayReconnect) }
        return live.count
    }
}
