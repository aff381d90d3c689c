/// Wrong logins that are known, and logins under way of which nobody can say yet what they are.
///
/// ```
/// begin ──► too many were wrong ──────────────────────────────► refused
///       ├─► too many, should those under way be wrong ──► waits ┄┄► looked at again
///       └─► under way ──► right: counts for nothing
///                     └─► wrong: counts          after each, those who wait are looked at
/// ```
/// What was wrong and what is under way together never exceed a limit: guessing at once gains
/// nothing. And nobody is refused for what others have only begun: they may be right.
struct LoginAttempts: Sendable {
    /// What becomes of somebody who wants to be verified.
    enum Verdict: Sendable {
        case pass
        case refused(Duration)
        case full
        case cancelled
    }

    /// What a verification came to; unknown when it threw.
    enum Outcome {
        case right, wrong, unknown
    }

    typealias Continuation = CheckedContinuation<Verdict, Never>
    typealias Answer = (continuation: Continuation, verdict: Verdict)

    private struct Waiter: Sendable {
        let keys: LoginKeys
        let continuation: Continuation
    }

    private let rates: LoginRates
    private let maxWaiting: Int
    private var table: RateTable
    private var underWay: [UInt64: Int] = [:]
    private var waiters: [Int: Waiter] = [:]
    /// Who waits, in their order, by address and by name.
    private var queues: [UInt64: [Int]] = [:]
    private var tickets = 0

    init(_ rates: LoginRates, maxKeys: Int, maxWaiting: Int) {
        self.rates = rates
        self.maxWaiting = max(0, maxWaiting)
        table = RateTable(maxKeys: maxKeys)
    }

    /// How many are verified at the moment for a key, and how many wait.
    var load: (keys: Int, waiting: Int, queues: Int) {
        (underWay.count, waiters.count, queues.count)
    }

    func keys(_ username: String, _ network: [UInt8]) -> LoginKeys {
        // No UTF-8 has the byte FF, so no name can pass for a name and an address.
        let both = Array(username.utf8) + [0xFF] + network
        return LoginKeys(
            address: table.key(1, network),
            pair: table.key(2, both),
            name: table.key(3, username.utf8)
        )
    }

    mutating func makeTicket() -> Int {
        tickets += 1
        return tickets
    }

    /// Nil when the verdict has to wait; then the continuation gets it.
    mutating func begin(
        _ keys: LoginKeys,
        _ ticket: Int,
        _ continuation: Continuation,
        at now: LoopTime
    ) -> Verdict? {
        if let verdict = decide(keys, at: now) { return verdict }
        guard queues[keys.address]?.count ?? 0 < maxWaiting else { return .full }
        waiters[ticket] = Waiter(keys: keys, continuation: continuation)
        for key in keys.queues { queues[key, default: []].append(ticket) }
        return nil
    }

    /// Who waits no more.
    mutating func giveUp(_ ticket: Int) -> Continuation? {
        remove(ticket)?.continuation
    }

    /// A verification is over; says who of those that wait has a verdict now.
    mutating func settle(_ keys: LoginKeys, _ outcome: Outcome, at now: LoopTime) -> [Answer] {
        for key in keys.all { count(key, -1) }
        switch outcome {
        case .right:
            // Who knows the password need not guess it: what the two failed before is forgotten.
            // What the address did with other names is not; somebody else may have done it.
            table.clear(keys.pair)
        case .wrong:
            table.charge(keys.address, rates.address, at: now)
            table.charge(keys.pair, rates.pair, at: now)
            table.charge(keys.name, rates.name, at: now)
        case .unknown: break
        }
        return keys.queues.flatMap { look(through: $0, at: now) }
    }

    private mutating func look(through queue: UInt64, at now: LoopTime) -> [Answer] {
        var answers: [Answer] = []
        for ticket in queues[queue] ?? [] {
            guard let keys = waiters[ticket]?.keys, let verdict = decide(keys, at: now),
                let waiter = remove(ticket)
            else { continue }
            answers.append((waiter.continuation, verdict))
        }
        return answers
    }

    /// Nil when it depends on logins that are under way.
    private mutating func decide(_ keys: LoginKeys, at now: LoopTime) -> Verdict? {
        if let wait = wait(keys, at: now, with: { _ in 0 }) { return .refused(wait) }
        guard wait(keys, at: now, with: { underWay[$0] ?? 0 }) == nil else { return nil }
        for key in keys.all { count(key, 1) }
        return .pass
    }

    /// How long to wait when so many more than those that are known were wrong.
    private func wait(
        _ keys: LoginKeys,
        at now: LoopTime,
        with more: (UInt64) -> Int
    ) -> Duration? {
        let wait = table.wait(keys.address, rates.address, at: now, with: more(keys.address))
        if let wait { return wait }
        let isAttacked =
            table.wait(keys.name, rates.name, at: now, with: more(keys.name)) != nil
        let rate = isAttacked ? rates.attacked : rates.pair
        return table.wait(keys.pair, rate, at: now, with: more(keys.pair))
    }

    private mutating func count(_ key: UInt64, _ change: Int) {
        let count = (underWay[key] ?? 0) + change
        underWay[key] = count > 0 ? count : nil
    }

    private mutating func remove(_ ticket: Int) -> Waiter? {
        guard let waiter = waiters.removeValue(forKey: ticket) else { return nil }
        for key in waiter.keys.queues {
            // Tickets are handed out in order, so each queue is sorted.
            guard let index = queues[key]?.sortedIndex(of: ticket) else { continue }
            queues[key]?.remove(at: index)
            if queues[key]?.isEmpty == true { queues[key] = nil }
        }
        return waiter
    }
}

/// The three keys a login counts by.
struct LoginKeys: Sendable {
    let address: UInt64
    let pair: UInt64
    let name: UInt64

    var all: [UInt64] { [address, pair, name] }
    /// Whose verifications may change the verdict; those of the pair are of the address as well.
    var queues: [UInt64] { [address, name] }
}

/// How many wrong logins are too many, by key.
struct LoginRates: Sendable {
    let address: Rate
    let pair: Rate
    let name: Rate
    /// That of a name and an address while the name is under attack.
    let attacked: Rate

    init(_ options: LoginThrottle.Options) {
        address = Rate(burst: options.addressBurst, interval: options.addressInterval)
        pair = Rate(burst: options.pairBurst, interval: options.pairInterval)
        name = Rate(burst: options.nameBurst, interval: options.nameInterval)
        attacked = Rate(burst: 1, interval: options.pairInterval)
    }
}

extension [Int] {
    /// Where a number stands among numbers that ascend.
    fileprivate func sortedIndex(of number: Int) -> Int? {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low < endIndex && self[low] == number ? low : nil
    }
}
