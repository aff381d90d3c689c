import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// A packet that breaks the protocol: whoever asks for errors is told, then its connection ends.
final class BrokenPacketTests: XCTestCase {
    private static func server(_ notes: Notes) -> SocketIO {
        func fill(_ plan: inout Namespace, _ name: String) {
            plan.onError { error, event in
                notes.add("\(event.namespace) \(event.name) \(error)")
            }
            plan.onDisconnect { _, reason in notes.add("\(name) \(reason.rawValue)") }
        }
        return SocketIO(options: quiet) { root in
            fill(&root, "/")
            root.namespace("/other") { other in fill(&other, "/other") }
        }
    }

    func testEverySocketOfTheConnectionIsToldOfTheErrorAndThenOfItsEnd() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let bystander = try await server.browser().joined()
            let wire = try await server.browser().joined()
            await wire.say("40/other,")
            _ = wire.take()
            await wire.say("42{}", "42[\"late\"]")
            XCTAssertEqual(wire.take(), ["close"])
            XCTAssertEqual(
                notes.all,
                [
                    "/ error no array", "/other error no array", "/ forced close",
                    "/other forced close",
                ]
            )
            XCTAssertEqual(bystander.take(), [])
        }
    }

    func testOnPollingThePostIsOkAndTheParkedPollIsTheEnd() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let poll = try await session.poll()
            let post = try await session.post("42[\"x\"]x")
            XCTAssertEqual([post.body, poll.body], ["ok", "1"])
            XCTAssertEqual(
                notes.all,
                ["/ error invalid JSON: unexpectedByte at byte 7", "/ forced close"]
            )
        }
    }

    func testAttachmentsUnderWayAreForgottenWithTheConnection() async throws {
        let notes = Notes()
        let io = Self.server(notes)
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("452-[\"x\",{\"_placeholder\":true,\"num\":0}]")
            await wire.say(binary: [1])
            await wire.say("42[\"x\"]")
            XCTAssertEqual(wire.take(), ["close"])
            XCTAssertEqual(
                notes.all,
                ["/ error a message between attachments", "/ forced close"]
            )
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    func testWithoutAnOnErrorNothingIsLoggedAboveInfo() async throws {
        let lines = Notes()
        var options = SocketIO.Options()
        options.log = Log { lines.add($0.line) }
        try await withTestServer(App(), SocketIO(options: options)) { server in
            let wire = try await server.browser().joined()
            await wire.say("42{}")
            XCTAssertEqual(wire.take(), ["close"])
            XCTAssertEqual(lines.all.filter { $0.contains("a handler failed") }, [])
            XCTAssertEqual(lines.all.filter { $0.contains("broke the protocol") }.count, 1)
        }
    }
}
