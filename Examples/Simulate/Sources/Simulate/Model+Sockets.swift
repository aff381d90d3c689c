import ActorIO
import ActorIOTesting

/// Sockets, who they are, and what the server asks them.
extension Model {
    /// A client in a namespace.
    struct Seat {
        let connection: ObjectIdentifier
        let user: Int?
        var session: SessionID
        /// When what it has shown is good no more, at the latest.
        var until: Duration?
        var isOpen = true
    }

    /// A call of the server's that is not answered yet.
    struct Question {
        enum Asked {
            case socket(ObjectIdentifier)
            /// All sockets of a user.
            case user(Int)
        }

        let asked: Asked
        let deadline: Duration
    }

    func seated(_ socket: ObjectIdentifier, _ seat: Seat) {
        let (isTooLate, isStopped) = change { state in
            state.seats[socket] = seat
            state.connections[seat.connection]?.seats[socket] = seat.session
            state.isToBeChecked = true
            return (state.hasEnded(seat.session), state.isStopped)
        }
        world.note("server: a socket is in under \(name(seat.session))")
        if isTooLate { world.fail("a socket is in under \(name(seat.session)), which has ended") }
        if isStopped { world.fail("a socket is in on a server that has stopped") }
    }

    func unseated(_ socket: ObjectIdentifier, _ reason: DisconnectReason) {
        let now = world.now
        let seat = change { state -> Seat? in
            guard let seat = state.seats[socket], seat.isOpen else { return nil }
            state.seats[socket]?.isOpen = false
            state.connections[seat.connection]?.seats[socket] = nil
            return seat
        }
        guard let seat else { return }
        world.note("server: a socket of \(name(seat.session)) is out: \(reason)")
        guard reason == .tokenExpired else { return }
        // Ends are whole seconds.
        if seat.until.map({ now < $0 - .seconds(1) }) ?? true {
            world.fail("a socket's token is said to be over before it is")
        }
    }

    /// A socket has shown another token, and was let go on by it.
    func moved(_ socket: ObjectIdentifier, to id: SessionID, until: Duration?) {
        world.note("server: a socket goes on under \(name(id))")
        let isTooLate = change { state in
            guard let seat = state.seats[socket], seat.isOpen else { return false }
            state.seats[socket]?.session = id
            state.seats[socket]?.until = until
            state.connections[seat.connection]?.seats[socket] = id
            state.isToBeChecked = true
            return state.hasEnded(id)
        }
        if isTooLate { world.fail("a socket goes on under \(name(id)), which has ended") }
    }

    /// An event has reached a handler.
    func heard(_ event: String, by socket: ObjectIdentifier) {
        let now = world.now
        let (seat, ended, isStopped) = state.withLock { state in
            let seat = state.seats[socket]
            let base = seat.flatMap { state.connections[$0.connection]?.base }
            let ended = [seat?.session, base].compactMap { $0 }.first { state.hasEnded($0) }
            return (seat, ended, state.isStopped)
        }
        guard let seat else { return world.fail("\(event) reaches a handler of nobody") }
        world.note("server: \(event) of \(name(seat.session)) is handled")
        if let ended { world.fail("\(event) reaches a handler of \(name(ended)), which has ended") }
        if seat.until.map({ $0 < now }) ?? false {
            world.fail("\(event) reaches a handler by a token that is over")
        }
        if isStopped { world.fail("\(event) reaches a handler of a server that has stopped") }
    }

    func socketCount(of user: Int) -> Int {
        state.withLock { state in state.seats.values.count { $0.isOpen && $0.user == user } }
    }

    /// Whether nobody is in by a token that is over; to be asked when nothing is left to do.
    var areTokensGood: Bool {
        guard lifetimes.token != nil else { return true }
        let now = world.now
        return state.withLock { state in
            state.seats.values.allSatisfy { seat in
                !seat.isOpen || seat.until.map { now < $0 } ?? true
            }
        }
    }

    // Calls

    func asked(_ asked: Question.Asked, timeout: Duration) -> Int {
        let now = world.now
        return change { state in
            state.questions[state.clock] = Question(asked: asked, deadline: now + timeout)
            return state.clock
        }
    }

    func isAnswered(_ number: Int) { change { $0.questions[number] = nil } }

    /// Whether nobody waits for an answer that can not come; to be asked when nothing is left to do.
    var areQuestionsAlive: Bool {
        let now = world.now
        return state.withLock { state in
            state.questions.values.allSatisfy { now < $0.deadline && state.isThere($0.asked) }
        }
    }
}

extension Model.State {
    fileprivate func isThere(_ asked: Model.Question.Asked) -> Bool {
        switch asked {
        case .socket(let socket): seats[socket]?.isOpen == true
        case .user(let user): seats.values.contains { $0.isOpen && $0.user == user }
        }
    }
}
