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
/// from any address that has not just failed itself.
///
/// Logins that are still being verified count as wrong ones, so many at once gain nothing. One for
/// which they leave no room is not refused: it waits until they are known, and so right ones never
/// stand in each other's way.
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
        /// Logins of one address that wait while others are verified; one more is answered 503.
        public var maxWaiting = 1_000

        /// The defaults.
        public init() {}
    }

    private let attempts: Locked<LoginAttempts>

    /// Makes a throttle; several strategies may share one.
    public init(_ configure: (inout Options) -> Void = { _ in }) {
        var options = Options()
        configure(&options)
        let attempts = LoginAttempts(
            LoginRates(options),
            maxKeys: options.maxEntries,
            maxWaiting: options.maxWaiting
        )
        self.attempts = Locked(attempts)
    }

    /// Looks for a user unless the address or name has to wait; for strategies of your own.
    ///
    /// 429 is thrown without asking. What `verify` throws is no wrong password and does not count.
    public func check<User>(
        _ username: String,
        _ request: Request,
        _ verify: () async throws -> User?
    ) async throws -> User? {
        let network = ClientNetwork.bytes(of: request.remoteAddress)
        let keys = attempts.withLock { $0.keys(username, network) }
        try await begin(keys, request)
        do {
            let user = try await verify()
            settle(keys, user == nil ? .wrong : .right, at: request.now)
            return user
        } catch {
            settle(keys, .unknown, at: request.now)
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
    private func begin(_ keys: LoginKeys, _ request: Request) async throws {
        let ticket = attempts.withLock { $0.makeTicket() }
        let verdict = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let verdict = attempts.withLock { attempts -> LoginAttempts.Verdict? in
                    // Checked under the lock: a cancellation before it finds nobody to resume.
                    guard !Task.isCancelled else { return .cancelled }
                    return attempts.begin(keys, ticket, continuation, at: request.now)
                }
                if let verdict { continuation.resume(returning: verdict) }
            }
        } onCancel: {
            attempts.withLock { $0.giveUp(ticket) }?.resume(returning: .cancelled)
        }
        switch verdict {
        case .pass: return
        case .refused(let wait): throw HTTPError.tooMany("too many wrong logins", retryAfter: wait)
        case .full: throw HTTPError.tooManyLogins
        case .cancelled: throw CancellationError()
        }
    }

    private func settle(_ keys: LoginKeys, _ outcome: LoginAttempts.Outcome, at now: LoopTime) {
        let answers = attempts.withLock { $0.settle(keys, outcome, at: now) }
        for answer in answers { answer.continuation.resume(returning: answer.verdict) }
    }

    /// How many are being verified, and how many wait.
    var load: (keys: Int, waiting: Int, queues: Int) { attempts.withLock { $0.load } }
}

extension HTTPError {
    static let tooManyLogins = HTTPError(
        .serviceUnavailable,
        "too many logins at once",
        headers: ["Retry-After": "5"]
    )
}
