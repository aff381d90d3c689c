/// Slows down who guesses passwords, before anything is hashed, in memory that never grows.
///
/// ```swift
/// var options = LocalStrategy<Account>.Options()
/// options.throttle = LoginThrottle { $0.addressBurst = 100 }
/// ```
/// Wrong logins are counted by three keys, and one over its limit is answered 429 with
/// `Retry-After`:
///
/// | Key | At once | Then one in |
/// | --- | --- | --- |
/// | the address, whatever the names | 30 | 10 s |
/// | a name from one address | 10 | 60 s |
/// | a name from anywhere | 100 | 30 s |
///
/// Nobody is locked out by what others do: a name over its last limit is *under attack*, and then
/// each address has one wrong login for it in 60 s in the place of ten. The right password passes
/// from any address that has not just failed itself. Attempts count before their outcome is
/// known, so many at once gain nothing; a right password takes its own back.
///
/// Names count by their bytes and whether or not they exist; with IPv6 the first 64 bits are one
/// address.
public final class LoginThrottle: Sendable {
    /// How many wrong logins are too many.
    public struct Options: Sendable {
        /// Wrong logins of an address at once, from 1 up.
        public var addressBurst = 30
        /// How long an address waits for each one after that.
        public var addressInterval = Duration.seconds(10)
        /// Wrong logins with a name from one address at once, from 1 up.
        public var pairBurst = 10
        /// How long the two wait for each one after that.
        public var pairInterval = Duration.seconds(60)
        /// Wrong logins with a name from anywhere, from 1 up, before it counts as under attack.
        public var nameBurst = 100
        /// How fast those are forgotten.
        public var nameInterval = Duration.seconds(30)
        /// Names and addresses that are remembered, in sixteen bytes each.
        public var maxEntries = 32_768

        /// The defaults.
        public init() {}
    }

    private let address: Rate
    private let pair: Rate
    private let name: Rate
    private let table: Locked<RateTable>

    /// Makes a throttle; several strategies may share one.
    public init(_ configure: (inout Options) -> Void = { _ in }) {
        var options = Options()
        configure(&options)
        address = Rate(burst: options.addressBurst, interval: options.addressInterval)
        pair = Rate(burst: options.pairBurst, interval: options.pairInterval)
        name = Rate(burst: options.nameBurst, interval: options.nameInterval)
        table = Locked(RateTable(maxKeys: options.maxEntries))
    }

    /// Looks for a user unless the address or name has to wait; for strategies of your own.
    ///
    /// 429 is thrown without asking. What `verify` throws is no wrong password and does not count.
    public func check<User>(
        _ username: String,
        _ request: Request,
        _ verify: () async throws -> User?
    ) async throws -> User? {
        let keys = keys(username, request.remoteAddress)
        try begin(keys, at: request.now)
        do {
            let user = try await verify()
            if user != nil { succeed(keys) }
            return user
        } catch {
            refund(keys)
            throw error
        }
    }

    static func check<User>(
        _ username: String,
        _ request: Request,
        _ throttle: LoginThrottle?,
        _ verify: () async throws -> User?
    ) async throws -> User? {
        guard let throttle else { return try await verify() }
        return try await throttle.check(username, request, verify)
    }
}

extension LoginThrottle {
    private struct Keys {
        let address: UInt64
        let pair: UInt64
        let name: UInt64
    }

    private func keys(_ username: String, _ remote: String) -> Keys {
        let network = ClientNetwork.bytes(of: remote)
        // No UTF-8 has the byte FF, so no name can pass for a name and an address.
        let both = Array(username.utf8) + [0xFF] + network
        return table.withLock { table in
            Keys(
                address: table.key(1, network),
                pair: table.key(2, both),
                name: table.key(3, username.utf8)
            )
        }
    }

    private func begin(_ keys: Keys, at now: LoopTime) throws(HTTPError) {
        let wait = table.withLock { table -> Duration? in
            if let wait = table.wait(keys.address, address, at: now) { return wait }
            let isAttacked = table.wait(keys.name, name, at: now) != nil
            let rate = isAttacked ? Rate(burst: 1, interval: .nanoseconds(pair.interval)) : pair
            if let wait = table.wait(keys.pair, rate, at: now) { return wait }
            table.charge(keys.address, address, at: now)
            table.charge(keys.pair, pair, at: now)
            table.charge(keys.name, name, at: now)
            return nil
        }
        if let wait { throw .tooMany("too many wrong logins", retryAfter: wait) }
    }

    /// Who knows the password need not guess it: what the two failed before is forgotten.
    ///
    /// What the address did with other names is not; somebody else may have done it.
    private func succeed(_ keys: Keys) {
        table.withLock { table in
            table.clear(keys.pair)
            table.refund(keys.address, address)
            table.refund(keys.name, name)
        }
    }

    private func refund(_ keys: Keys) {
        table.withLock { table in
            table.refund(keys.pair, pair)
            table.refund(keys.address, address)
            table.refund(keys.name, name)
        }
    }
}
