import ActorIO
import ActorIOTesting

/// What clients show, and how it ends.
extension Model {
    // Requests

    /// A request has come, and nobody has looked at it yet.
    func arrived(_ shown: Shown?) -> Int {
        let now = world.now
        return change { state in
            guard let shown else { return state.clock }
            _ = state.login(shown.id, now)
            state.logins[shown.id]?.requests += 1
            state.use(shown.id, now)
            state.secrets.saw(shown)
            return state.clock
        }
    }

    func left(_ shown: Shown?) {
        guard let id = shown?.id else { return }
        let now = world.now
        change { state in
            state.logins[id]?.requests -= 1
            state.use(id, now)
        }
    }

    /// A request that came at a moment shows a session, and the store says that it lives.
    func letIn(_ shown: Shown, since moment: Int, isAnew: Bool) {
        let (isBack, isForged) = change { state in
            state.logins[shown.id]?.wasShown = true
            let login = state.logins[shown.id]
            let isBack = (login?.dead ?? login?.ended).map { $0 < moment } ?? false
            return (isBack, isAnew && state.secrets.isWorthless(shown, at: moment))
        }
        if isBack { world.fail("\(name(shown.id)) has ended, and is alive again") }
        if isForged { world.fail("\(name(shown.id)) is shown under a secret that was withdrawn") }
    }

    // Beginnings

    /// A login has returned.
    func began(_ id: SessionID, of user: Int) {
        let now = world.now
        world.note("server: \(name(id)) is a login")
        change { state in
            _ = state.login(id, now)
            state.logins[id]?.user = user
        }
    }

    /// One session has taken the place of another.
    func renewed(_ old: SessionID, as new: SessionID) {
        let now = world.now
        world.note("server: \(name(new)) takes the place of \(name(old))")
        change { state in
            let before = state.login(old, now)
            _ = state.login(new, now)
            state.logins[new]?.line = before.line
            state.logins[new]?.user = before.user
            state.logins[new]?.born = before.born
        }
    }

    /// A token that a client is given.
    func given(_ token: String) -> String {
        change { $0.secrets.gave(token) }
        return token
    }

    func isLogin(_ id: SessionID) -> Bool { state.withLock { $0.logins[id]?.user != nil } }

    /// Sessions of a user that nobody has ended yet, the oldest first.
    func logins(of user: Int) -> [SessionID] {
        state.withLock { state in
            state.logins.filter { $0.value.user == user && $0.value.ended == nil }
                .sorted { $0.value.number < $1.value.number }.map(\.key)
        }
    }

    // Ends

    /// Somebody begins to end a session.
    func ending(_ id: SessionID) {
        let now = world.now
        world.note("server: \(name(id)) is being ended")
        change { state in
            _ = state.login(id, now)
            state.logins[id]?.ends += 1
        }
    }

    /// It did not come to that, or is over.
    func isDone(ending id: SessionID) { change { $0.logins[id]?.ends -= 1 } }

    /// Whether an end of it has begun, returned or not.
    func isEnding(_ id: SessionID) -> Bool {
        state.withLock { state in
            state.logins[id].map { $0.ends > 0 || $0.ended != nil } ?? false
        }
    }

    /// Whether others than the caller may be closing its connections at this moment: then only an
    /// end of its own says when that is done.
    func isEndedElsewhere(_ id: SessionID) -> Bool {
        lifetimes.endInRun
            || state.withLock { state in
                state.logins[id].map { $0.ends > 1 || $0.ended != nil || $0.isDoubted } ?? false
            }
    }

    /// Nobody may be told any more that it lives, though its connections may be closing still.
    func isDead(_ id: SessionID) { change { $0.logins[id]?.dead = $0.clock } }

    /// An end of a session has returned.
    func ended(_ id: SessionID) {
        let now = world.now
        world.note("server: \(name(id)) has ended")
        let left = change { state in
            _ = state.login(id, now)
            let moment = state.logins[id]?.ended ?? state.clock
            state.logins[id]?.ended = moment
            state.isToBeChecked = true
            return state.connections.values.count { $0.base == id || $0.seats.values.contains(id) }
        }
        if left > 0 {
            world.fail("\(left) connections are open under \(name(id)), whose end has returned")
        }
    }

    var endedIDs: Set<SessionID> {
        state.withLock { Set($0.logins.filter { $0.value.ended != nil }.keys) }
    }

    /// Ends what has come to its end by itself: whoever has not used a session for its idle
    /// lifetime, as far as the workload knows, or has had it for the absolute one.
    ///
    /// To be asked when nobody has anything left to do: deadlines and what they close take steps,
    /// and no time.
    func expire() {
        guard lifetimes.endInRun else { return }
        let now = world.now
        let over = state.withLock { state -> [SessionID] in
            guard state.logins.values.contains(where: { isOver($0, now) }) else { return [] }
            return state.logins.filter { isOver($0.value, now) }
                .sorted { $0.value.number < $1.value.number }.map(\.key)
        }
        for id in over {
            world.note("\(name(id)) has come to its end")
            ended(id)
        }
    }

    private func isOver(_ login: Login, _ now: Duration) -> Bool {
        guard login.ended == nil else { return false }
        if login.born + lifetimes.absolute <= now { return true }
        // A request under way may have been the last to use it, or be so yet.
        return login.requests == 0 && login.used + lifetimes.idle <= now
    }

    // Accounts

    func closeAccount(of user: Int) {
        world.note("the account of user \(user) is closed")
        change { $0.closedAccounts[user] = $0.clock }
    }

    func openAccount(of user: Int) {
        world.note("the account of user \(user) is open again")
        change { $0.closedAccounts[user] = nil }
    }

    func isClosed(_ user: Int) -> Bool { state.withLock { $0.closedAccounts[user] != nil } }

    /// The passport asks: where the account is closed it ends the session that was shown, and does
    /// not say which.
    func isNobody(_ user: Int) -> Bool {
        change { state in
            guard state.closedAccounts[user] != nil else { return false }
            for id in state.logins.keys where state.logins[id]?.user == user {
                state.logins[id]?.isDoubted = true
            }
            return true
        }
    }

    /// Since when the account of a session's user is closed; nil when it is not.
    func closing(of id: SessionID) -> Int? {
        state.withLock { state in
            state.logins[id]?.user.flatMap { state.closedAccounts[$0] }
        }
    }

    /// The server has stopped.
    func stopped() {
        world.note("server: has stopped")
        let (connections, seats, questions) = change { state in
            state.isStopped = true
            return (
                state.connections.count, state.seats.values.count(where: \.isOpen),
                state.questions.count
            )
        }
        if connections + seats + questions > 0 {
            world.fail(
                "\(connections) connections, \(seats) sockets and \(questions) calls are left of a"
                    + " server that has stopped"
            )
        }
    }
}
