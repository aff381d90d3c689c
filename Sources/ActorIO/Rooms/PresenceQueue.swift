/// What one reader of presence has not read yet.
///
/// Change by change as long as these are few; beyond, only what a user is now, and nothing at all
/// when that is what the reader knows already. So a reader that is late misses what did not last,
/// and never hears the same of a user twice in a row.
struct PresenceQueue {
    private let limit: Int
    private var changes = Deque<PresenceChange>()
    /// The users of whom something else is true than the reader knows.
    private var newest: [Room: Bool] = [:]
    /// These in the order in which they will be told, with some who have been settled since.
    private var order = Deque<Room>()

    /// A reader knows nothing yet, so whoever is online is news.
    init(limit: Int = 0, online: Set<Room> = []) {
        self.limit = limit
        for room in online { merge(PresenceChange(room: room, isOnline: true)) }
    }

    var isEmpty: Bool { changes.isEmpty && newest.isEmpty }
    /// How much is kept.
    var noteCount: Int { changes.count + order.count }

    mutating func append(_ change: PresenceChange) {
        if newest.isEmpty {
            guard changes.count >= limit else { return changes.append(change) }
            while let earlier = changes.popFirst() { merge(earlier) }
        }
        merge(change)
    }

    mutating func popFirst() -> PresenceChange? {
        if let change = changes.popFirst() { return change }
        while let room = order.popFirst() {
            guard let isOnline = newest.removeValue(forKey: room) else { continue }
            return PresenceChange(room: room, isOnline: isOnline)
        }
        return nil
    }

    /// The second of two cancels the first: they alternate.
    private mutating func merge(_ change: PresenceChange) {
        if newest.removeValue(forKey: change.room) == nil {
            newest[change.room] = change.isOnline
            order.append(change.room)
        }
        compact()
    }

    private mutating func compact() {
        guard !newest.isEmpty else { return order.removeAll() }
        guard order.count > 2 * newest.count + 100 else { return }
        var (living, seen) = (Deque<Room>(), Set<Room>())
        for room in order where newest[room] != nil && seen.insert(room).inserted {
            living.append(room)
        }
        order = living
    }
}
