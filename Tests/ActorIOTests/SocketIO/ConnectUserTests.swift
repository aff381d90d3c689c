import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// A connection belongs to one user, whose room it is in while somebody on it says so.
final class ConnectUserTests: XCTestCase {
    private static let other =
        "{\"message\":\"this connection belongs to another user\","
        + "\"data\":{\"code\":\"other_user\",\"status\":403}}"

    func testTheSecondUserOfAConnectionIsRefusedAndTheFirstStays() async throws {
        let io = Tokens.server()
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined(token: "john")
            await wire.say("40/other,{\"token\":\"jane\"}", "421[\"who\"]")
            XCTAssertEqual(wire.take().sorted(), ["431[\"john\"]", "44/other," + Self.other])
            let jane = try await server.run { await io.count(of: 2, in: "/other") }
            XCTAssertEqual(jane, 0)
            await wire.say("40/other,{\"token\":\"john\"}")
            await wire.say("42/other,2[\"who\"]")
            XCTAssertEqual(wire.take().last, "43/other,2[\"john\"]")
            // The connection is free again when the last of a user has left.
            await wire.say("41", "40{\"token\":\"jane\"}")
            XCTAssertEqual(wire.take(), ["44" + Self.other])
            await wire.say("41/other,", "40{\"token\":\"jane\"}")
            await wire.say("423[\"who\"]")
            XCTAssertEqual(wire.take().last, "433[\"jane\"]")
            let counts = try await server.run { [await io.count(of: 1), await io.count(of: 2)] }
            XCTAssertEqual(counts, [0, 1])
        }
    }

    func testTwoUsersAtOnceOnOneConnectionOneIsLetIn() async throws {
        let gate = Gate()
        let hold = Middleware { request, next in
            await gate.pass()
            return try await next(request)
        }
        let io = Tokens.server(before: [hold])
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40{\"token\":\"john\"}", "40/other,{\"token\":\"jane\"}")
            XCTAssertEqual(gate.arrivals, 2)
            gate.open()
            await wire.rest()
            let answers = wire.take().sorted()
            XCTAssertEqual(answers.count, 2)
            XCTAssertEqual(answers.filter { $0.contains("other_user") }.count, 1, "\(answers)")
        }
    }

    func testAHandshakeThatHasAUserGivesTheConnectionToIt() async throws {
        let store = SessionStore()
        let (app, _, _) = makePassportExample(store: store)
        let session = Middleware.session(store, secret: "changeit")
        let passport = Passport<Member>.local { _, _ in nil }
        let io = SocketIO(
            handshake: [session, passport.session],
            connect: [session, passport.session, Tokens.bearer, .require(Member.self)],
            options: quiet
        ) { root in Tokens.fill(&root, Notes()) }
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn("john")
            // Without a token the chain goes by the cookie.
            let wire = try await browser.webSocket()
            await wire.say("40")
            await wire.say("421[\"who\"]", "422[\"rooms\"]")
            let answers = wire.take().suffix(2)
            XCTAssertEqual(answers.first, "431[\"john\"]")
            XCTAssertTrue(answers.last?.contains("\"user:1\"") == true)
            XCTAssertTrue(answers.last?.contains("\"session:") == true)
            await wire.say("41", "40{\"token\":\"jane\"}")
            XCTAssertEqual(wire.take(), ["44" + Self.other])
            await wire.say("40{\"token\":\"john\"}")
            XCTAssertTrue(wire.take().first?.hasPrefix("40{") == true)
            // Nobody at the handshake: the token says who it is.
            let guest = try await server.browser().joined(token: "jane")
            await guest.say("423[\"who\"]")
            XCTAssertEqual(guest.take(), ["433[\"jane\"]"])
        }
    }

    func testTheRoomOfTheUserHoldsEveryNamespaceOfTheConnectionUntilTheLastThatSaysSoLeaves()
        async throws
    {
        let notes = Notes()
        let io = SocketIO(connect: [Tokens.bearer], options: quiet) { root in
            Tokens.fill(&root, notes)
            root.namespace("/other") { other in Tokens.fill(&other, notes) }
            root.namespace("/third") { third in Tokens.fill(&third, notes) }
        }
        try await withTestServer(App(), io) { server in
            @Sendable func counts() async throws -> [Int] {
                try await server.act {
                    var counts: [Int] = []
                    for name in ["/", "/other", "/third"] {
                        counts.append(await io.count(of: 1, in: name))
                    }
                    return counts
                }
            }
            let tab = try await server.browser().connect()
            let other = try await tab.connection.join("/other", token: "john")
            var found = try await counts()
            XCTAssertEqual(found, [1, 1, 0], "who joined as nobody is on the same connection")
            let third = try await tab.connection.join("/third", token: "john.900")
            found = try await counts()
            XCTAssertEqual(found, [1, 1, 1])
            let rooms: [String] = try await tab.call("rooms")
            XCTAssertEqual(rooms.filter { $0.hasPrefix("user:") }, ["user:1"])
            await other.disconnect()
            found = try await counts()
            XCTAssertEqual(found, [1, 0, 1])
            await third.disconnect()
            found = try await counts()
            XCTAssertEqual(found, [0, 0, 0])
            await tab.close()
            await server.rest()
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    func testTheRoomsAreThereForTheHandlersOfTheLeaving() async throws {
        let notes = Notes()
        let io = Tokens.server { root in
            root.onDisconnecting { socket, _ in
                let rooms = await socket.rooms.map(\.description)
                notes.add("first \(rooms.contains("user:1"))")
            }
            root.onDisconnect { socket, _ in
                let rooms = await socket.rooms.map(\.description)
                notes.add("then \(rooms.contains("user:1"))")
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined(token: "john")
            await wire.say("41")
            XCTAssertEqual(notes.all, ["first true", "then false"])
        }
    }

    func testManyRefusalsOnOneConnectionLeaveNoRoomBehind() async throws {
        let store = SessionStore()
        let (app, _, _) = makePassportExample(store: store)
        let session = Middleware.session(store, secret: "changeit")
        let chain = [
            session,
            Middleware { request, next in
                guard request[SessionSlot.self]?.liveID != nil else { throw HTTPError.sessionEnded }
                return try await next(request)
            },
        ]
        let io = SocketIO(connect: chain, options: Tokens.calm)
        try await withTestServer(app, io) { server in
            var dead: [String] = []
            for _ in 0..<20 {
                let browser = server.browser()
                try await browser.logIn()
                dead.append(browser.sessionToken)
                try await browser.post("/logout")
            }
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            for token in dead {
                await wire.say("40{\"token\":\"\(token)\"}")
                XCTAssertTrue(wire.take().first?.contains("session_ended") == true)
            }
            let rooms = try await server.run { await io.core.registry.connectionRoomCount }
            XCTAssertEqual(rooms, 0)
            await wire.close()
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
        }
    }

    // H5

    func testWhoIsDisconnectedFromANamespaceShowsItsTokenAgainToComeBack() async throws {
        let banned = Notes()
        let ban = Middleware { request, next in
            guard banned.count == 0 else { throw HTTPError(.forbidden, "banned") }
            return try await next(request)
        }
        let io = Tokens.server(before: [ban])
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined(token: "john")
            try await server.act { try await io.in(.user(1)).disconnectSockets() }
            XCTAssertEqual(wire.take(), ["41"])
            await wire.say("40")
            XCTAssertTrue(wire.take().first?.contains("\"unauthorized\"") == true)
            banned.add("john")
            await wire.say("40{\"token\":\"john\"}")
            XCTAssertTrue(wire.take().first?.contains("banned") == true)
            let count = try await server.run { await io.count }
            XCTAssertEqual(count, 0)
        }
    }

    func testAdminsShowAPasswordAndNoToken() async throws {
        var options = quiet
        options.admin = AdminOptions(.openToEveryone)
        let io = Tokens.server(options: options)
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            await wire.say("40/admin,")
            XCTAssertTrue(wire.take().contains { $0.hasPrefix("40/admin,{\"sid\"") })
        }
    }
}
