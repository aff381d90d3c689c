/// Seconds since 1970 as a store counts them: read once, then they pass as monotonic time does.
///
/// A wall clock that jumps forward would end sessions that are kept for tomorrow, and one that
/// jumps back would let ended ones in again. Within a process neither can happen; what a store
/// writes for the next process is as right as the clock was when this one began.
struct SessionClock: Sendable {
    private let wall: @Sendable (EventLoop) -> Int64
    private var origin: (loop: ObjectIdentifier, time: LoopTime, unix: Int64)?

    init(wall: @escaping @Sendable (EventLoop) -> Int64 = { $0.unixTime }) {
        self.wall = wall
    }

    /// A loop that was not asked before may count from elsewhere, so the clock begins anew there.
    mutating func unixTime(on loop: EventLoop) -> Int64 {
        let now = loop.now
        guard let origin, origin.loop == ObjectIdentifier(loop) else {
            let unix = wall(loop)
            origin = (ObjectIdentifier(loop), now, unix)
            return unix
        }
        return origin.unix + (now - origin.time).components.seconds
    }
}
