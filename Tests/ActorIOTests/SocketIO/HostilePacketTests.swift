import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What a hostile client sends costs it its own connection, and nobody else anything.
final class HostilePacketTests: XCTestCase {
    private static func server(_ notes: Notes) -> SocketIO {
        SocketIO(options: quiet) { root in
            root.on("note") { (_, text: String) in notes.add(text) }
            root.on("echo") { (_, text: String) in text }
        }
    }

    private static let closing = [
        // Types and shapes that no client sends.
        "4", "47[\"x\"]", "48", "49[]", "4x", "4🙂", "4{}", "4[\"note\",\"x\"]",
        "44{\"message\":\"x\"}", "442[\"x\"]", "42", "42[]", "42{}", "42\"x\"", "42[null]",
        "42[[\"note\"]]", "42[{}]",
        "42[\"note\",\"x\"", "42[\"note\",]", "42[\"note\"]x", "42abc[\"note\"]",
        // Reserved names.
        "42[\"connect\"]", "42[\"connect_error\"]", "42[\"disconnect\"]", "42[\"disconnecting\"]",
        "42[\"newListener\"]", "42[\"removeListener\"]",
        // Attachments.
        "451000000-[\"note\"]", "45999999999999999999999999999999-[\"note\"]", "455-[]",
        "4551--[\"note\"]", "455 1-[\"note\"]", "455-[\"note\"]x", "45١-[\"note\"]", "460-1[]",
        // Acks.
        "43", "431", "431{}", "42" + String(repeating: "9", count: 400) + "[\"note\"]",
        // A namespace that was never joined.
        "42/__proto__,[\"note\"]", "41/nowhere,",
        // CONNECT payloads.
        "40[]", "40null", "40\"x\"", "40{\"a\":}",
    ]

    func testEachOfTheListClosesItsSenderAndLeavesTheBystanderAlone() async throws {
        let notes = Notes()
        let io = Self.server(notes)
        try await withTestServer(App(), io) { server in
            let bystander = try await server.browser().joined()
            for packet in Self.closing {
                let wire = try await server.browser().joined()
                await wire.say(packet)
                XCTAssertEqual(wire.take(), ["close"], packet)
                await wire.close()
            }
            XCTAssertEqual(notes.all, [])
            await bystander.say("420[\"echo\",\"alive\"]")
            XCTAssertEqual(bystander.take(), ["430[\"alive\"]"])
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 1)
        }
    }

    func testTheSameByPollingEndsThePollAndTheSession() async throws {
        let notes = Notes()
        let io = Self.server(notes)
        try await withTestServer(App(), io) { server in
            for packet in ["42{}", "42abc[\"note\"]", "44{}", "451000000-[\"note\"]"] {
                let session = try await server.browser().handshake()
                try await session.join()
                let poll = try await session.poll()
                let post = try await session.post("\(packet)\u{1E}42[\"note\",\"behind\"]")
                XCTAssertEqual(post.body, "ok", packet)
                XCTAssertEqual(poll.body, "1", packet)
                let next = try await session.poll()
                XCTAssertEqual(next.response?.status, 400, packet)
            }
            XCTAssertEqual(notes.all, [])
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testPlaceholdersThatPointNowhereCloseTheirSender() async throws {
        let numbers = ["\"splice\"", "-1", "1.5", "1e300", "99", "null", "true"]
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            for number in numbers {
                let wire = try await server.browser().joined()
                await wire.say("451-[\"note\",{\"_placeholder\":true,\"num\":\(number)}]")
                await wire.say(binary: [1])
                XCTAssertEqual(wire.take(), ["close"], number)
            }
            let wire = try await server.browser().joined()
            await wire.say("451-[\"note\",{\"_placeholder\":true}]")
            await wire.say(binary: [1])
            XCTAssertEqual(wire.take(), ["close"])
        }
    }

    func testAttachmentsOfMoreThanTheLimitCloseTheirSender() async throws {
        var options = quiet
        options.engine.maxPayload = 1_000
        let io = SocketIO(options: options) { root in
            root.on("x") { _ in }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            let holders = (0..<3).map { "{\"_placeholder\":true,\"num\":\($0)}" }
            await wire.say("453-[\"x\",\(holders.joined(separator: ","))]")
            for _ in 0..<3 { await wire.say(binary: [UInt8](repeating: 7, count: 600)) }
            XCTAssertEqual(wire.take(), ["close"])
        }
    }

    func testAConnectionThatEndsInTheMiddleOfAttachmentsLeavesNothing() async throws {
        let io = Self.server(Notes())
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("452-[\"note\",{\"_placeholder\":true,\"num\":0}]")
            await wire.say(binary: [1])
            await wire.close()
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    func testUnknownAcksLateAcksAndStrangeNamesAreIgnored() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let wire = try await server.browser().joined()
            await wire.say("430[]", "4399999[\"x\"]", "42[\"\\u0000\"]", "42[\"error\"]")
            await wire.say("42[\"\(String(repeating: "n", count: 100_000))\"]", "42[\"message\"]")
            await wire.say("42[\"note\",\"alive\"]")
            XCTAssertEqual(wire.take(), [])
            XCTAssertEqual(notes.all, ["alive"])
        }
    }
}
