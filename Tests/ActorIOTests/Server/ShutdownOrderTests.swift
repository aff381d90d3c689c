import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Which end comes first when a server stops.
final class ShutdownOrderTests: XCTestCase {
    private static func make(_ gate: Gate, _ notes: Notes) -> (App, SocketIO) {
        func fill(_ plan: inout Namespace, _ name: String) {
            plan.onDisconnecting { _, reason in notes.add("\(name) first \(reason.rawValue)") }
            plan.onDisconnect { _, _ in notes.add("\(name) then") }
        }
        let io = SocketIO(options: quiet) { root in
            fill(&root, "/")
            root.namespace("/admin") { admin in fill(&admin, "/admin") }
        }
        var app = App()
        app.get("/slow") { _ in
            await gate.pass()
            notes.add("answered")
            return .text("done")
        }
        return (app, io)
    }

    func testSocketsAreToldAtOnceAndARequestThatIsAnsweredStillEnds() async throws {
        let (gate, notes, clock) = (Gate(), Notes(), ManualClock())
        let (app, io) = Self.make(gate, notes)
        try await withTestServer(app, io, clock: clock) { server in
            let wire = try await server.browser().joined()
            await wire.say("40/admin,")
            _ = wire.take()
            let request = try await Wire.open(server.browser())
            await request.send(Array(get("/slow").utf8))
            let stop = await Self.stop(server)
            await server.rest()
            XCTAssertEqual(wire.take(), ["close 1001"])
            XCTAssertEqual(
                notes.all.sorted(),
                [
                    "/ first server shutting down", "/ then", "/admin first server shutting down",
                    "/admin then",
                ]
            )
            XCTAssertNil(request.response)
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
            gate.open()
            await request.rest()
            XCTAssertEqual(request.body, "done")
            XCTAssertEqual(notes.all.last, "answered")
            await clock.advance(by: .seconds(60))
            await stop?.value
            // Once more, as whoever does not know that it has stopped.
            let again = await Self.stop(server)
            await clock.advance(by: .seconds(60))
            await again?.value
            XCTAssertEqual(notes.count, 5)
        }
    }

    /// A stop that has begun.
    private static func stop(_ server: TestServer) async -> Task<Void, Never>? {
        var stop: Task<Void, Never>?
        await withCheckedContinuation { begun in
            stop = Task {
                try? await server.run {
                    begun.resume()
                    await server.server.stop()
                }
            }
        }
        return stop
    }
}
