import XCTest

@testable import ActorIO

/// A handshake is entered in the room of its session, and only then the store is asked.
final class SessionEntryTests: XCTestCase {
    /// The session ends in the moment in which a connection is entered.
    private final class EndingMembers: SessionMembers {
        private let store: SessionStore

        init(_ store: SessionStore) {
            self.store = store
        }

        func enter(_ session: SessionID, as member: HandshakeMember) async {
            _ = try? await store.end([session])
        }

        func close(_ session: SessionID, mayReconnect: Bool) async -> Int { 0 }
    }

    func testASessionThatEndsWhileItsConnectionIsEnteredIsDeadForTheRequest() throws {
        let bench = SessionBench()
        let session = Middleware.session(bench.store, secret: "changeit")
        let chain = Middleware.chain([session]) { request in
            try await request.session.update { $0[Visits.self] += 1 }
            return .text(request[SessionSlot.self]?.liveID == nil ? "dead" : "alive")
        }
        var browser = FakeBrowser()
        browser.take(try bench.run { [browser] in try await chain(browser.request()) })

        let look = Middleware.chain([session]) { request in
            .text(request[SessionSlot.self]?.liveID == nil ? "dead" : "alive")
        }
        let alive = try bench.run { [browser] in try await look(browser.request()) }
        XCTAssertEqual(alive.body, Array("alive".utf8))

        var request = browser.request()
        request[HandshakeEntry.self] = HandshakeEntry(
            members: EndingMembers(bench.store),
            member: HandshakeMember(id: 1)
        )
        let ended = try bench.run { [request] in try await look(request) }
        XCTAssertEqual(ended.body, Array("dead".utf8))
    }
}
