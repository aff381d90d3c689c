import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// The time a client has for its first namespace, beside the time its attachments have.
final class ConnectTimeoutTests: XCTestCase {
    private static let holder = "{\"_placeholder\":true,\"num\":0}"

    private static func server(_ gate: Gate, _ notes: Notes) -> SocketIO {
        var options = quiet
        options.engine.pingInterval = .seconds(600)
        return SocketIO(options: options) { root in
            root.on("bytes") { (_, bytes: [UInt8]) in notes.add("\(bytes)") }
            root.namespace("/slow") { slow in
                slow.use { _ in await gate.pass() }
                slow.on("bytes") { (_, bytes: [UInt8]) in notes.add("slow \(bytes)") }
            }
        }
    }

    func testAHangingMiddlewareIsClosedAtTheConnectTimeoutUnlessAnotherNamespaceWasJoined()
        async throws
    {
        let (gate, clock, notes) = (Gate(), ManualClock(), Notes())
        let io = Self.server(gate, notes)
        try await withTestServer(App(), io, clock: clock) { server in
            let hanging = try await server.browser().webSocket()
            let joined = try await server.browser().webSocket()
            await hanging.say("40/slow,")
            await joined.say("40/slow,", "40")
            _ = (hanging.take(), joined.take())
            await clock.advance(by: .milliseconds(44_999))
            XCTAssertEqual(hanging.take(), [])
            await clock.advance(by: .milliseconds(1))
            XCTAssertEqual(hanging.take(), ["close"])
            await clock.advance(by: .seconds(100))
            XCTAssertEqual(joined.take(), [])
            gate.open()
            await joined.rest()
            XCTAssertEqual(joined.take().map { $0.prefix(16) }, ["40/slow,{\"sid\":\""])
        }
    }

    func testBytesForASocketThatIsBeingDecidedDoNotDisarmTheConnectTimeout() async throws {
        let (gate, clock, notes) = (Gate(), ManualClock(), Notes())
        let io = Self.server(gate, notes)
        try await withTestServer(App(), io, clock: clock) { server in
            let wire = try await server.browser().webSocket()
            await wire.say("40/slow,", "451-/slow,[\"bytes\",\(Self.holder)]")
            await wire.say(binary: [1])
            _ = wire.take()
            await clock.advance(by: .milliseconds(44_999))
            XCTAssertEqual(wire.take(), [])
            await clock.advance(by: .milliseconds(1))
            XCTAssertEqual(wire.take(), ["close"])
            gate.open()
            await wire.rest()
            XCTAssertEqual(notes.all, [])
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    func testAttachmentsThatNeverComeAreWaitedForThirtySecondsExactly() async throws {
        let (clock, notes) = (ManualClock(), Notes())
        try await withTestServer(App(), Self.server(Gate(), notes), clock: clock) { server in
            let wire = try await server.browser().joined()
            await clock.advance(by: .seconds(100))
            await wire.say("451-[\"bytes\",\(Self.holder)]")
            await clock.advance(by: .milliseconds(29_999))
            XCTAssertEqual(wire.take(), [])
            await clock.advance(by: .milliseconds(1))
            XCTAssertEqual(wire.take(), ["close"])
            XCTAssertEqual(notes.all, [])
        }
    }

    func testANamespaceThatIsJoinedMeanwhileGivesAttachmentsNoMoreTime() async throws {
        let (gate, clock, notes) = (Gate(), ManualClock(), Notes())
        try await withTestServer(App(), Self.server(gate, notes), clock: clock) { server in
            let wire = try await server.browser().joined()
            await wire.say("40/slow,", "451-[\"bytes\",\(Self.holder)]")
            await clock.advance(by: .seconds(10))
            gate.open()
            await wire.rest()
            XCTAssertEqual(wire.take().count, 1)
            await clock.advance(by: .milliseconds(19_999))
            XCTAssertEqual(wire.take(), [])
            await clock.advance(by: .milliseconds(1))
            XCTAssertEqual(wire.take(), ["close"])
        }
    }

    func testAttachmentsThatCameLeaveNoDeadlineBehind() async throws {
        let (clock, notes) = (ManualClock(), Notes())
        try await withTestServer(App(), Self.server(Gate(), notes), clock: clock) { server in
            let wire = try await server.browser().joined()
            await wire.say("451-[\"bytes\",\(Self.holder)]")
            await clock.advance(by: .seconds(29))
            await wire.say(binary: [1, 2])
            await clock.advance(by: .seconds(200))
            XCTAssertEqual(wire.take(), [])
            XCTAssertEqual(notes.all, ["[1, 2]"])
        }
    }
}
