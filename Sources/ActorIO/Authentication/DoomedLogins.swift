/// Logins that were to be forgotten by a store that failed: refused until it has.
struct DoomedLogins: Sendable {
    /// A store that is down for so many ends is down for good; then the oldest are let go.
    static let limit = 10_000

    private var series = Dooms<String, Void>()
    /// By user the series that stays.
    private var users = Dooms<ByteString, String?>()

    func contains(_ series: String) -> Bool { self.series[series] != nil }

    func contains(_ series: String, of user: String) -> Bool {
        if contains(series) { return true }
        guard let kept = users[ByteString(user)] else { return false }
        return kept != series
    }

    /// Nil when all is well with the user.
    func keeping(_ user: String) -> String?? { users[ByteString(user)] }

    /// The ticket takes it back: that of an earlier end does not.
    mutating func insert(_ series: String) -> Int {
        self.series.insert(series, ())
    }

    mutating func remove(series: String, _ ticket: Int) {
        self.series.remove(series, ticket)
    }

    mutating func insert(_ user: String, keeping series: String?) -> Int {
        users.insert(ByteString(user), series)
    }

    mutating func remove(user: String, _ ticket: Int) {
        users.remove(ByteString(user), ticket)
    }
}

/// What is doomed, the oldest first to be let go.
private struct Dooms<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var entries: [Key: (value: Value, ticket: Int)] = [:]
    /// Tickets that were taken back stay in it until they come to its head, or are too many.
    private var order = Deque<(key: Key, ticket: Int)>()
    private var tickets = 0

    subscript(_ key: Key) -> Value? { entries[key]?.value }

    mutating func insert(_ key: Key, _ value: Value) -> Int {
        tickets += 1
        entries[key] = (value, tickets)
        order.append((key, tickets))
        while entries.count > DoomedLogins.limit, let oldest = order.popFirst() {
            remove(oldest.key, oldest.ticket)
        }
        if order.count > 2 * DoomedLogins.limit { tidy() }
        return tickets
    }

    mutating func remove(_ key: Key, _ ticket: Int) {
        guard entries[key]?.ticket == ticket else { return }
        entries[key] = nil
        if entries.isEmpty { order = Deque() }
    }

    private mutating func tidy() {
        var rest = Deque<(key: Key, ticket: Int)>()
        for one in order where entries[one.key]?.ticket == one.ticket { rest.append(one) }
        order = rest
    }
}
