/// Ids of sessions that ended, for as long as a request that saw them alive may be under way.
struct Tombstones: Sendable {
    private var ids: Set<SessionID> = []
    private var order = Deque<Stone>()
    private let limit: Int

    private struct Stone: Sendable {
        let id: SessionID
        let until: LoopTime
    }

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { ids.count }

    func contains(_ id: SessionID) -> Bool {
        ids.contains(id)
    }

    mutating func insert(_ id: SessionID, now: LoopTime, until: LoopTime) {
        sweep(now)
        guard ids.insert(id).inserted else { return }
        order.append(Stone(id: id, until: until))
        while order.count > limit, let oldest = order.popFirst() {
            ids.remove(oldest.id)
        }
    }

    mutating func sweep(_ now: LoopTime) {
        while let oldest = order.first, oldest.until <= now {
            order.popFirst()
            ids.remove(oldest.id)
        }
    }
}
