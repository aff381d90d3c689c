@testable import ActorIO
@testable import ActorIOTesting

/// Somebody who reads the changes of presence on the server's time, as `+7` and `-7`.
struct PresenceDiary: Sendable {
    private let notes = Notes()
    private let task: Task<Void, Never>

    /// Begins to read; `pace` is passed before each change.
    init(_ server: TestServer, _ io: SocketIO, pace: Gate? = nil) async {
        let notes = self.notes
        task = Task(executorPreference: server.door.driver.loop.taskExecutor) {
            var changes = io.presenceChanges.makeAsyncIterator()
            await pace?.pass()
            while let change = await changes.next() {
                notes.add((change.isOnline ? "+" : "-") + change.userID)
            }
            notes.add("end")
        }
        await server.rest()
    }

    /// What was read since it was last taken.
    func take() -> [String] { notes.take() }

    func cancel() { task.cancel() }
}

extension TestServer {
    /// Sockets, connections and devices of a user, when nothing more is ready to happen.
    func presence(_ io: SocketIO, _ room: Room = .user(1)) async throws -> [Int] {
        await rest()
        let found = try await run { await io.presence(of: room) }
        return [found.sockets, found.connections, found.devices]
    }

    /// What is kept for presence beyond the rooms: nil while nobody reads.
    func presenceNotes(_ io: SocketIO) async throws -> Int? {
        try await act {
            await within(io.core.registry) { $0.connections.watch?.noteCount }
        }
    }
}

/// Two namespaces and everything else as in the page's example.
func makePresenceExample(
    _ options: SocketIO.Options = quiet,
    store: SessionStore = SessionStore(),
    _ extend: (inout Namespace) -> Void = { _ in }
) -> (App, SocketIO, SessionStore) {
    makePassportExample(options: options, store: store) { root in
        root.namespace("/other") { _ in }
        root.namespace("/closed") { closed in
            closed.use { _ in throw ConnectError("closed") }
        }
        extend(&root)
    }
}

extension RoomRegistry {
    /// Rooms of connections that anybody is in.
    var connectionRoomCount: Int { connections.rooms.count }
}
