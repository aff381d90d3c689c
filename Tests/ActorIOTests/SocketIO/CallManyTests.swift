import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// One question to many sockets, and an outcome for each.
final class CallManyTests: XCTestCase {
    private static let question = Call<Int, String>("q")

    private static func outcome(_ result: Result<Int, any Error>) -> String {
        switch result {
        case .success(let value): "\(value)"
        case .failure(let error): "\(error)"
        }
    }

    private static func asking(_ notes: Notes, timeout: Duration = .seconds(5)) -> SocketIO {
        SocketIO(options: quiet) { root in
            root.on("join") { (socket, room: String) in await socket.join(Room(room)) }
            root.on("ask") { (socket, room: String) async throws in
                let answers = try await socket.namespace.in(Room(room))
                    .call(Self.question, "x", timeout: timeout)
                notes.add(answers.map(Self.outcome).joined(separator: ", "))
            }
        }
    }

    func testAllReceiversAreAskedUnderOneIdAndAnswersComeInTheirOrder() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.asking(notes)) { server in
            let (one, two) = (
                try await server.browser().joined(), try await server.browser().joined()
            )
            await one.say("42[\"join\",\"r\"]")
            await two.say("42[\"join\",\"r\"]", "42[\"ask\",\"r\"]")
            XCTAssertEqual(one.take(), ["420[\"q\",\"x\"]"])
            XCTAssertEqual(two.take(), ["420[\"q\",\"x\"]"])
            await two.say("430[7,\"only the first value counts\"]")
            XCTAssertEqual(notes.all, [])
            await one.say("430[8]", "430[9]")
            XCTAssertEqual(notes.all, ["7, 8"])
        }
    }

    func testIdsAreCountedByNamespaceForCallsOfEveryKind() async throws {
        let io = SocketIO(options: quiet) { root in
            root.on("one") { socket async in _ = try? await socket.call("o", as: Int.self) }
            root.on("all") { socket async in
                _ = try? await socket.namespace.call("a", as: Int.self)
            }
            root.namespace("/n") { other in
                other.on("one") { socket async in _ = try? await socket.call("o", as: Int.self) }
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("40/n,")
            _ = wire.take()
            await wire.say("42[\"one\"]", "42[\"all\"]", "42[\"one\"]")
            await wire.say("42/n,[\"one\"]")
            XCTAssertEqual(
                wire.take(),
                ["420[\"o\"]", "421[\"a\"]", "422[\"o\"]", "42/n,0[\"o\"]"]
            )
        }
    }

    func testNobodyToAskIsAnEmptyAnswerAtOnce() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.asking(notes)) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"ask\",\"nobody\"]")
            XCTAssertEqual(notes.all, [""])
        }
    }

    func testASilentReceiverIsATimeoutAndTheAnswersOfTheOthersAreThere() async throws {
        let (notes, clock) = (Notes(), ManualClock())
        try await withTestServer(App(), Self.asking(notes), clock: clock) { server in
            let (one, two) = (
                try await server.browser().joined(), try await server.browser().joined()
            )
            for wire in [one, two] { await wire.say("42[\"join\",\"r\"]") }
            let timers = server.door.driver.loop.timerCount
            await one.say("42[\"ask\",\"r\"]")
            await one.say("430[7]")
            await clock.advance(by: .milliseconds(4_999))
            XCTAssertEqual(notes.all, [])
            await clock.advance(by: .milliseconds(1))
            XCTAssertEqual(notes.all, ["7, call: timeout"])
            await two.say("430[8]")
            XCTAssertEqual(notes.count, 1)
            XCTAssertEqual(server.door.driver.loop.timerCount, timers)
        }
    }

    func testAReceiverThatLeavesIsCountedAtOnceAndOneThatComesIsNotAsked() async throws {
        let (notes, clock) = (Notes(), ManualClock())
        try await withTestServer(App(), Self.asking(notes), clock: clock) { server in
            let (one, two) = (
                try await server.browser().joined(), try await server.browser().joined()
            )
            for wire in [one, two] { await wire.say("42[\"join\",\"r\"]") }
            await one.say("42[\"ask\",\"r\"]")
            await one.say("430[7]")
            let late = try await server.browser().joined()
            await late.say("42[\"join\",\"r\"]")
            XCTAssertEqual(late.take(), [])
            await two.say("41")
            XCTAssertEqual(notes.all, ["7, call: disconnected"])
        }
    }

    func testAReceiverThatHasJustLeftIsCountedWhereTheRoomHadItStill() async throws {
        let held = Locked<Socket?>(nil)
        let io = SocketIO(options: quiet) { root in
            root.onConnection { socket in held.withLock { [socket] in $0 = socket } }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("41")
            let socket = try XCTUnwrap(held.withLock { $0 })
            let collector = AnswerCollector()
            let question = Question(
                id: 0,
                event: try socket.territory.encode("q", EncodedArguments(), id: 0),
                timeout: .seconds(1),
                collector: collector
            )
            // As a registry on another loop asks that has not heard of the end yet.
            collector.expect(1)
            let answers = try await server.run {
                socket.ask(question)
                return await collector.wait()
            }
            XCTAssertEqual(answers.map { Self.outcome($0.map(\.count)) }, ["call: disconnected"])
        }
    }

    func testAnAnswerThatIsAnErrorOrOfAnotherTypeIsAFailureOfThatReceiver() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.asking(notes)) { server in
            let (one, two) = (
                try await server.browser().joined(), try await server.browser().joined()
            )
            for wire in [one, two] { await wire.say("42[\"join\",\"r\"]") }
            await one.say("42[\"ask\",\"r\"]")
            await one.say("430[{\"error\":{\"message\":\"no stock\"}}]")
            await two.say("430[\"seven\"]")
            let parts = notes.all.first?.split(separator: ", ", maxSplits: 1) ?? []
            XCTAssertEqual(parts.first, "call: no stock")
            XCTAssertTrue(parts.last?.contains("typeMismatch") == true, "\(notes.all)")
        }
    }

    func testACancelledCallThrowsAndLeavesNothingBehind() async throws {
        let (notes, clock) = (Notes(), ManualClock())
        let io = SocketIO(options: quiet) { root in
            root.on("ask") { socket async in
                do {
                    _ = try await socket.namespace.call(
                        Self.question,
                        "x",
                        timeout: .seconds(3)
                    )
                } catch {
                    notes.add("\(error is CancellationError)")
                }
            }
        }
        try await withTestServer(App(), io, clock: clock) { server in
            let (one, two) = (
                try await server.browser().joined(), try await server.browser().joined()
            )
            let timers = server.door.driver.loop.timerCount
            await one.say("42[\"ask\"]")
            XCTAssertEqual(two.take(), ["420[\"q\",\"x\"]"])
            // The handler's socket leaves, which cancels it.
            await one.say("41")
            XCTAssertEqual(notes.all, ["true"])
            await clock.advance(by: .seconds(3))
            XCTAssertEqual(server.door.driver.loop.timerCount, timers)
        }
    }

    func testARemoteSocketGivesItsOneAnswer() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.on("ask") { socket async throws in
                let all = try await socket.namespace.fetchSockets()
                let other = try XCTUnwrap(all.first { $0.id != socket.id })
                notes.add("\(try await other.call(Self.question, "x"))")
                try await other.disconnect()
                do {
                    notes.add("\(try await other.call(Self.question, "x"))")
                } catch {
                    notes.add("\(error)")
                }
            }
        }
        try await withTestServer(App(), io) { server in
            let (one, two) = (
                try await server.browser().joined(), try await server.browser().joined()
            )
            await one.say("42[\"ask\"]")
            await two.say("430[7]")
            XCTAssertEqual(notes.all, ["7", "call: disconnected"])
            XCTAssertEqual(one.take(), [])
        }
    }
}
