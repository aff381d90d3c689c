/// The time by which files expire: that of the store, whose clock does not jump.
struct FileBackingClock: Sendable {
    /// Where it passes: on the store's lane, or on one of its own while no store has come.
    var lane = Lane()
    private var clock = SessionClock()

    /// The seconds since 1970 as a point in time.
    mutating func now() -> LoopTime {
        Self.time(clock.unixTime(on: lane.loop))
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
