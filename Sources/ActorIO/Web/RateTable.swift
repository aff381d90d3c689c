/// How often something may happen: so many times at once, then once in each interval.
struct Rate: Sendable {
    let burst: Int64
    let interval: Int64

    /// At least one at once and a millisecond between; a burst is spent within a century.
    init(burst: Int, interval: Duration) {
        self.interval = min(max(1_000_000, interval.nanoseconds), 1_000_000_000_000_000)
        self.burst = min(max(1, Int64(burst)), 3_000_000_000_000_000_000 / self.interval)
    }
}

/// Counts events of many keys in memory that never grows.
///
/// For each key there is one number, the moment at which its debt is paid (the generic cell rate
/// algorithm of ITU-T I.371). A key has eight places; who finds them taken gets the one with the
/// smallest debt, so that a flood of new keys does not wash out those that matter.
/// ```
/// now ├──────── debt ────────┤ paid        may happen while  debt + interval ≤ burst × interval
/// ```
/// Keys are hashed with a secret: nobody can choose names that share places with another's.
struct RateTable: Sendable {
    private struct Slot: Sendable {
        var tag: UInt64 = 0
        var paid = LoopTime(nanoseconds: .min)
    }

    private static let ways = 8
    private let sets: Int
    private let secret = HMACSHA256(key: Token.bytes(32))
    /// Made when the first event is counted.
    private var slots: [Slot] = []

    /// Makes a table for that many keys, from 8 up, in sixteen bytes each.
    init(maxKeys: Int) {
        let wanted = min(max(Self.ways, maxKeys), 1 << 26) / Self.ways
        sets = 1 << (Int.bitWidth - 1 - wanted.leadingZeroBitCount)
    }

    /// How many keys there is memory for.
    var capacity: Int { sets * Self.ways }

    /// The hash of a kind of key and its bytes.
    func key(_ kind: UInt8, _ bytes: some Sequence<UInt8>) -> UInt64 {
        secret.code(for: [kind] + bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) } | 1
    }

    /// What is not paid yet, zero for a key without events.
    func debt(_ key: UInt64, at now: LoopTime) -> Duration {
        guard let index = index(of: key), slots[index].paid > now else { return .zero }
        return slots[index].paid - now
    }

    /// How long to wait for the next event, nil when it may happen now; with so many more than
    /// those that were counted.
    func wait(_ key: UInt64, _ rate: Rate, at now: LoopTime, with more: Int = 0) -> Duration? {
        // Neither part exceeds the burst, so the sum fits.
        let owed = debt(key, at: now).nanoseconds + min(Int64(more), rate.burst) * rate.interval
        let excess = owed - (rate.burst - 1) * rate.interval
        return excess > 0 ? .nanoseconds(excess) : nil
    }

    /// Counts an event; a debt never exceeds the burst.
    mutating func charge(_ key: UInt64, _ rate: Rate, at now: LoopTime) {
        if slots.isEmpty { slots = Array(repeating: Slot(), count: capacity) }
        let debt = debt(key, at: now).nanoseconds
        let paid = now + .nanoseconds(min(debt + rate.interval, rate.burst * rate.interval))
        slots[index(of: key) ?? cheapest(key)] = Slot(tag: key, paid: paid)
    }

    /// Forgets the events of a key.
    mutating func clear(_ key: UInt64) {
        if let index = index(of: key) { slots[index] = Slot() }
    }

    private func places(_ key: UInt64) -> Range<Int> {
        guard !slots.isEmpty else { return 0..<0 }
        let start = Int(truncatingIfNeeded: key >> 1) & (sets - 1)
        return start * Self.ways..<(start + 1) * Self.ways
    }

    private func index(of key: UInt64) -> Int? {
        places(key).first { slots[$0].tag == key }
    }

    private func cheapest(_ key: UInt64) -> Int {
        places(key).min { slots[$0].paid < slots[$1].paid } ?? 0
    }
}
