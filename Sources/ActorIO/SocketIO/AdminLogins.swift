/// Who has logged in as an admin and may come back, and who has tried too often: a struct on the
/// loop's time.
struct AdminLogins {
    /// How many addresses are watched at once.
    static let maxAddresses = 1_024

    private struct Attempts {
        var count: Int
        let end: LoopTime
        /// Whether the log knows that there were too many.
        var isLogged = false
    }

    private let lifetime: Duration
    private let maxSessions: Int
    private let maxAttempts: Int
    private let period: Duration
    private var sessions: [String: LoopTime] = [:]
    /// All live as long as each other, so the oldest ends first.
    private var order = Deque<String>()
    /// By network: of IPv6 the first 64 bits, for whoever has one address has all that begin so.
    private var attempts: [[UInt8]: Attempts] = [:]

    init(_ options: AdminOptions) {
        lifetime = max(.zero, options.sessionLifetime)
        maxSessions = max(1, options.maxSessions)
        maxAttempts = max(1, options.maxAttempts)
        period = max(.zero, options.attemptPeriod)
    }

    var sessionCount: Int { sessions.count }
    var addressCount: Int { attempts.count }

    // Sessions

    /// Remembers a login under a name nobody can guess: 128 random bits.
    mutating func begin(at now: LoopTime) -> String {
        forgetSessions(at: now, keeping: maxSessions - 1)
        let id = Hex.encode(Token.bytes(16))
        sessions[id] = now + lifetime
        order.append(id)
        return id
    }

    mutating func isKnown(_ session: String, at now: LoopTime) -> Bool {
        forgetSessions(at: now, keeping: maxSessions)
        return sessions[session] != nil
    }

    private mutating func forgetSessions(at now: LoopTime, keeping limit: Int) {
        while let oldest = order.first {
            let isOver = (sessions[oldest] ?? now) <= now
            guard isOver || order.count > limit else { return }
            sessions[oldest] = nil
            _ = order.popFirst()
        }
    }

    // Attempts

    /// Counts an attempt before its outcome is known, so that many at once gain nothing; false when
    /// there were too many.
    mutating func mayTry(from address: String, at now: LoopTime) -> Bool {
        let key = ClientNetwork.bytes(of: address)
        if let known = attempts[key], known.end > now {
            guard known.count < maxAttempts else { return false }
            attempts[key]?.count += 1
            return true
        }
        attempts[key] = nil
        makeRoom(at: now)
        attempts[key] = Attempts(count: 1, end: now + period)
        return true
    }

    /// It was the right password, so that this attempt does not count.
    ///
    /// Those before it do: somebody else may have made them, behind the same address.
    mutating func succeeded(from address: String) {
        let key = ClientNetwork.bytes(of: address)
        guard let known = attempts[key] else { return }
        if known.count > 1 { attempts[key]?.count -= 1 } else { attempts[key] = nil }
    }

    /// True once for an address and period: whoever goes on and on may not fill the log.
    mutating func isNews(from address: String) -> Bool {
        let key = ClientNetwork.bytes(of: address)
        guard let known = attempts[key], !known.isLogged else { return false }
        attempts[key]?.isLogged = true
        return true
    }

    private mutating func makeRoom(at now: LoopTime) {
        guard attempts.count >= Self.maxAddresses else { return }
        attempts = attempts.filter { $0.value.end > now }
        guard attempts.count >= Self.maxAddresses,
            let oldest = attempts.min(by: { $0.value.end < $1.value.end })
        else { return }
        attempts[oldest.key] = nil
    }
}
