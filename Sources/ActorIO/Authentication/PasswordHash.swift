/// Turns passwords into something that may be stored, and checks them against it.
public protocol PasswordHasher: Sendable {
    /// A text to be stored.
    func hash(_ password: String) async throws -> String
    /// Whether the password fits; nil stands for a user who does not exist and takes as long.
    func verify(_ password: String, against hash: String?) async throws -> Bool
}

/// PBKDF2 with HMAC-SHA256 in the text form of the Password Hashing Competition.
///
///     $pbkdf2-sha256$i=600000,l=32$<salt>$<key>        base64 without padding
///
/// ```swift
/// let passport = Passport<User>.local { username, password in
///     let user = await users.named(username)
///     let fits = try await PasswordHash().verify(password, against: user?.passwordHash)
///     return fits ? user : nil
/// }
/// ```
/// Never on an event loop, never more than one for each core; when too many wait, 503 is thrown.
public struct PasswordHash: PasswordHasher {
    /// What new hashes cost, and what a user costs who does not exist.
    ///
    /// Give demos and tests few, production the 600,000 that OWASP recommends; how many a stored
    /// hash has stands in it.
    public var rounds: Int

    /// Makes a hasher with 1 to 10,000,000 rounds.
    public init(rounds: Int = 600_000) {
        self.rounds = min(max(1, rounds), PHCText.maxRounds)
    }

    /// Hashes a password with a new salt.
    public func hash(_ password: String) async throws -> String {
        let salt = Token.bytes(16)
        let key = try await Self.gate.run { [rounds] in
            await Self.derive(password, salt, rounds, 32)
        }
        return PHCText(rounds: rounds, salt: salt, key: key).text
    }

    /// Whether the password is the one that was hashed.
    ///
    /// Without a hash, or with one nobody can read, the same work is done and the answer is no.
    public func verify(_ password: String, against hash: String?) async throws -> Bool {
        let (wanted, exists) = target(hash)
        let key = try await Self.gate.run {
            await Self.derive(password, wanted.salt, wanted.rounds, wanted.key.count)
        }
        return constantTimeEqual(key, wanted.key) && exists
    }

    /// What to compute and compare with; where there is no hash, something that costs the same.
    func target(_ hash: String?) -> (PHCText, exists: Bool) {
        if let stored = hash.flatMap({ PHCText($0) }) { return (stored, true) }
        return (PHCText(rounds: rounds, salt: Token.bytes(16), key: Token.bytes(32)), false)
    }

    /// Hashes a password with a new salt, at a cost of that many rounds.
    public static func hash(_ password: String, rounds: Int = 600_000) async throws -> String {
        try await PasswordHash(rounds: rounds).hash(password)
    }

    /// Whether the password is the one that was hashed; users without a hash cost `rounds`.
    public static func verify(
        _ password: String,
        against hash: String?,
        rounds: Int = 600_000
    ) async throws -> Bool {
        try await PasswordHash(rounds: rounds).verify(password, against: hash)
    }

    @concurrent
    private static func derive(
        _ password: String,
        _ salt: [UInt8],
        _ rounds: Int,
        _ length: Int
    ) async -> [UInt8] {
        PBKDF2.key(password: Array(password.utf8), salt: salt, rounds: rounds, length: length)
    }

    private static let gate = WorkGate(width: ProcessorCount.online, waiting: 64)
}

/// The stored form, in pieces.
struct PHCText: Sendable {
    /// A hash that someone made up must not keep a core busy for minutes.
    static let maxRounds = 10_000_000

    let rounds: Int
    let salt: [UInt8]
    let key: [UInt8]

    init(rounds: Int, salt: [UInt8], key: [UInt8]) {
        self.rounds = rounds
        self.salt = salt
        self.key = key
    }

    init?(_ text: String) {
        let parts = Array(text.utf8).split(
            separator: UInt8(ascii: "$"),
            omittingEmptySubsequences: false
        )
        guard parts.count == 5, parts[0].isEmpty, parts[1].elementsEqual("pbkdf2-sha256".utf8),
            let salt = Base64.decode(parts[3], padding: false), (8...64).contains(salt.count),
            let key = Base64.decode(parts[4], padding: false), (16...64).contains(key.count)
        else { return nil }
        let settings = parts[2].split(
            separator: UInt8(ascii: ","),
            omittingEmptySubsequences: false
        )
        guard settings.count == 2, settings[0].starts(with: "i=".utf8),
            settings[1].starts(with: "l=".utf8),
            let rounds = Grammar.decimal(settings[0].dropFirst(2)),
            (1...Self.maxRounds).contains(rounds),
            Grammar.decimal(settings[1].dropFirst(2)) == key.count
        else { return nil }
        self.init(rounds: rounds, salt: salt, key: key)
    }

    var text: String {
        let parts = [salt, key].map {
            String(decoding: Base64.encode($0, padding: false), as: UTF8.self)
        }
        return "$pbkdf2-sha256$i=\(rounds),l=\(key.count)$\(parts[0])$\(parts[1])"
    }
}
