/// The admins' namespace: the login, the greeting, and what admins may do.
extension AdminDesk {
    /// What an admin's client sends as `auth`.
    private struct Credentials: Decodable {
        var sessionId: String?
        var username: String?
        var password: String?
    }

    /// A login that the client is to be told of.
    private struct NewSession: Sendable {
        let id: String
    }

    /// The longest name and password in bytes.
    private static let maxBytes = 1_024

    /// The plan of a server with the admins' namespace in it.
    nonisolated func adding(to root: Namespace) -> Namespace {
        let isTaken = ([root] + root.allChildren).contains { ByteString($0.name) == name }
        precondition(!isTaken, "the plan has a namespace \(name), which is for admins")
        checkAccess()
        var root = root
        root.children.append(plan())
        return root
    }

    private nonisolated func plan() -> Namespace {
        var plan = Namespace(name.text)
        plan.use { socket in try await self.admit(socket) }
        plan.onConnection { socket in
            if let session = socket[NewSession.self] { try socket.emit("session", session.id) }
            try socket.emit("config", AdminConfig(supportedFeatures: self.features))
            await self.greet(socket.id, on: socket.loop)
        }
        plan.onDisconnect { socket, _ in await self.left(socket.id) }
        if !options.isReadOnly { addActions(to: &plan) }
        return plan
    }

    private func greet(_ admin: SocketID, on loop: EventLoop) async {
        entered(admin, on: loop)
        if tellsAll { await list(to: admin) }
    }

    /// Says in the log what would let nobody in, or everybody.
    private nonisolated func checkAccess() {
        switch options.access {
        case .openToEveryone:
            log.warning("every client can be an admin", ["namespace": name.text])
        case .password(_, let hash):
            guard options.hasher is PasswordHash, PHCText(hash) == nil else { return }
            log.error("the hash of the admin's password can not be read: nobody is let in")
        }
    }

    // The login

    private func admit(_ socket: isolated Socket) async throws {
        guard case .password(let username, let hash) = options.access else { return }
        let credentials = try? socket.auth(as: Credentials.self)
        if let id = credentials?.sessionId, !id.isEmpty, await isKnown(id) { return }
        guard let name = credentials?.username, let password = credentials?.password,
            max(name.utf8.count, password.utf8.count) <= Self.maxBytes
        else { throw ConnectError("invalid credentials") }
        let address = socket.request.remoteAddress
        guard await mayTry(from: address) else {
            await noteRefusal(of: address)
            throw ConnectError("too many attempts")
        }
        // The same work whatever the name is.
        let fits = try await options.hasher.verify(password, against: hash)
        guard fits, Self.areSame(name, username) else {
            log.notice("a wrong admin login", ["address": address])
            throw ConnectError("invalid credentials")
        }
        socket[NewSession.self] = NewSession(id: await beginSession(from: address))
    }

    private static func areSame(_ a: String, _ b: String) -> Bool {
        constantTimeEqual(SHA256.hash(Array(a.utf8)), SHA256.hash(Array(b.utf8)))
    }

    private func isKnown(_ session: String) -> Bool { logins.isKnown(session, at: lane.now) }

    private func mayTry(from address: String) -> Bool {
        logins.mayTry(from: address, at: lane.now)
    }

    private func noteRefusal(of address: String) {
        if logins.isNews(from: address) {
            log.notice("too many admin logins", ["address": address])
        } else {
            log.debug("too many admin logins", ["address": address])
        }
    }

    private func beginSession(from address: String) -> String {
        logins.succeeded(from: address)
        return logins.begin(at: lane.now)
    }

    // Actions

    private nonisolated func addActions(to plan: inout Namespace) {
        plan.add(
            "emit",
            .suspending { socket, arguments in
                try await self.emit(arguments, for: socket.id)
                return nil
            }
        )
        plan.on("join") { (socket, namespace: String, room: String, filter: String?) in
            let meant = self.meant(namespace, filter)
            self.record("join", namespace, filter ?? "", by: socket.id)
            await meant?.join(Room(room))
        }
        plan.on("leave") { (socket, namespace: String, room: String, filter: String?) in
            let meant = self.meant(namespace, filter)
            self.record("leave", namespace, filter ?? "", by: socket.id)
            await meant?.leave(Room(room))
        }
        plan.on("_disconnect") { (socket, namespace: String, close: Bool, filter: String?) in
            let meant = self.meant(namespace, filter)
            self.record("disconnect", namespace, filter ?? "", by: socket.id)
            try await meant?.disconnectSockets(close: close)
        }
    }

    /// `namespace, room, event, …`: the rest are the event's arguments.
    private nonisolated func emit(_ arguments: Arguments, for admin: SocketID) async throws {
        let namespace: String = try arguments.decode(0)
        let filter: String? = try arguments.decode(1)
        let event: String = try arguments.decode(2)
        record("emit", namespace, filter ?? "", by: admin)
        try await meant(namespace, filter)?.emit(event, passing: arguments.dropping(3))
    }

    /// The sockets of a namespace, or those in one of its rooms; a socket's id is a room too.
    private nonisolated func meant(_ namespace: String, _ filter: String?) -> Audience? {
        guard let runtime = namespaces?.existing(ByteString(namespace)) else { return nil }
        let all = Audience(runtime.territory)
        guard let filter, !filter.isEmpty else { return all }
        return all.to(Room(filter))
    }

    private nonisolated func record(
        _ action: String,
        _ namespace: String,
        _ filter: String,
        by admin: SocketID
    ) {
        log.notice(
            "an admin acted",
            ["action": action, "namespace": namespace, "room": filter, "admin": "\(admin)"]
        )
    }
}

extension Arguments {
    /// Those behind the first `count`.
    func dropping(_ count: Int) -> Arguments {
        let start = place(of: count)?.lowerBound ?? range.upperBound
        return Arguments(
            bytes: bytes,
            range: start..<range.upperBound,
            attachments: attachments
        )
    }
}
