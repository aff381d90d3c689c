import ActorIO
import Synchronization

/// A namespace in which every event is seen, and some are held back.
func addWatched(_ root: inout Namespace) {
    let diary = Diary()
    root.namespace("/watched") { watched in
        // Every event that comes, even one without a handler.
        watched.onAny { socket, event in
            diary.write("in \(event.name) \(event.arguments.count) \(event.wantsAnswer)")
        }
        // Middleware for events: one that throws keeps it from its handlers, and from nobody else.
        watched.use { _, event in
            guard event.name != "forbidden" else { throw Forbidden() }
        }
        watched.use { _, event in
            guard event.name == "checked" else { return }
            await Task.yield()
            guard try event.arguments.decode(0, as: String.self) == "sesame" else {
                throw Forbidden()
            }
        }
        watched.onAnyOutgoing { _, event in diary.write("out \(event.name)") }
        watched.onRoomChange { change in diary.write(change) }
        watched.onError { error, event in diary.write("failed \(event.name)") }

        watched.on("forbidden") { _ in "never" }
        watched.on("checked") { (_, word: String) in "passed with \(word)" }
        watched.on("unchecked") { (_, word: String) in "passed with \(word)" }
        watched.on("join") { (socket, room: String) in await socket.join(Room(room)) }
        watched.on("leave") { (socket, room: String) in await socket.leave(Room(room)) }
        watched.on("tell everyone") { (socket, value: JSONValue) in
            try await socket.namespace.emit("news", value)
        }
        watched.on("diary") { _ in diary.take() }
    }
}

struct Forbidden: Error {}

/// What was seen since it was last read.
final class Diary: Sendable {
    private static let longest = 10_000
    private let lines = Mutex<[String]>([])

    func write(_ line: String) {
        lines.withLock { lines in
            if lines.count < Self.longest { lines.append(line) }
        }
    }

    /// The rooms that are named after a socket are left out.
    func write(_ change: RoomChange) {
        switch change {
        case .created(let room): write("created", room)
        case .joined(let room, _): write("joined", room)
        case .left(let room, _): write("left", room)
        case .deleted(let room): write("deleted", room)
        }
    }

    private func write(_ verb: String, _ room: Room) {
        guard SocketID(room.description) == nil else { return }
        write("\(verb) \(room)")
    }

    func take() -> [String] {
        lines.withLock { lines in
            defer { lines = [] }
            return lines
        }
    }
}
