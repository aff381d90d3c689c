/// A wall clock that does not jump: it is read once, and after that the loop's own time passes.
///
/// So a clock that is set while the server runs removes no file before its time, and keeps none
/// for ever; the store counts the moments of its records in the same way.
struct FileBackingClock: Sendable {
    /// Whose time it is: the store's, or one of its own while no store has come.
    var lane = Lane()
    private var base: (loop: EventLoop, time: LoopTime, unix: LoopTime)?

    /// The seconds since 1970 as a point in time.
    mutating func now() -> LoopTime {
        let loop = lane.loop
        if let base, base.loop === loop { return base.unix + (loop.now - base.time) }
        let unix = Self.time(loop.unixTime)
        base = (loop, loop.now, unix)
        return unix
    }

    /// When the file of a record may go, if nothing is heard of it again.
    ///
    /// A store tells that a session was seen only ten times in an idle time, so the file lags
    /// behind. It gets a quarter more; the store itself deletes what ends while it knows of it.
    static func deadline(of record: SessionRecord) -> LoopTime {
        let life = bounded(record.expiresAt) - bounded(record.lastSeenAt)
        return time(record.expiresAt) + .seconds(max(60, life / 4))
    }

    private static func time(_ unix: Int64) -> LoopTime {
        LoopTime(nanoseconds: 0) + .seconds(bounded(unix))
    }

    /// A file's moments could be anything, and are calculated with.
    private static func bounded(_ seconds: Int64) -> Int64 {
        min(max(0, seconds), 1 << 40)
    }
}
