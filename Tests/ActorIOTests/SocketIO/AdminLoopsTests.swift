import ActorIOTesting
import XCTest

@testable import ActorIO

/// Admins of a server with several loops, where nothing happens in an order of its own.
final class AdminLoopsTests: XCTestCase {
    /// The UI's picture of a namespace, kept by the rules of its own store.
    private struct Picture {
        private struct Shown: Decodable {
            var id: String
            var nsp: String
            var rooms: [String]
        }
        private(set) var sockets: [String: Set<String>] = [:]
        private(set) var rooms: [String: [String]] = [:]

        mutating func apply(_ name: String, _ arguments: Arguments) throws {
            switch name {
            case "all_sockets":
                (sockets, rooms) = ([:], [:])
                for shown in try arguments.decode(0, as: [Shown].self) { add(shown) }
            case "socket_connected": add(try arguments.decode(0))
            case "socket_disconnected": sockets[try arguments.decode(1)] = nil
            case "room_joined" where try arguments.decode(0) == "/":
                let (room, id): (String, String) = try (arguments.decode(1), arguments.decode(2))
                guard sockets[id] != nil else { return }
                sockets[id]?.insert(room)
                rooms[room, default: []].append(id)
            case "room_left" where try arguments.decode(0) == "/":
                let (room, id): (String, String) = try (arguments.decode(1), arguments.decode(2))
                sockets[id]?.remove(room)
                rooms[room]?.removeAll { $0 == id }
                if rooms[room]?.isEmpty == true { rooms[room] = nil }
            default: break
            }
        }

        private mutating func add(_ shown: Shown) {
            guard shown.nsp == "/" else { return }
            if sockets[shown.id] == nil { sockets[shown.id] = Set(shown.rooms) }
            for room in shown.rooms where rooms[room]?.contains(shown.id) != true {
                rooms[room, default: []].append(shown.id)
            }
        }
    }

    private static func makeServer() -> SocketIO {
        var options = adminOptions()
        options.engine.outgoingPackets = 1_000_000
        options.engine.outgoingBytes = 100_000_000
        return SocketIO(options: options) { root in
            root.on("move") { (socket, from: String, to: String) in
                await socket.leave(Room(from))
                await socket.join(Room(to))
                return true
            }
            root.on("marker") { socket in
                await socket.join("marker")
                return true
            }
        }
    }

    func testWhatAdminsAreToldAddsUpToWhatIsThere() async throws {
        let io = Self.makeServer()
        try await withServer(App(), io, options: ServerTests.options(loops: 3)) { server in
            let admins = try await Self.play(server)
            // Whoever has left is gone before the last word.
            while await io.clientCount > admins.count + 24 { await Task.yield() }
            let last = try await server.browser().connect()
            let _: Bool = try await last.call("marker")
            var truth: [String: Set<String>] = [:]
            for socket in try await io.fetchSockets() {
                truth["\(socket.id)"] = Set(socket.rooms.map(\.description))
            }
            XCTAssertEqual(truth.count, 25)
            for admin in admins {
                let picture = try await Self.picture(of: admin)
                XCTAssertEqual(picture.sockets, truth)
                for (room, ids) in picture.rooms {
                    let members = truth.filter { $0.value.contains(room) }.keys
                    XCTAssertEqual(ids.sorted(), members.sorted(), "of \(room)")
                }
            }
        }
    }

    func testNothingStaysUnderWayBetweenLoops() async throws {
        let io = Self.makeServer()
        let flow = try XCTUnwrap(io.core.plan.desk?.flow)
        try await withServer(App(), io, options: ServerTests.options(loops: 3)) { server in
            _ = try await Self.play(server)
        }
        XCTAssertEqual(flow.underWay, 0)
    }

    /// Forty-eight clients move about, every second one leaves, and admins come meanwhile.
    private static func play(_ server: TestServer) async throws -> [TestSocket] {
        try await withThrowingTaskGroup(of: TestSocket?.self) { group in
            for number in 0..<48 {
                group.addTask {
                    let tab = try await server.browser().connect()
                    for step in 0..<4 {
                        let rooms = (
                            "room \((number + step) % 5)", "room \((number + step + 1) % 5)"
                        )
                        let _: Bool = try await tab.call("move", rooms.0, rooms.1)
                    }
                    if number.isMultiple(of: 2) { await tab.close() }
                    return nil
                }
                if number % 8 == 7 {
                    group.addTask { try await server.browser().connect("/admin") }
                }
            }
            return try await group.reduce(into: []) { all, admin in
                if let admin { all.append(admin) }
            }
        }
    }

    /// Takes everything in the order in which it came, when the marker is there.
    private static func picture(of admin: TestSocket) async throws -> Picture {
        var picture = Picture()
        var isMarked = false
        while true {
            var names = await admin.pending
            if names.isEmpty, isMarked { return picture }
            if names.isEmpty { names = ["room_joined"] }
            for name in names {
                let arguments = try await admin.next(name)
                // Not the event, which a busy admin may miss.
                if name == "room_joined" {
                    let room: String = try arguments.decode(1)
                    isMarked = isMarked || room == "marker"
                }
                try picture.apply(name, arguments)
            }
        }
    }
}
