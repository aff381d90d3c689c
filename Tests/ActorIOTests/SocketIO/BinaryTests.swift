import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Bytes in events and answers, on both transports.
final class BinaryTests: XCTestCase {
    private static func server(_ notes: Notes) -> SocketIO {
        SocketIO(options: quiet) { root in
            root.on("echo") { (_, bytes: [UInt8]) in bytes }
            root.on("list") { (socket, list: [[UInt8]]) in
                notes.add("\(list.count)")
                try socket.emit("list", list)
            }
            root.on("mixed") { (socket, text: String, bytes: [UInt8], number: Int) in
                try socket.emit("mixed", number, bytes, text)
            }
            root.on("note") { (_, text: String) in notes.add(text) }
        }
    }

    private static func holder(_ number: Int) -> String {
        "{\"_placeholder\":true,\"num\":\(number)}"
    }

    func testAnEventAndItsAnswerCarryBytesAsFramesBehindTheText() async throws {
        try await withTestServer(App(), Self.server(Notes())) { server in
            let wire = try await server.browser().joined()
            await wire.say("451-7[\"echo\",\(Self.holder(0))]")
            XCTAssertEqual(wire.take(), [])
            await wire.say(binary: [0, 255, 30])
            XCTAssertEqual(wire.take(), ["461-7[\(Self.holder(0))]", "b:0,255,30"])

            await wire.say("451-[\"mixed\",\"t\",\(Self.holder(0)),3]")
            await wire.say(binary: [])
            XCTAssertEqual(wire.take(), ["451-[\"mixed\",3,\(Self.holder(0)),\"t\"]", "b:"])
        }
    }

    func testPollingCarriesBytesAsBase64InTheSameBody() async throws {
        try await withTestServer(App(), Self.server(Notes())) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let poll = try await session.poll()
            let post = try await session.post("451-7[\"echo\",\(Self.holder(0))]\u{1E}bAP8e")
            XCTAssertEqual(post.body, "ok")
            XCTAssertEqual(poll.body, "461-7[\(Self.holder(0))]\u{1E}bAP8e")
        }
    }

    func testTenAttachmentsPassAndElevenCloseTheConnection() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes)) { server in
            let wire = try await server.browser().joined()
            let ten = (0..<10).map(Self.holder).joined(separator: ",")
            await wire.say("4510-[\"list\",[\(ten)]]")
            for number in 0..<10 { await wire.say(binary: [UInt8(number)]) }
            XCTAssertEqual(
                wire.take(),
                ["4510-[\"list\",[\(ten)]]"] + (0..<10).map { "b:\($0)" }
            )
            await wire.say("4511-[\"list\",[\(ten),\(Self.holder(10))]]")
            XCTAssertEqual(wire.take(), ["close"])
            XCTAssertEqual(notes.all, ["10"])
        }
    }

    func testHeartbeatsMayStandBetweenAttachmentsAndMessagesMayNot() async throws {
        let clock = ManualClock()
        let notes = Notes()
        try await withTestServer(App(), Self.server(notes), clock: clock) { server in
            let wire = try await server.browser().joined()
            await clock.advance(by: .seconds(25))
            await wire.say("452-[\"list\",[\(Self.holder(1)),\(Self.holder(0))]]")
            await wire.say(binary: [1])
            await wire.say("3", "6")
            await wire.say(binary: [2])
            XCTAssertEqual(
                wire.take(),
                ["2", "452-[\"list\",[\(Self.holder(0)),\(Self.holder(1))]]", "b:2", "b:1"]
            )
            await wire.say("451-[\"list\",[\(Self.holder(0))]]", "42[\"note\",\"between\"]")
            XCTAssertEqual(wire.take(), ["close"])
            XCTAssertEqual(notes.all, ["2"])
        }
    }

    func testABinaryNobodyWaitsForClosesTheConnection() async throws {
        try await withTestServer(App(), Self.server(Notes())) { server in
            let wire = try await server.browser().joined()
            await wire.say(binary: [1])
            XCTAssertEqual(wire.take(), ["close"])
            let early = try await server.browser().webSocket()
            await early.say(binary: [1])
            XCTAssertEqual(early.take().last, "close")
            let session = try await server.browser().handshake()
            try await session.join()
            let poll = try await session.poll()
            let post = try await session.post("bAQ==")
            XCTAssertEqual(post.body, "ok")
            XCTAssertEqual(poll.body, "1")
        }
    }

    func testTheServerAsksWithBytesAndIsAnsweredWithBytes() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.on("go") { socket in
                let answer: [UInt8] = try await socket.call("q", [UInt8]([9]))
                notes.add("\(answer)")
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"go\"]")
            XCTAssertEqual(wire.take(), ["451-0[\"q\",\(Self.holder(0))]", "b:9"])
            await wire.say("461-0[\(Self.holder(0))]")
            await wire.say(binary: [4, 5])
            XCTAssertEqual(notes.all, ["[4, 5]"])
        }
    }

    func testAttachmentsOfABroadcastStayBehindTheirTextForEveryReceiver() async throws {
        let io = Self.server(Notes())
        try await withTestServer(App(), io) { server in
            let wires = [try await server.browser().joined(), try await server.browser().joined()]
            try await server.act {
                async let a: Void = io.emit("a", [UInt8]([1]), [UInt8]([2]))
                async let b: Void = io.emit("b", [UInt8]([3]))
                _ = try await (a, b)
            }
            for wire in wires {
                let got = wire.take()
                XCTAssertEqual(got.count, 5)
                let mark = try XCTUnwrap(got.firstIndex { $0.hasPrefix("452-") })
                XCTAssertEqual(got[(mark + 1)...(mark + 2)], ["b:1", "b:2"])
                let other = try XCTUnwrap(got.firstIndex { $0.hasPrefix("451-") })
                XCTAssertEqual(got[other + 1], "b:3")
            }
        }
    }
}
