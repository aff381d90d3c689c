import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Who becomes an admin.
final class AdminLoginTests: XCTestCase {
    private static let right = AdminAuth(username: "admin", password: "changeit")

    private static func makeServer(
        _ notes: Notes = Notes(),
        _ change: (inout AdminOptions) -> Void = { _ in }
    ) -> SocketIO {
        SocketIO(
            options: adminOptions {
                $0.access = .password(username: "admin", hash: "changeit")
                $0.hasher = PlainHasher(notes: notes)
                change(&$0)
            }
        )
    }

    private static func refusal(_ server: TestServer, _ auth: some Encodable) async -> String {
        do {
            _ = try await server.browser().connect("/admin", auth: auth)
            return "let in"
        } catch {
            return (error as? ConnectRefused)?.message ?? "\(error)"
        }
    }

    func testThePasswordBringsASessionThatReplacesItLater() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.makeServer(notes)) { server in
            let admin = try await server.browser().connect("/admin", auth: Self.right)
            let session: String = try await admin.next("session").decode(0)
            XCTAssertEqual(session.utf8.count, 32)
            _ = try await admin.next("config")
            await admin.close()

            let auth = AdminAuth(sessionId: session)
            let again = try await server.browser().connect("/admin", auth: auth)
            _ = try await again.next("all_sockets")
            let pending = await again.pending
            XCTAssertFalse(pending.contains("session"), "it has one")
            XCTAssertEqual(notes.all, ["changeit"], "no password was checked again")
        }
    }

    func testTheSessionIsToldBeforeAnythingElse() async throws {
        try await withTestServer(App(), Self.makeServer()) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40/admin,{\"username\":\"admin\",\"password\":\"changeit\"}")
            let got = wire.take()
            XCTAssertTrue(got[0].hasPrefix("40/admin,{\"sid\":"), got[0])
            XCTAssertTrue(got[1].hasPrefix("42/admin,[\"session\",\""), got[1])
            XCTAssertTrue(got[2].hasPrefix("42/admin,[\"config\","), got[2])
        }
    }

    func testAWrongPasswordAndAnUnknownNameAreRefusedAlikeWithTheSameWork() async throws {
        let notes = Notes()
        try await withTestServer(App(), Self.makeServer(notes)) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40/admin,{\"username\":\"admin\",\"password\":\"wrong\"}")
            await wire.say("40/admin,{\"username\":\"nobody\",\"password\":\"changeit\"}")
            XCTAssertEqual(
                wire.take(),
                Array(repeating: "44/admin,{\"message\":\"invalid credentials\"}", count: 2)
            )
            XCTAssertEqual(notes.all, ["wrong", "changeit"])
        }
    }

    func testWhatIsNoLoginIsRefusedWithoutWork() async throws {
        struct Numbers: Encodable { var username = 1, password = 2, sessionId = 3 }
        let notes = Notes()
        try await withTestServer(App(), Self.makeServer(notes)) { server in
            let long = String(repeating: "x", count: 1_025)
            let tries = [
                AdminAuth(), AdminAuth(sessionId: "0123456789abcdef0123456789abcdef"),
                AdminAuth(sessionId: "", username: "admin"), AdminAuth(password: "changeit"),
                AdminAuth(username: "admin", password: long),
                AdminAuth(username: long, password: "changeit"),
            ]
            for auth in tries {
                let refusal = await Self.refusal(server, auth)
                XCTAssertEqual(refusal, "invalid credentials", "\(auth)")
            }
            let numbers = await Self.refusal(server, Numbers())
            XCTAssertEqual(numbers, "invalid credentials")
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40/admin,")
            XCTAssertEqual(wire.take(), ["44/admin,{\"message\":\"invalid credentials\"}"])
            XCTAssertEqual(notes.all, [])
        }
    }

    func testARealHashIsChecked() async throws {
        let hash = try await PasswordHash.hash("changeit", rounds: 1)
        let io = SocketIO(
            options: adminOptions { $0.access = .password(username: "admin", hash: hash) }
        )
        try await withTestServer(App(), io) { server in
            let admin = try await server.browser().connect("/admin", auth: Self.right)
            _ = try await admin.next("session")
            let wrong = await Self.refusal(server, AdminAuth(username: "admin", password: "no"))
            XCTAssertEqual(wrong, "invalid credentials")
        }
    }

    func testASessionEndsWithItsTime() async throws {
        let clock = ManualClock()
        let io = Self.makeServer { $0.sessionLifetime = .seconds(100) }
        try await withTestServer(App(), io, clock: clock) { server in
            let admin = try await server.browser().connect("/admin", auth: Self.right)
            let auth = AdminAuth(sessionId: try await admin.next("session").decode(0))
            await admin.close()
            await clock.advance(by: .seconds(99))
            let early = await Self.refusal(server, auth)
            XCTAssertEqual(early, "let in")
            await clock.advance(by: .seconds(1))
            let late = await Self.refusal(server, auth)
            XCTAssertEqual(late, "invalid credentials")
        }
    }

    func testTooManyWrongPasswordsCloseTheDoorForAWhileButNotForThoseWhoCameBefore() async throws {
        let clock = ManualClock()
        let notes = Notes()
        let io = Self.makeServer(notes) { $0.maxAttempts = 3 }
        try await withTestServer(App(), io, clock: clock) { server in
            let admin = try await server.browser().connect("/admin", auth: Self.right)
            let session = AdminAuth(sessionId: try await admin.next("session").decode(0))
            for _ in 0..<3 {
                let wrong = await Self.refusal(server, AdminAuth(username: "admin", password: "x"))
                XCTAssertEqual(wrong, "invalid credentials")
            }
            let right = await Self.refusal(server, Self.right)
            XCTAssertEqual(right, "too many attempts")
            XCTAssertEqual(notes.count, 4)
            let known = await Self.refusal(server, session)
            XCTAssertEqual(known, "let in")
            await clock.advance(by: .seconds(60))
            let later = await Self.refusal(server, Self.right)
            XCTAssertEqual(later, "let in")
        }
    }

    func testRepeatedLoginsDoNotFillTheLog() async throws {
        let lines = Notes()
        var options = adminOptions {
            $0.access = .password(username: "admin", hash: "changeit")
            $0.hasher = PlainHasher()
            $0.maxAttempts = 2
        }
        options.log = Log(level: .debug) { lines.add("\($0.level): \($0.message)") }
        try await withTestServer(App(), SocketIO(options: options)) { server in
            let wire = try await server.browser().webSocket()
            for _ in 0..<20 {
                await wire.say("40/admin,{\"username\":\"admin\",\"password\":\"wrong\"}")
            }
            let all = lines.all.filter { $0.contains("admin login") }
            XCTAssertEqual(all.count, 20)
            XCTAssertEqual(
                all.filter { !$0.hasPrefix("debug") },
                Array(repeating: "notice: a wrong admin login", count: 2)
                    + ["notice: too many admin logins"]
            )
        }
    }

    func testWhoIsRefusedIsToldNothing() async throws {
        let io = Self.makeServer()
        let desk = try XCTUnwrap(io.core.plan.desk)
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40/admin,{\"username\":\"admin\",\"password\":\"wrong\"}")
            _ = wire.take()
            _ = try await server.browser().client()
            XCTAssertEqual(wire.take(), [])
            let isAtRest = try await server.run { await desk.isAtRest }
            XCTAssertTrue(isAtRest)
        }
    }

    func testTheLogSaysWhoLetsEverybodyInOrNobody() {
        let lines = Notes()
        func start(_ access: AdminOptions.Access) {
            var options = SocketIO.Options()
            options.log = Log(level: .warning) { lines.add("\($0.level): \($0.message)") }
            options.admin = AdminOptions(access)
            _ = SocketIO(options: options)
        }
        start(.openToEveryone)
        start(.password(username: "admin", hash: "changeit"))
        start(
            .password(
                username: "admin",
                hash: "$pbkdf2-sha256$i=1,l=16$c2FsdHNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng"
            )
        )
        XCTAssertEqual(
            lines.all,
            [
                "warning: every client can be an admin",
                "error: the hash of the admin's password can not be read: nobody is let in",
            ]
        )
    }

    func testAHashThatCanNotBeReadLetsNobodyIn() async throws {
        let io = SocketIO(
            options: adminOptions {
                $0.access = .password(username: "admin", hash: "changeit")
                $0.hasher = PasswordHash(rounds: 1)
            }
        )
        try await withTestServer(App(), io) { server in
            let refusal = await Self.refusal(server, Self.right)
            XCTAssertEqual(refusal, "invalid credentials")
        }
    }
}
