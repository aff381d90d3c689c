/// When to ping, and when a peer counts as gone: a value on the loop's time.
///
/// ```
/// opened ── interval ──► ping ── timeout ──► gone
///    ▲                    │
///    └────── pong ────────┘      the period is the interval plus a round trip
/// ```
/// In protocol 3 the peer pings: it is gone after the interval and the timeout without one.
///
/// Only a pong, or a ping of such a peer, counts as life. It knows nothing of transports, so an
/// upgrade cannot disturb it: a ping sent by polling is answered over the WebSocket, or runs out
/// there.
///
/// A timer needs no new appointment at a pong that puts `nextDeadline` off: it fires at the old
/// time, hears `.none`, and is set again. Only where the interval is shorter than the timeout a
/// pong can bring the deadline forward.
struct Heartbeat: Sendable {
    /// What to do when the timer fired.
    enum Action: Sendable, Equatable {
        /// Set the timer again.
        case none
        /// Send a ping, and set the timer again.
        case ping
        /// Close the session with `ping timeout`.
        case timeout
    }

    /// When the timer is to fire next.
    private(set) var nextDeadline: LoopTime
    private let interval: Int64
    private let timeout: Int64
    private let peerPings: Bool
    private var isWaiting: Bool
    private var hadGrace = false
    /// The pong that is waited for had more time than others.
    private var isPostponed = false
    /// What was sent until then the peer has got: it has answered a ping that came behind it.
    private(set) var confirmed: LoopTime

    /// The longest stretch given to a peer whose pong may lie unread in a socket.
    private static let longestGrace: Duration = .seconds(1)

    /// Starts with the session; both durations come from the options, which bound them.
    init(
        interval: Duration,
        timeout: Duration,
        openedAt now: LoopTime,
        peerPings: Bool = false
    ) {
        let silence = peerPings ? interval + timeout : interval
        self.interval = silence.nanoseconds
        self.timeout = timeout.nanoseconds
        self.peerPings = peerPings
        isWaiting = peerPings
        confirmed = now
        nextDeadline = now + silence
    }

    /// A pong came, asked for or not, or the peer's ping: the interval starts again from here.
    mutating func pong(at now: LoopTime) {
        if isWaiting, !isPostponed, !hadGrace, !peerPings {
            // When the ping was sent.
            confirmed = nextDeadline + (.zero - .nanoseconds(timeout))
        }
        isWaiting = peerPings
        hadGrace = false
        isPostponed = false
        nextDeadline = now + .nanoseconds(interval)
    }

    /// Nobody reads what the peer sends: it gets its time for a pong once more.
    mutating func postpone(at now: LoopTime) {
        isPostponed = true
        nextDeadline = now + .nanoseconds(timeout)
    }

    /// The timer fired.
    mutating func fired(at now: LoopTime) -> Action {
        guard now >= nextDeadline else { return .none }
        guard isWaiting else {
            isWaiting = true
            hadGrace = false
            nextDeadline = now + .nanoseconds(timeout)
            return .ping
        }
        return isStarved(at: now) ? .none : .timeout
    }

    /// A timer that is far too late says that the loop stood still, not that the peer did.
    ///
    /// What the peer sent meanwhile has not been read, so it gets one more, short stretch.
    private mutating func isStarved(at now: LoopTime) -> Bool {
        let grace = min(.nanoseconds(timeout), Self.longestGrace)
        guard !hadGrace, now - nextDeadline > grace else { return false }
        hadGrace = true
        nextDeadline = now + grace
        return true
    }
}
