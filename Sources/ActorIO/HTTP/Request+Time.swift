extension Request {
    /// Seconds since 1970 by the clock of the server, which a test lets pass as it likes.
    public var unixTime: Int64 { clock.unixTime }

    /// The time of the loop that serves the request.
    var now: LoopTime { clock.now }

    private var clock: EventLoop { loop ?? EventLoop.fallback }
}
