extension Middleware {
    /// Lets so many requests of one address pass at once, then one in each interval; more are
    /// answered 429.
    ///
    /// ```swift
    /// app.group("/reset") { reset in
    ///     reset.use(.throttle(burst: 5, interval: .seconds(60)))
    ///     reset.post("") { request in … }
    /// }
    /// ```
    /// With IPv6 the first 64 bits count as one address. The memory is fixed: sixteen bytes for
    /// each of `maxAddresses`.
    public static func throttle(
        burst: Int,
        interval: Duration,
        maxAddresses: Int = 16_384
    ) -> Middleware {
        let door = ThrottleDoor(Rate(burst: burst, interval: interval), maxAddresses)
        return Middleware { request, next in
            try door.pass(request)
            return try await next(request)
        }
    }
}

/// The counts of one throttle.
private final class ThrottleDoor: Sendable {
    private let rate: Rate
    private let table: Locked<RateTable>

    init(_ rate: Rate, _ maxAddresses: Int) {
        self.rate = rate
        table = Locked(RateTable(maxKeys: maxAddresses))
    }

    func pass(_ request: Request) throws(HTTPError) {
        let now = request.now
        let network = ClientNetwork.bytes(of: request.remoteAddress)
        let wait = table.withLock { table -> Duration? in
            let key = table.key(0, network)
            let wait = table.wait(key, rate, at: now)
            if wait == nil { table.charge(key, rate, at: now) }
            return wait
        }
        if let wait { throw .tooMany(retryAfter: wait) }
    }
}

extension HTTPError {
    /// 429 that says in whole seconds when to come back.
    static func tooMany(_ reason: String = "too many requests", retryAfter: Duration) -> HTTPError {
        let (seconds, rest) = retryAfter.components
        let whole = seconds + (rest > 0 ? 1 : 0)
        return HTTPError(.tooManyRequests, reason, headers: ["Retry-After": "\(max(1, whole))"])
    }
}
