import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Clients of today close a connection that brings them an eleventh attachment.
final class AttachmentLimitTests: XCTestCase {
    private static func list(_ count: Int) -> [[UInt8]] { (0..<count).map { [UInt8($0)] } }

    private static func server(_ notes: Notes, _ limit: Int = 10) -> SocketIO {
        var options = quiet
        options.maxAttachments = limit
        return SocketIO(options: options) { root in
            root.on("emit") { (socket, count: Int) in try socket.emit("e", Self.list(count)) }
            root.on("volatile") { (socket, count: Int) in
                try socket.volatile.emit("e", Self.list(count))
            }
            root.on("room") { (socket, count: Int) in
                try await socket.namespace.emit("e", Self.list(count))
            }
            root.on("ask") { (socket, count: Int) in
                let _: Int = try await socket.call("q", Self.list(count))
            }
            root.on("answer") { (_, count: Int) in Self.list(count) }
            root.on("late answer") { (_, count: Int) in
                await Task.yield()
                return Self.list(count)
            }
            root.onError { error, event in
                guard let error = error as? TooManyAttachments else { return notes.add("other") }
                notes.add("\(event.name) \(error.count) of \(error.limit)")
            }
        }
    }

    func testWhatHasMoreAttachmentsThanTheLimitIsRefusedAndNothingOfItIsSent() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let wire = try await server.browser().joined()
            for way in ["emit", "volatile", "room", "ask"] {
                await wire.say("42[\"\(way)\",11]")
                XCTAssertEqual(wire.take(), [], way)
            }
            XCTAssertEqual(
                notes.all,
                ["emit", "volatile", "room", "ask"].map { "\($0) 11 of 10" }
            )
            for way in ["emit", "volatile", "room", "ask"] {
                await wire.say("42[\"\(way)\",10]")
                XCTAssertEqual(wire.take().count, 11, way)
            }
            XCTAssertEqual(notes.count, 4)
        }
    }

    func testAnAnswerWithTooManyIsAFailureToTheAsker() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes, 2)) { server in
            let wire = try await server.browser().joined()
            let failed = "[{\"error\":{\"message\":\"internal error\"}}]"
            await wire.say("421[\"answer\",3]", "422[\"late answer\",3]")
            XCTAssertEqual(wire.take(), ["431\(failed)", "432\(failed)"])
            XCTAssertEqual(notes.all, ["answer 3 of 2", "late answer 3 of 2"])
            await wire.say("423[\"answer\",2]")
            XCTAssertEqual(wire.take().count, 3)
        }
    }

    func testALimitOfNoneLetsNoBytesOut() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes, 0)) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"emit\",1]", "42[\"emit\",0]")
            XCTAssertEqual(wire.take(), ["42[\"e\",[]]"])
            XCTAssertEqual(notes.all, ["emit 1 of 0"])
        }
    }
}
