import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Questions and answers, both ways, each answered exactly once.
final class AckTests: XCTestCase {
    private static func asking(_ notes: Notes, timeout: Duration = .seconds(2)) -> SocketIO {
        SocketIO(options: quiet) { root in
            root.on("ask") { socket in
                do {
                    let answer: Int = try await socket.call("q", "x", timeout: timeout)
                    notes.add("answer \(answer)")
                } catch {
                    notes.add("\(error)")
                }
            }
        }
    }

    func testTheServerAsksAndTheFirstValueOfTheAnswerCounts() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.asking(notes)) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"ask\"]")
            XCTAssertEqual(wire.take(), ["420[\"q\",\"x\"]"])
            await wire.say("430[7,8]")
            XCTAssertEqual(notes.all, ["answer 7"])
            await wire.say("42[\"ask\"]")
            XCTAssertEqual(wire.take(), ["421[\"q\",\"x\"]"])
            await wire.say("430[1]", "439[1]", "431[2]", "431[3]")
            XCTAssertEqual(notes.all, ["answer 7", "answer 2"])
        }
    }

    func testTheTimeLimitOfACallIsExactAndALateAnswerIsIgnored() async throws {
        let (notes, clock) = (Notes(), ManualClock())
        try await withTestServer(App(), Self.asking(notes), clock: clock) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"ask\"]")
            await clock.advance(by: .milliseconds(1_999))
            XCTAssertEqual(notes.all, [])
            await clock.advance(by: .milliseconds(1))
            XCTAssertEqual(notes.all, ["call: timeout"])
            await wire.say("430[7]")
            XCTAssertEqual(notes.all, ["call: timeout"])
            XCTAssertEqual(wire.take(), ["420[\"q\",\"x\"]"])
        }
    }

    func testACallFailsOnceWhenTheClientLeavesAndNoTimerStaysBehind() async throws {
        let (notes, clock) = (Notes(), ManualClock())
        try await withTestServer(App(), Self.asking(notes), clock: clock) { server in
            let wire = try await server.browser().joined()
            let timers = server.door.driver.loop.timerCount
            for _ in 0..<3 { await wire.say("42[\"ask\"]") }
            XCTAssertEqual(server.door.driver.loop.timerCount, timers + 3)
            await wire.say("41")
            XCTAssertEqual(notes.all, Array(repeating: "call: disconnected", count: 3))
            XCTAssertEqual(server.door.driver.loop.timerCount, timers)
            await clock.advance(by: .seconds(10))
            XCTAssertEqual(notes.count, 3)
        }
    }

    func testACallFailsWhenItsTaskIsCancelled() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.on("ask") { socket in
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        do {
                            let _: Int = try await socket.call("q")
                        } catch {
                            notes.add("\(error is CancellationError)")
                        }
                    }
                    await Task.yield()
                    group.cancelAll()
                }
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"ask\"]")
            XCTAssertEqual(notes.all, ["true"])
            await wire.say("430[1]", "42[\"ask\"]")
            XCTAssertEqual(notes.all, ["true", "true"])
        }
    }

    func testAnAnswerOfAnotherTypeOrAFailureIsThrown() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.asking(notes)) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"ask\"]", "42[\"ask\"]", "42[\"ask\"]")
            await wire.say("430[{\"error\":{\"message\":\"no\"}}]", "431[\"x\"]", "432[]")
            XCTAssertEqual(notes.count, 3)
            XCTAssertEqual(notes.all.first, "call: no")
            XCTAssertFalse(notes.all.contains { $0.hasPrefix("answer") })
        }
    }

    func testAnAnswerToAnotherNamespacesQuestionIsIgnored() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.on("ask") { socket in
                let answer: Int? = try? await socket.call("q", timeout: .seconds(1))
                notes.add("\(answer ?? -1)")
            }
            root.namespace("/other") { _ in }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("40/other,", "42[\"ask\"]", "43/other,0[1]")
            XCTAssertEqual(notes.all, [])
            await wire.say("430[2]")
            XCTAssertEqual(notes.all, ["2"])
        }
    }

    func testEveryAnswerAClientAsksForIsGivenOnceAlsoByEvents() async throws {
        let io = SocketIO(options: quiet) { root in
            root.on("event") { _ in }
            root.on("wait") { _ in await Task.yield() }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("420[\"event\"]", "421[\"wait\"]", "420[\"event\"]")
            XCTAssertEqual(wire.take().sorted(), ["430[]", "430[]", "431[]"])
        }
    }

    func testTheKitAnswersTheServersCalls() async throws {
        let place = Call<String, Int>("place")
        let io = SocketIO(options: quiet) { root in
            root.on("go") { socket in try await socket.call(place, 3) }
        }
        try await withTestServer(App(), io) { server in
            for transport in Browser.Transport.allCases {
                let tab = try await server.browser().connect(transport: transport)
                await tab.answer("place") { arguments in
                    "got \(try arguments.decode(0, as: Int.self))"
                }
                let answer: String = try await tab.call("go")
                XCTAssertEqual(answer, "got 3")
            }
        }
    }
}
