import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What a socket knows of the request that opened its connection.
final class SocketHandshakeTests: XCTestCase {
    private struct Key: Codable, Sendable { var key: String }

    func testTheHandshakeIsTheFirstRequestAndAuthIsOfEachNamespace() async throws {
        let notes = Notes()
        func note(_ plan: inout Namespace) {
            plan.onConnection { socket in
                let facts = socket.handshake
                let key = (try? socket.auth(as: Key.self))?.key ?? "none"
                notes.add(
                    "\(facts.url) \(facts.query["token"] ?? "") \(facts.headers["x-test"] ?? "") "
                        + "\(facts.hasOrigin) \(facts.isSecure) \(facts.issued) \(key)"
                )
            }
        }
        let clock = ManualClock()
        let io = SocketIO(options: quiet) { root in
            note(&root)
            root.namespace("/n") { note(&$0) }
        }
        try await withTestServer(App(), io, clock: clock) { server in
            let issued = server.door.driver.loop.unixMilliseconds
            let target = "EIO=4&transport=websocket&token=a%20b"
            let wire = try await server.browser().webSocket(target, headers: ["X-Test": "yes"])
            await clock.advance(by: .seconds(3))
            await wire.say("40", "40/n,{\"key\":\"k\"}")
            let url = "/socket.io/?\(target)"
            XCTAssertEqual(
                notes.all,
                [
                    "\(url) a b yes false false \(issued) none",
                    "\(url) a b yes false false \(issued) k",
                ]
            )
        }
    }
}
