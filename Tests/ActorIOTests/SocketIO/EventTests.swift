import Synchronization
import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Events on their way to their handlers: types, names, order, failures.
final class EventTests: XCTestCase {
    private enum Game {
        static let none = Signal("none")
        static let one = Event<String>("one")
        static let two = Event<String, Int>("two")
        static let three = Event<String, Int, [Double]>("three")
        static let waitNone = Signal("wait none")
        static let waitOne = Event<String>("wait one")
        static let waitTwo = Event<String, Int>("wait two")
        static let waitThree = Event<String, Int, [Double]>("wait three")
        static let ask = Call<Int>("ask")
        static let askOne = Call<Int, Int>("ask one")
        static let askTwo = Call<Int, Int, Int>("ask two")
        static let askThree = Call<[String: Int], Int, Int, Int>("ask three")
    }

    func testTypedEventsOfNoneToThreeArgumentsReachBothKindsOfHandlers() async throws {
        let notes = Notes()
        let pause: @Sendable () async -> Void = { await Task.yield() }
        let io = SocketIO(options: quiet) { root in
            root.on(Game.none) { _ in notes.add("none") }
            root.on(Game.one) { _, a in notes.add("one \(a)") }
            root.on(Game.two) { _, a, b in notes.add("two \(a) \(b)") }
            root.on(Game.three) { _, a, b, c in notes.add("three \(a) \(b) \(c)") }
            root.on(Game.waitNone) { _ in
                await pause()
                notes.add("wait none")
            }
            root.on(Game.waitOne) { _, a in
                await pause()
                notes.add("wait one \(a)")
            }
            root.on(Game.waitTwo) { _, a, b in
                await pause()
                notes.add("wait two \(a) \(b)")
            }
            root.on(Game.waitThree) { _, a, b, c in
                await pause()
                notes.add("wait three \(a) \(b) \(c)")
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            for prefix in ["", "wait "] {
                await wire.say("42[\"\(prefix)none\"]")
                await wire.say("42[\"\(prefix)one\",\"x\"]")
                await wire.say("42[\"\(prefix)two\",\"x\",2]")
                await wire.say("42[\"\(prefix)three\",\"x\",2,[1.5]]")
            }
            let words = ["none", "one x", "two x 2", "three x 2 [1.5]"]
            XCTAssertEqual(notes.all, words + words.map { "wait " + $0 })
            XCTAssertEqual(wire.take(), [])
        }
    }

    func testTypedCallsOfNoneToThreeArgumentsAnswer() async throws {
        let io = SocketIO(options: quiet) { root in
            root.on(Game.ask) { _ in 1 }
            root.on(Game.askOne) { _, a in a + 1 }
            root.on(Game.askTwo) { _, a, b in
                await Task.yield()
                return a + b
            }
            root.on(Game.askThree) { _, a, b, c in ["sum": a + b + c] }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("420[\"ask\"]", "421[\"ask one\",1]", "4222[\"ask two\",1,2]")
            await wire.say("42333[\"ask three\",1,2,3]")
            XCTAssertEqual(wire.take(), ["430[1]", "431[2]", "4322[3]", "43333[{\"sum\":6}]"])
        }
    }

    func testRawNamesTakeTypedArgumentsAndUnknownEventsAreNoOffence() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.on("") { _ in notes.add("empty") }
            root.on("legacy") { (_, room: String, number: Int) in notes.add("\(room) \(number)") }
            root.on("42") { _ in notes.add("number") }
            root.on("caf\u{E9}") { _ in notes.add("composed") }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"legacy\",\"r\",7]", "42[\"\"]", "42[42]")
            await wire.say("42[\"nobody\",1]", "42[\"__proto__\"]", "42[\"cafe\u{301}\"]")
            await wire.say("42[\"caf\u{E9}\"]", "42[\"caf\\u00e9\"]")
            XCTAssertEqual(
                notes.all,
                ["r 7", "empty", "number", "composed", "composed"]
            )
            XCTAssertEqual(wire.take(), [])
        }
    }

    func testAWrongPayloadIsAnErrorToTheAskerAndToOnErrorOnce() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.on(Game.askOne) { _, a in a }
            root.on(Game.waitOne) { _, a in
                await Task.yield()
                notes.add("ran")
            }
            root.onError { error, event in
                notes.add("\(event.name) \(event.namespace) \(error is DecodingError)")
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("425[\"ask one\",\"x\"]", "42[\"ask one\"]", "426[\"wait one\",{}]")
            XCTAssertEqual(
                wire.take(),
                [
                    "435[{\"error\":{\"message\":\"invalid payload\"}}]",
                    "436[{\"error\":{\"message\":\"invalid payload\"}}]",
                ]
            )
            XCTAssertEqual(notes.all, ["ask one / true", "ask one / true", "wait one / true"])
            await wire.say("427[\"ask one\",3]")
            XCTAssertEqual(wire.take(), ["437[3]"])
        }
    }

    func testAHandlerThatThrowsFailsItsOwnEventOnly() async throws {
        struct Secret: Error {}
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.on("secret") { _ in throw Secret() }
            root.on("told") { _ in
                await Task.yield()
                throw CallError(.failed, "not today")
            }
            root.on("http") { _ in throw HTTPError(.notFound) }
            root.on("fine") { _ in 1 }
            root.onError { error, event in notes.add(event.name) }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("421[\"secret\"]")
            await wire.say("422[\"told\"]")
            await wire.say("423[\"http\"]", "424[\"fine\"]", "42[\"secret\"]")
            XCTAssertEqual(
                wire.take(),
                [
                    "431[{\"error\":{\"message\":\"internal error\"}}]",
                    "432[{\"error\":{\"message\":\"not today\"}}]",
                    "433[{\"error\":{\"message\":\"Not Found\"}}]", "434[1]",
                ]
            )
            XCTAssertEqual(notes.all, ["secret", "told", "http", "secret"])
        }
    }

    func testHandlersStartInTheOrderOfTheirEventsAlsoWhenTheySuspend() async throws {
        let (gate, notes) = (Gate(), Notes())
        let io = SocketIO(options: quiet) { root in
            root.on("wait") { (_, number: Int) in
                notes.add("start \(number)")
                await gate.pass()
                notes.add("end \(number)")
            }
            root.on("now") { (_, number: Int) in notes.add("now \(number)") }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say(
                "42[\"wait\",0]",
                "42[\"now\",1]",
                "42[\"wait\",2]",
                "42[\"now\",3]",
                "42[\"wait\",4]"
            )
            let begun = ["start 0", "now 1", "start 2", "now 3", "start 4"]
            XCTAssertEqual(notes.all, begun)
            gate.open()
            await wire.rest()
            XCTAssertEqual(notes.all, begun + ["end 0", "end 2", "end 4"])
        }
    }

    func testAHandlerRunsToItsFirstSuspensionBeforeTheNextStarts() async throws {
        let notes = Notes()
        let gate = Gate()
        let io = SocketIO(options: quiet) { root in
            root.on("wait") { (socket, number: Int) in
                for step in 0..<3 { notes.add("\(number).\(step)") }
                await gate.pass()
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"wait\",0]", "42[\"wait\",1]")
            XCTAssertEqual(notes.all, ["0.0", "0.1", "0.2", "1.0", "1.1", "1.2"])
            gate.open()
        }
    }

    func testADirectHandlerCostsNoTask() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.on("direct") { socket in
                notes.add("\(socket.loop.runningTasks) \(socket.tasks.count)")
            }
            root.on("suspending") { socket in
                notes.add("\(socket.loop.runningTasks)")
                await Task.yield()
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"direct\"]", "42[\"suspending\"]")
            XCTAssertEqual(notes.all, ["0 0", "1"])
        }
    }

    func testEventsBehindCONNECTWaitForTheConnectionHandlerAndStayInOrder() async throws {
        let (gate, notes) = (Gate(), Notes())
        let io = SocketIO(options: quiet) { root in
            root.onConnection { _ in
                await gate.pass()
                notes.add("connected")
            }
            root.on("now") { (_, number: Int) in notes.add("\(number)") }
            root.on("wait") { (_, number: Int) in
                notes.add("\(number)")
                await Task.yield()
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            var frames = ClientCodec.frame(text: Array("40".utf8))
            for number in 0..<150 {
                let name = number % 2 == 0 ? "now" : "wait"
                frames += ClientCodec.frame(text: Array("42[\"\(name)\",\(number)]".utf8))
            }
            await wire.send(frames)
            XCTAssertEqual(notes.all, [])
            gate.open()
            await wire.rest()
            XCTAssertEqual(notes.all, ["connected"] + (0..<150).map { "\($0)" })
        }
    }

    func testTheQueueBehindAConnectionHandlerIsBounded() async throws {
        let gate = Gate()
        let io = SocketIO(options: quiet) { root in
            root.onConnection { _ in await gate.pass() }
            root.on("now") { (_, number: Int) in }
        }
        try await withTestServer(App(), io) { server in
            let tab = try await server.browser().connect()
            for number in 0..<500 { try await tab.emit("now", number) }
            let waiting = try await server.run {
                var count = 0
                for session in await io.core.engine.server.all {
                    count += await session.waitingEvents
                }
                return count
            }
            XCTAssertEqual(waiting, 63)
            gate.open()
        }
    }

    func testTheKitGivesEachEventOnceAndInTheirOrder() async throws {
        let io = SocketIO(options: quiet)
        try await withTestServer(App(), io) { server in
            let socket = try await server.browser().connect()
            for number in 1...3 { try await server.act { try await io.emit("n", number) } }
            for number in 1...3 {
                let came = try await socket.next("n").decode(0, as: Int.self)
                XCTAssertEqual(came, number)
            }
            let rest = await socket.pending
            XCTAssertEqual(rest, [])
        }
    }

    func testEmittingAReservedNameIsAnError() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.on("go") { socket in
                for name in ["connect", "disconnect", "connect_error", "newListener"] {
                    do { try socket.emit(name) } catch { notes.add("\(error)") }
                }
                try socket.emit("connection")
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"go\"]")
            XCTAssertEqual(wire.take(), ["42[\"connection\"]"])
            XCTAssertEqual(notes.count, 4)
            do {
                try await server.run { try await io.emit("disconnecting") }
                XCTFail("emitted")
            } catch {
                XCTAssertTrue(error is ReservedEventName)
            }
        }
    }
}

extension EngineSession {
    /// How many events of all its sockets wait for a connection handler.
    var waitingEvents: Int {
        (receiver as? Client)?.sockets.reduce(0) { $0 + $1.onLoop { $0.waitingEvents.count } } ?? 0
    }
}
