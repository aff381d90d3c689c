import ActorIO

/// Somebody who can log in.
struct User: Codable, Identifiable, Sendable {
    var id: Int
    var name: String
}

/// The three accounts of the demo.
enum Accounts {
    static let all = [
        User(id: 1, name: "john"), User(id: 2, name: "jane"), User(id: 3, name: "alex"),
    ]

    /// `changeit`, with few rounds: a debug build should not take seconds for a login.
    private static let hash =
        "$pbkdf2-sha256$i=10000,l=32$ofDD0pWIR2YbLD1OX2Bxig"
        + "$DAhIGp50EgCsk/+NBu2IQU6Eoz6mboJhZ2iBEEg8RBE"

    /// The user of that name, when the password is right; a wrong name takes as long as a wrong
    /// password.
    static func find(_ name: String, _ password: String) async throws -> User? {
        let user = all.first { $0.name == name }
        let stored = user == nil ? nil : hash
        guard try await PasswordHash.verify(password, against: stored, rounds: 10_000) else {
            return nil
        }
        return user
    }
}
