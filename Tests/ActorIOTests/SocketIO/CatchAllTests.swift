import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Several handlers, catch-all handlers and packet middleware: who sees an event, and when.
final class CatchAllTests: XCTestCase {
    private struct Refused: Error {}

    func testAllHandlersOfAnEventRunInTheOrderTheyWereWritten() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.on("e") { (_, text: String) in notes.add("first \(text)") }
            root.on("e") { (_, text: String) async in notes.add("second \(text)") }
            root.on("e") { (_, text: String) in notes.add("third \(text)") }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("427[\"e\",\"x\"]")
            XCTAssertEqual(notes.all, ["first x", "second x", "third x"])
            XCTAssertEqual(wire.take(), ["437[]"])
        }
    }

    func testOneAcknowledgementIsGivenByTheFirstHandlerThatAnswers() async throws {
        let io = SocketIO(options: quiet) { root in
            root.on("e") { (_, _: String) in }
            root.on("e") { (_, text: String) in text + "!" }
            root.on("e") { (_, text: String) in text + "?" }
            root.on("plain") { _ in }
            root.on("plain") { _ async in }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("421[\"e\",\"x\"]", "422[\"plain\"]")
            XCTAssertEqual(wire.take(), ["431[\"x!\"]", "432[]"])
        }
    }

    func testACatchAllHandlerSeesEveryEventBeforeMiddlewareAndHandlers() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.onError { _, event in notes.add("error \(event.name)") }
            root.on("known") { (_, number: Int) in notes.add("handler \(number)") }
            root.use { (_, event) throws in
                notes.add("middleware \(event.name)")
                if event.name == "refused" { throw Refused() }
            }
            root.onAny { (_, event) in
                let first = (try? event.arguments.decode(0, as: Int.self)) ?? -1
                notes.add("any \(event.name) \(first) \(event.wantsAnswer)")
            }
            root.onAny { (_, event) async in notes.add("late \(event.name)") }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("420[\"known\",5]", "42[\"unknown\"]", "421[\"refused\"]")
            XCTAssertEqual(
                notes.all,
                [
                    "any known 5 true", "late known", "middleware known", "handler 5",
                    "any unknown -1 false", "late unknown", "middleware unknown",
                    "any refused -1 true", "late refused", "middleware refused", "error refused",
                ]
            )
            XCTAssertEqual(wire.take(), ["430[]"], "a client is told nothing of a refused event")
            XCTAssertFalse(wire.isEnded)
        }
    }

    func testRefusedEventsDoNotFillTheLog() async throws {
        let lines = Notes()
        var options = quiet
        options.log = Log(level: .info) { lines.add($0.message) }
        let io = SocketIO(options: options) { root in
            root.use { (_, event) throws in
                if event.name == "no" { throw Refused() }
            }
            root.on("fails") { _ throws in throw Refused() }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"no\"]", "42[\"no\"]", "42[\"fails\"]")
            XCTAssertEqual(lines.all.filter { $0.contains("handler") }.count, 1)
            XCTAssertFalse(lines.all.contains { $0.contains("not taken") })
        }
    }

    func testMiddlewareRunsInOrderAndTheFirstRefusalEndsIt() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.onError { _, event in notes.add("error \(event.name)") }
            root.use { (_, _) in notes.add("a") }
            root.use { (_, event) async throws in
                notes.add("b")
                if event.name == "no" { throw Refused() }
            }
            root.use { (_, _) in notes.add("c") }
            root.on("no") { _ in notes.add("handler") }
            root.on("yes") { _ in notes.add("handler") }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"no\"]", "42[\"yes\"]")
            XCTAssertEqual(notes.all, ["a", "b", "error no", "a", "b", "c", "handler"])
        }
    }

    func testEventsDoNotOvertakeOneAnotherWhileMiddlewareWaits() async throws {
        let (notes, gate) = (Notes(), Gate())
        let io = SocketIO(options: quiet) { root in
            root.use { (_, event) async in
                if event.name == "slow" { await gate.pass() }
            }
            root.on("slow") { _ in notes.add("slow") }
            root.on("fast") { _ in notes.add("fast") }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            let other = try await server.browser().joined()
            await wire.say("42[\"slow\"]", "42[\"fast\"]", "42[\"fast\"]")
            XCTAssertEqual(notes.all, [])
            await other.say("42[\"fast\"]")
            XCTAssertEqual(notes.all, ["fast"], "only its own socket waits")
            gate.open()
            await wire.rest()
            XCTAssertEqual(notes.all, ["fast", "slow", "fast", "fast"])
        }
    }

    func testAnEventWhoseMiddlewareOutlivesTheSocketReachesNoHandler() async throws {
        let (notes, gate) = (Notes(), Gate())
        let io = SocketIO(options: quiet) { root in
            root.use { (_, _) async in await gate.pass() }
            root.on("e") { _ in notes.add("handler") }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"e\"]", "42[\"e\"]", "41")
            gate.open()
            await wire.rest()
            XCTAssertEqual(gate.arrivals, 1)
            XCTAssertEqual(notes.all, [])
        }
    }

    func testWhatIsSentToASocketIsShownOnceForEachReceiver() async throws {
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.onAnyOutgoing { socket, event in
                let first = (try? event.arguments.decode(0, as: String.self)) ?? "none"
                notes.add("\(socket.id) \(event.name) \(first)")
            }
            root.on("direct") { socket in try socket.emit("d", "x") }
            root.on("all") { socket in try await socket.namespace.emit("a", "y") }
            root.on("ask") { socket async throws in
                let _: Int = try await socket.call("q", "z")
            }
            root.on("ack") { _ in "answer" }
        }
        try await withTestServer(App(), io) { server in
            let first = try await server.browser().connect()
            let second = try await server.browser().connect()
            await second.answer("q") { _ in 1 }
            _ = try await first.ask("direct")
            _ = try await first.ask("all")
            _ = try await second.ask("ask")
            _ = try await second.ask("ack")
            XCTAssertEqual(
                notes.all.sorted(),
                [
                    "\(first.id) a y", "\(first.id) d x", "\(second.id) a y", "\(second.id) q z",
                ].sorted()
            )
        }
    }

    func testSendIsAnEventNamedMessage() async throws {
        let io = SocketIO(options: quiet) { root in
            root.on("direct") { socket in try socket.send("x", 1) }
            root.on("all") { socket in try await socket.namespace.send("y") }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("42[\"direct\"]", "42[\"all\"]")
            XCTAssertEqual(wire.take(), ["42[\"message\",\"x\",1]", "42[\"message\",\"y\"]"])
        }
    }
}
