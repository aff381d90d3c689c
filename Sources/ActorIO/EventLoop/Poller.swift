/// What a descriptor is ready for.
struct Readiness: OptionSet, Sendable {
    let rawValue: UInt8
    static let readable = Readiness(rawValue: 1)
    static let writable = Readiness(rawValue: 2)
    /// The peer has gone, or the socket has failed: reading tells which.
    static let ended = Readiness(rawValue: 4)
}

/// Told by a loop, on that loop, when its descriptor is ready.
protocol PollTarget: AnyObject {
    func ready(_ readiness: Readiness)
    /// The loop has ended, and with it whatever waited for the descriptor.
    func loopEnded()
}

/// Waits for descriptors; level-triggered, used by one loop alone.
protocol Poller: AnyObject {
    func add(_ descriptor: Int32, _ interest: Readiness, tag: UInt64) -> Bool
    func change(_ descriptor: Int32, _ interest: Readiness, tag: UInt64)
    func remove(_ descriptor: Int32)
    /// The descriptor is closed next: the kernel may forget it by itself.
    func closing(_ descriptor: Int32)
    /// Waits until something is ready, `wake` is called, or the time is over (nil: no limit).
    func wait(_ timeout: Duration?, _ event: (UInt64, Readiness) -> Void)
    /// Ends a `wait`, the running one or the next; from any thread.
    func wake()
}
