/// Loads under way: one that began before its session ended does not bring it back, however late
/// the backing answers.
struct PendingLoads: Sendable {
    private struct Load: Sendable {
        var count = 0
        var hasEnded = false
    }

    private var loads: [SessionID: Load] = [:]

    func isDead(_ id: SessionID) -> Bool { loads[id]?.hasEnded ?? false }

    mutating func begin(_ id: SessionID) {
        loads[id, default: Load()].count += 1
    }

    mutating func finish(_ id: SessionID) {
        guard let load = loads[id], load.count > 1 else {
            loads[id] = nil
            return
        }
        loads[id]?.count -= 1
    }

    mutating func bury(_ id: SessionID) {
        loads[id]?.hasEnded = true
    }
}
