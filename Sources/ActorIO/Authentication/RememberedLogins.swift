/// The door to a place where remembered logins are kept.
///
/// It holds hashes: who reads it can log in as nobody. Each call is one step; `replace` compares
/// and changes in the same one, which is what makes a token good for a single use.
public protocol RememberedLogins: Sendable {
    /// What is kept under a series, or nil.
    func find(_ series: String) async throws -> RememberedLogin?
    /// Keeps a login under a new series until its `expiresAt`.
    func insert(_ login: RememberedLogin, as series: String) async throws
    /// Puts a login in the place of one whose token hash is the expected one; false when it is not.
    func replace(
        _ series: String,
        expecting tokenHash: [UInt8],
        by login: RememberedLogin
    ) async throws -> Bool
    /// Forgets a series; no error when there is none.
    func remove(_ series: String) async throws
    /// Forgets every series of a user but one.
    func removeAll(of userID: String, keeping series: String?) async throws
}

/// A login that a browser may come back with.
public struct RememberedLogin: Sendable, Codable, Equatable {
    /// The text of the user's id.
    public var userID: String
    /// SHA-256 of the token that is good now.
    public var tokenHash: [UInt8]
    /// SHA-256 of the token that was used last.
    public var usedHash: [UInt8]?
    /// When that was, in seconds since 1970.
    public var usedAt: Int64
    /// Random bytes that the present token was made with.
    public var nonce: [UInt8]
    /// The session that the last use began.
    public var sessionID: String?
    /// When the login ends, in seconds since 1970.
    public var expiresAt: Int64
}

/// Remembered logins in memory: they outlive sessions, but not the process.
public final class MemoryRememberedLogins: RememberedLogins {
    fileprivate struct State {
        var logins: [String: RememberedLogin] = [:]
        /// In the order in which they began, with those that are gone.
        var order = Deque<String>()
        var users: [ByteString: [String]] = [:]
    }

    private let state = Locked(State())
    private let maxLogins: Int
    private let maxPerUser: Int

    /// Makes room for that many logins, of one user and of all; the oldest make room for new ones.
    public init(maxLogins: Int = 100_000, maxLoginsPerUser: Int = 100) {
        self.maxLogins = max(1, maxLogins)
        maxPerUser = max(1, maxLoginsPerUser)
    }

    /// How many logins are kept.
    public var count: Int { state.withLock { $0.logins.count } }

    /// What is kept under a series, or nil.
    public func find(_ series: String) async throws -> RememberedLogin? {
        state.withLock { $0.logins[series] }
    }

    /// Keeps a login under a new series.
    public func insert(_ login: RememberedLogin, as series: String) async throws {
        state.withLock { state in
            let mine = state.users[ByteString(login.userID)] ?? []
            if mine.count >= maxPerUser, let oldest = mine.first { state.remove(oldest) }
            while state.logins.count >= maxLogins, let oldest = state.order.popFirst() {
                state.remove(oldest)
            }
            state.logins[series] = login
            state.order.append(series)
            state.users[ByteString(login.userID), default: []].append(series)
            state.compact()
        }
    }

    /// Puts a login in the place of one whose token hash is the expected one.
    public func replace(
        _ series: String,
        expecting tokenHash: [UInt8],
        by login: RememberedLogin
    ) async throws -> Bool {
        state.withLock { state in
            guard state.logins[series]?.tokenHash == tokenHash else { return false }
            state.logins[series] = login
            return true
        }
    }

    /// Forgets a series.
    public func remove(_ series: String) async throws {
        state.withLock { $0.remove(series) }
    }

    /// Forgets every series of a user but one.
    public func removeAll(of userID: String, keeping series: String?) async throws {
        state.withLock { state in
            for mine in state.users[ByteString(userID)] ?? [] where mine != series {
                state.remove(mine)
            }
        }
    }
}

extension MemoryRememberedLogins.State {
    mutating func remove(_ series: String) {
        guard let login = logins.removeValue(forKey: series) else { return }
        let user = ByteString(login.userID)
        users[user]?.removeAll { $0 == series }
        if users[user]?.isEmpty == true { users[user] = nil }
    }

    /// Names of logins that are gone stay in the list until it is twice as long as it need be.
    mutating func compact() {
        guard order.count > 2 * logins.count + 1_000 else { return }
        var living = Deque<String>()
        for series in order where logins[series] != nil { living.append(series) }
        order = living
    }
}
