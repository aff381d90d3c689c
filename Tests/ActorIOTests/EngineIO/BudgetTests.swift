import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What one client may cost the others: queued bytes, queued packets, unfinished handlers.
final class BudgetTests: XCTestCase {
    private static func server(_ notes: Notes, options: SocketIO.Options = quiet) -> SocketIO {
        SocketIO(options: options) { root in
            root.on("burst") { (socket, count: Int) in
                for number in 0..<count { try socket.emit("n", number % 10) }
            }
            root.onDisconnect { socket, reason in notes.add("\(socket.id) \(reason.rawValue)") }
        }
    }

    func testAClientThatNeverReadsIsClosedAndTheOthersGetEverything() async throws {
        let notes = Notes()
        let io = Self.server(notes)
        try await withTestServer(App(), io) { server in
            let slow = try await server.browser().connect()
            let fast = try await server.browser().connect()
            await slow.setReading(false)
            let text = String(repeating: "x", count: 1_000)
            for _ in 0..<1_200 { try await server.act { try await io.emit("text", text) } }
            XCTAssertEqual(notes.all, ["\(slow.id) client too slow"])
            let got = await fast.pending
            XCTAssertEqual(got.count, 1_200)
            let alive = await fast.isConnected
            XCTAssertTrue(alive)
        }
    }

    func testAClientThatNeverPollsIsClosedByBytesOrByPackets() async throws {
        for (count, size) in [(1_001, 1), (11, 100_000)] {
            let notes = Notes()
            let io = Self.server(notes)
            try await withTestServer(App(), io) { server in
                let session = try await server.browser().handshake()
                try await session.join()
                let text = String(repeating: "x", count: size)
                for _ in 0..<count - 1 { try await server.act { try await io.emit("t", text) } }
                XCTAssertEqual(notes.count, 0)
                try await server.act { try await io.emit("t", text) }
                XCTAssertEqual(notes.count, 1)
                XCTAssertTrue(notes.all.first?.hasSuffix("client too slow") == true)
                let poll = try await session.poll()
                XCTAssertEqual(poll.response?.status, 400)
            }
        }
    }

    func testOneMessageAloneMayBeLargerThanTheBudget() async throws {
        let notes = Notes()
        var options = quiet
        options.engine.outgoingBytes = 1_000
        let io = Self.server(notes, options: options)
        try await withTestServer(App(), io) { server in
            let text = String(repeating: "x", count: 200_000)
            let slow = try await server.browser().connect()
            await slow.setReading(false)
            try await server.act { try await io.emit("t", text) }
            XCTAssertEqual(notes.all, [])
            await slow.setReading(true)
            let came = try await slow.next("t").decode(0, as: String.self)
            XCTAssertEqual(came.utf8.count, 200_000)

            let session = try await server.browser().handshake()
            try await session.join()
            try await server.act { try await io.emit("t", text) }
            XCTAssertEqual(notes.all, [])
            let poll = try await session.poll()
            XCTAssertEqual(poll.body?.utf8.count, text.utf8.count + 10)
            for _ in 0..<2 { try await server.act { try await io.emit("t", text) } }
            XCTAssertEqual(notes.count, 1)
        }
    }

    private static func packets(_ poll: Wire) -> [String] {
        poll.body?.split(separator: "\u{1E}").map(String.init) ?? []
    }

    func testOnePollBringsAsManyPacketsAsAllowedAndPartsNoMessage() async throws {
        var options = quiet
        options.engine.maxPacketsPerPoll = 3
        let io = SocketIO(options: options) { root in
            root.on("go") { socket in
                try socket.emit("a", [1, 2] as [UInt8])
                try socket.emit("b", [3] as [UInt8], [4] as [UInt8], [5] as [UInt8])
                try socket.emit("c")
            }
        }
        try await withTestServer(App(), io) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            _ = try await session.post("42[\"go\"]")
            let first = Self.packets(try await session.poll())
            XCTAssertEqual(first, [#"451-["a",{"_placeholder":true,"num":0}]"#, "bAQI="])
            let second = Self.packets(try await session.poll())
            XCTAssertEqual(second.count, 4)
            XCTAssertEqual(second.dropFirst(), ["bAw==", "bBA==", "bBQ=="])
            let third = Self.packets(try await session.poll())
            XCTAssertEqual(third, ["42[\"c\"]"])
        }
    }

    func testABurstOfFiveThousandInOneTurnLosesNothing() async throws {
        let notes = Notes()
        let expected = (0..<5_000).map { "42[\"n\",\($0 % 10)]" }
        try await withTestServer(App(), Self.server(notes)) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"burst\",5000]")
            let frames = wire.take()
            XCTAssertTrue(frames == expected, "\(frames.count) of 5000")

            let session = try await server.browser().handshake()
            try await session.join()
            let poll = try await session.poll()
            _ = try await session.post("42[\"burst\",5000]")
            var got = Self.packets(poll)
            XCTAssertEqual(got.count, 16)
            while got.count < 5_000 {
                let more = Self.packets(try await session.poll())
                guard !more.isEmpty, more.count <= 16 else {
                    return XCTFail("\(more.count) packets")
                }
                got += more
            }
            XCTAssertTrue(got == expected, "\(got.count) of 5000")
            XCTAssertEqual(notes.all, [])
        }
    }

    func testVolatileEventsAreDroppedForAClientThatCanNotTakeThem() async throws {
        let io = Self.server(Notes())
        try await withTestServer(App(), io) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            try await server.act { try await io.volatile.emit("v", 1) }
            try await server.act { try await io.emit("e", 2) }
            let poll = try await session.poll()
            XCTAssertEqual(poll.body, "42[\"e\",2]")
            let parked = try await session.poll()
            try await server.act { try await io.volatile.emit("v", 3) }
            XCTAssertEqual(parked.body, "42[\"v\",3]")

            let slow = try await server.browser().connect()
            await slow.setReading(false)
            let text = String(repeating: "x", count: 70_000)
            let alone = io.to(.socket(try XCTUnwrap(SocketID(slow.id))))
            try await server.act { try await alone.emit("big", text) }
            try await server.act { try await alone.volatile.emit("v", 4) }
            try await server.act { try await alone.emit("e", 5) }
            await slow.setReading(true)
            _ = try await slow.next("e")
            let rest = await slow.pending
            XCTAssertEqual(rest, ["big"])
        }
    }

    func testABurstOfVolatileEventsLeavesRoomForOthers() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.on("flood") { socket in
                let text = String(repeating: "x", count: 1_000)
                for _ in 0..<3_000 { try socket.volatile.emit("v", text) }
                for number in 0..<100 { try socket.emit("n", number) }
                return true
            }
            root.onDisconnect { _, reason in notes.add(reason.rawValue) }
        }
        try await withTestServer(App(), io) { server in
            let slow = try await server.browser().connect()
            await slow.setReading(false)
            try await slow.emit("flood")
            await server.rest()
            await slow.setReading(true)
            for number in 0..<100 {
                let got: Int = try await slow.next("n").decode(0)
                XCTAssertEqual(got, number)
            }
            let session = try await server.browser().handshake()
            try await session.join()
            let poll = try await session.poll()
            _ = try await session.post("42[\"flood\"]")
            var got = Self.packets(poll)
            while got.last != "42[\"n\",99]" {
                let more = Self.packets(try await session.poll())
                guard !more.isEmpty else { return XCTFail("\(got.count) packets") }
                got += more
            }
            let sure = got.filter { $0.hasPrefix("42[\"n\"") }
            XCTAssertEqual(sure, (0..<100).map { "42[\"n\",\($0)]" })
            XCTAssertLessThan(got.count, 601, "half of what may wait, and these")
            XCTAssertEqual(notes.all, [])
        }
    }

    // Back-pressure

    private static func waiting(_ gate: Gate, _ notes: Notes) -> SocketIO {
        SocketIO(options: quiet) { root in
            root.on("wait") { (_, number: Int) in
                notes.add("\(number)")
                await gate.pass()
            }
            root.onDisconnect { _, reason in notes.add("end: \(reason.rawValue)") }
        }
    }

    func testSixtyFourUnfinishedHandlersStopTheReadingOfAWebSocketUntilOneEnds() async throws {
        let (gate, notes) = (Gate(), Notes())
        try await withTestServer(App(), Self.waiting(gate, notes)) { server in
            let wire = try await server.browser().joined()
            let bystander = try await server.browser().joined()
            let frames = (0..<200).flatMap {
                ClientCodec.frame(text: Array("42[\"wait\",\($0)]".utf8))
            }
            await wire.send(frames)
            XCTAssertEqual(notes.all, (0..<64).map { "\($0)" })
            await wire.say("42[\"wait\",200]")
            XCTAssertEqual(notes.count, 64)
            await bystander.say("42[\"wait\",1000]")
            XCTAssertEqual(notes.all.last, "1000")
            gate.open()
            await wire.rest()
            XCTAssertEqual(
                notes.all.filter { $0 != "1000" },
                (0...200).map { "\($0)" }
            )
        }
    }

    func testSixtyFourUnfinishedHandlersHoldAPostUntilOneEnds() async throws {
        let (gate, notes) = (Gate(), Notes())
        try await withTestServer(App(), Self.waiting(gate, notes)) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let body = (0..<100).map { "42[\"wait\",\($0)]" }.joined(separator: "\u{1E}")
            let post = try await session.post(body)
            XCTAssertNil(post.response)
            XCTAssertEqual(notes.count, 64)
            gate.open()
            await post.rest()
            XCTAssertEqual(post.body, "ok")
            XCTAssertEqual(notes.all, (0..<100).map { "\($0)" })
        }
    }

    func testAnUpgradeWhileHandlersAreUnfinishedIsReadNoFurtherThanPolling() async throws {
        let (gate, notes) = (Gate(), Notes())
        try await withTestServer(App(), Self.waiting(gate, notes)) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let body = (0..<64).map { "42[\"wait\",\($0)]" }.joined(separator: "\u{1E}")
            let post = try await session.post(body)
            XCTAssertEqual(post.body, "ok")
            let wire = try await session.upgrade()
            await wire.say("2probe")
            await wire.say("5", "42[\"wait\",64]", "42[\"wait\",65]")
            await wire.say("42[\"wait\",66]")
            XCTAssertEqual(notes.count, 64)
            gate.open()
            await wire.rest()
            XCTAssertEqual(notes.all, (0..<67).map { "\($0)" })
        }
    }

    func testAClientThatIsNotReadIsNotBlamedForItsUnreadPong() async throws {
        let (gate, notes, clock) = (Gate(), Notes(), ManualClock())
        try await withTestServer(App(), Self.waiting(gate, notes), clock: clock) { server in
            let wire = try await server.browser().joined()
            await wire.send(
                (0..<65).flatMap { ClientCodec.frame(text: Array("42[\"wait\",\($0)]".utf8)) }
            )
            XCTAssertEqual(notes.count, 64)
            await clock.advance(by: .seconds(25))
            XCTAssertEqual(wire.take(), ["2"])
            await wire.say("3")
            await clock.advance(by: .seconds(40))
            XCTAssertEqual(notes.count, 64, "\(notes.all.suffix(1))")
            gate.open()
            await wire.rest()
            XCTAssertEqual(notes.count, 65)
            await clock.advance(by: .seconds(24))
            XCTAssertEqual(notes.count, 65, "\(notes.all.suffix(1))")
        }
    }

    func testAClientThatLeavesWhileItIsNotReadIsNoticed() async throws {
        let (gate, notes) = (Gate(), Notes())
        let io = Self.waiting(gate, notes)
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.send(
                (0..<80).flatMap { ClientCodec.frame(text: Array("42[\"wait\",\($0)]".utf8)) }
            )
            await wire.stream.reset()
            await wire.rest()
            XCTAssertEqual(notes.count, 65)
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
            gate.open()
            await wire.rest()
            XCTAssertEqual(notes.count, 65)
        }
    }
}
