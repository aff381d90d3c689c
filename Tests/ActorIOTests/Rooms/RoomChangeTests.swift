import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What observers are told of rooms, in its order.
final class RoomChangeTests: XCTestCase {
    func testARoomIsCreatedBeforeItsFirstSocketAndDeletedAfterItsLast() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.onRoomChange { change in
                switch change {
                case .created(let room): notes.add("created \(room)")
                case .joined(let room, let id): notes.add("joined \(room) \(id)")
                case .left(let room, let id): notes.add("left \(room) \(id)")
                case .deleted(let room): notes.add("deleted \(room)")
                }
            }
            root.on("join") { socket in await socket.join("r", "r") }
            root.on("leave") { socket in await socket.leave("r", "never") }
        }
        @Sendable func take() -> [String] { notes.take() }
        try await withTestServer(App(), io) { server in
            let one = try await server.browser().connect()
            let two = try await server.browser().connect()
            let own = [one, two].flatMap { ["created \($0.id)", "joined \($0.id) \($0.id)"] }
            XCTAssertEqual(take(), own)
            _ = try await one.ask("join")
            _ = try await one.ask("join")
            _ = try await two.ask("join")
            XCTAssertEqual(take(), ["created r", "joined r \(one.id)", "joined r \(two.id)"])
            _ = try await one.ask("leave")
            _ = try await one.ask("leave")
            XCTAssertEqual(take(), ["left r \(one.id)"])
            await two.disconnect()
            XCTAssertEqual(
                take(),
                [
                    "left r \(two.id)", "deleted r", "left \(two.id) \(two.id)",
                    "deleted \(two.id)",
                ]
            )
            let first = try XCTUnwrap(SocketID(one.id))
            await io.in(.socket(first)).join("bulk")
            XCTAssertEqual(take(), ["created bulk", "joined bulk \(one.id)"])
        }
    }

    func testRoomsOfASocketThatIsStillBeingDecidedAboutComeWithItsConnection() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.onRoomChange { change in
                if case .joined(let room, let id) = change, room != .socket(id) {
                    notes.add("\(room)")
                }
            }
            root.use { socket async throws in
                await socket.join("early")
                notes.add("deciding")
                let isRefused = (try? socket.auth(as: [String: Bool].self))?["refuse"] == true
                if isRefused { throw ConnectError("no") }
            }
        }
        try await withTestServer(App(), io) { server in
            _ = try? await server.browser().connect(auth: ["refuse": true])
            XCTAssertEqual(notes.take(), ["deciding"])
            _ = try await server.browser().connect()
            XCTAssertEqual(notes.take(), ["deciding", "early"])
        }
    }
}
