@testable import ActorIO
@testable import ActorIOTesting

/// Options of a server whose admin namespace asks nobody, unless the change says otherwise.
func adminOptions(_ change: (inout AdminOptions) -> Void = { _ in }) -> SocketIO.Options {
    var admin = AdminOptions(.openToEveryone)
    admin.serverID = "test"
    change(&admin)
    var options = quiet
    options.admin = admin
    return options
}

/// What the UI sends when it logs in, or comes back.
struct AdminAuth: Encodable, Sendable {
    var sessionId: String?
    var username: String?
    var password: String?
}

/// What a client is told of itself.
private struct Hello: Decodable {
    var sid: String
}

extension Browser {
    /// An admin that speaks by hand, behind what it is told at the beginning.
    func admin(_ namespace: String = "/admin") async throws -> Wire {
        let wire = try await webSocket()
        await wire.say("40\(namespace),")
        _ = wire.take()
        return wire
    }

    /// A client of a namespace on a WebSocket, and its public id.
    func client(of namespace: String = "/") async throws -> (wire: Wire, id: String) {
        let wire = try await webSocket()
        _ = wire.take()
        let prefix = namespace == "/" ? "40" : "40\(namespace),"
        await wire.say(prefix)
        let answer = wire.take().first { $0.hasPrefix(prefix + "{") } ?? "{}"
        let hello = try decodeJSON(Hello.self, Array(answer.utf8.dropFirst(prefix.utf8.count)))
        return (wire, hello.sid)
    }
}

extension Wire {
    /// The events of that name among what came, names and packet types cut off, ids replaced.
    ///
    /// Takes everything that came.
    func events(_ name: String, _ ids: [String: String] = [:]) -> [String] {
        let prefix = "42/admin,[\"\(name)\","
        return take().filter { $0.hasPrefix(prefix) }.map { text in
            var text = String(text.dropFirst(prefix.count).dropLast())
            for (id, word) in ids { text = text.replacing(id, with: word) }
            return text
        }
    }
}

/// A hasher that takes no time: the hash is the password.
struct PlainHasher: PasswordHasher {
    var notes = Notes()

    func hash(_ password: String) async throws -> String { password }

    func verify(_ password: String, against hash: String?) async throws -> Bool {
        notes.add(password)
        return password == hash
    }
}
