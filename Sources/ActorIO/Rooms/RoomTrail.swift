/// How the rooms of one socket changed, so that what it missed is judged by the rooms it was in
/// at that time.
struct RoomTrail: Sendable {
    struct Change: Sendable {
        /// The last event that was numbered before the change.
        let position: UInt64
        let time: LoopTime
        let room: Room
        let isJoin: Bool
    }

    /// Changes that are remembered; a socket that makes more can go back less far.
    static let limit = 512

    /// The last event that was numbered before the socket connected.
    let start: UInt64
    /// Before it nobody knows which rooms it was in.
    private(set) var floor: UInt64
    private(set) var changes: [Change] = []

    init(start: UInt64) {
        self.start = start
        floor = start
    }

    /// Changes from before `horizon` concern no event that anybody lacks.
    mutating func note(_ change: Change, horizon: LoopTime) {
        if changes.count >= Self.limit { shorten(horizon) }
        changes.append(change)
    }

    private mutating func shorten(_ horizon: LoopTime) {
        let stale = changes.prefix { $0.time < horizon }.count
        guard stale == 0 else { return changes.removeFirst(stale) }
        let half = Self.limit / 2
        floor = changes[half - 1].position
        changes.removeFirst(half)
    }

    /// Every room of the changes, whether it was entered or left.
    var rooms: [Room] { changes.map(\.room) }
}
