import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// A login ends old clients as it ends new ones.
final class OldLogoutTests: XCTestCase {
    func testALogoutClosesOldClientsOnAllTransportsBeforeItIsAnswered() async throws {
        let (app, io, _) = makePassportExample(options: old) { root in
            root.namespace("/admin") { _ in }
        }
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let wire = try await browser.oldJoined()
            await wire.say("40/admin?a=b")
            let session = try await OldSession(browser)
            try await session.join()
            let poll = try await session.poll()
            let idle = try await OldSession(browser)
            try await idle.join()
            let moved = try await OldSession(browser)
            let upgraded = try await moved.upgrade()
            await upgraded.say("2probe")
            await upgraded.say("5")
            for wire in [wire, upgraded] { _ = wire.take() }
            let rooms = try await server.run { await io.in(.user(1)).count }
            XCTAssertEqual(rooms, 4)

            let journal = Notes()
            for tab in [wire, poll, upgraded] { tab.report(to: journal, as: "tab") }
            let logout = try await Wire.open(browser)
            logout.report(to: journal, as: "logout")
            await logout.send(browser.bytes("POST", "/logout", [:], []))
            XCTAssertEqual(logout.response?.status, 204)
            XCTAssertEqual(wire.take(), ["41", "41/admin,", "close"])
            XCTAssertEqual(upgraded.take(), ["41", "close"])
            XCTAssertEqual(poll.body, payload("41", "1"))
            XCTAssertEqual(journal.all.last, "logout: 204")
            let left = try await server.run { await io.clientCount }
            XCTAssertEqual(left, 1, "the one that has to be told at its next poll")
            let farewell = try await idle.poll()
            XCTAssertEqual(farewell.body, payload("41", "1"))
            let next = try await idle.poll()
            XCTAssertEqual(next.response?.status, 400)
        }
    }

    func testAHandshakeWithoutALoginIsRefused() async throws {
        let (app, io, _) = makePassportExample(options: old)
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            let poll = try await browser.wire("GET", "EIO=3&transport=polling")
            XCTAssertEqual(poll.response?.status, 401)
            let wire = try await browser.webSocket("EIO=3&transport=websocket")
            XCTAssertEqual(wire.response?.status, 401)
        }
    }

    func testALoginThatEndsWhileTheRootNamespaceDecidesLetsNobodyIn() async throws {
        let gate = Gate()
        let notes = Notes()
        let (app, io, _) = makePassportExample(options: old) { root in
            root.use { _ in await gate.pass() }
            root.onConnection { _ in notes.add("connected") }
        }
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let wire = try await browser.webSocket("EIO=3&transport=websocket")
            _ = wire.take()
            try await browser.post("/logout")
            gate.open()
            await wire.rest()
            XCTAssertEqual(wire.take(), ["close"])
            XCTAssertEqual(notes.all, [])
        }
    }

    func testAStolenIdIsWorthNothingWithoutTheLogin() async throws {
        let (app, io, _) = makePassportExample(options: old)
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            let session = try await OldSession(browser)
            let thief = server.browser()
            try await thief.logIn("jane")
            let poll = try await thief.wire("GET", "EIO=3&transport=polling&sid=\(session.sid)")
            XCTAssertEqual(poll.response?.status, 403)
        }
    }
}
