import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What comes in cookie headers and should not, seen from a page behind the session middleware.
final class HostileCookieTests: XCTestCase {
    private static let secret = "changeit"

    /// Asks who a visitor with these cookie headers is: a session's number, or nobody.
    fileprivate struct Door {
        let backing = CountingBacking()
        let bench: SessionBench
        let id: SessionID
        let value: String

        init() throws {
            let bench = SessionBench(backing: backing)
            self.bench = bench
            let chain = Middleware.chain([.session(bench.store, secret: secret)]) { request in
                try await request.session.update { $0[Visits.self] = 42 }
                return .text("")
            }
            let response = try bench.run { try await chain(FakeBrowser().request(.post)) }
            var browser = FakeBrowser()
            browser.take(response)
            value = try XCTUnwrap(browser.cookies["connect.sid"])
            let text = try XCTUnwrap(
                PercentCoding.decode(Array(value.utf8)[...], plusIsSpace: false)
            )
            id = try XCTUnwrap(SessionID(String(decoding: text[2..<34], as: UTF8.self)))
        }

        func visits(_ cookies: String...) throws -> Int {
            let chain = Middleware.chain([.session(bench.store, secret: secret)]) { request in
                .text("\(try await request.session.read { $0[Visits.self] })")
            }
            let headers = cookies.map { ("Cookie", $0) }
            let response = try bench.run {
                try await chain(FakeBrowser().request(.get, "/", form: nil, headers))
            }
            XCTAssertEqual(response.status, .ok)
            XCTAssertEqual(response.headers.values("set-cookie").count, 0)
            return try XCTUnwrap(Int(String(decoding: response.body, as: UTF8.self)))
        }
    }

    /// Any text, signed as only the server can.
    private func signed(_ text: String, _ secret: String = secret) -> String {
        let code = HMACSHA256(key: [UInt8](secret)).code(for: [UInt8](text))
        let signature = String(decoding: Base64.encode(code, padding: false), as: UTF8.self)
        return PercentCoding.encodeURIComponent("s:\(text).\(signature)")
    }

    // Row 43

    func testACookieHeaderThatIsTooLargeIs431AndOneJustBelowIsRead() async throws {
        let app = Self.app()
        try await withTestServer(app) { server in
            let browser = server.browser()
            try await browser.post("/visit")
            let value = try XCTUnwrap(browser.cookies["connect.sid"])
            for cookie in [
                "connect.sid=\(value); a=" + String(repeating: "x", count: 65_536),
                String(repeating: "a=b; ", count: 5_000) + "connect.sid=\(value)",
                String(repeating: "a=b; ", count: 200) + "connect.sid=\(value)",
            ] {
                let refused = try await browser.get("/", headers: ["Cookie": cookie])
                XCTAssertEqual(refused.status, 431)
            }
            let many = String(repeating: "a=b; ", count: 199) + "connect.sid=\(value)"
            let read = try await browser.get("/", headers: ["Cookie": many])
            XCTAssertEqual(read.text, "1")
        }
    }

    private static func app() -> App {
        var app = App()
        app.log = .disabled
        app.use(.session(SessionStore(), secret: secret))
        app.post("/visit") { request in
            try await request.session.update { $0[Visits.self] += 1 }
            return .status(.noContent)
        }
        app.get("/") { request in .text("\(try await request.session.read { $0[Visits.self] })") }
        return app
    }

    // Row 44

    func testOfTwoCookiesTheFirstCountsInOneLineAndInTwo() throws {
        let door = try Door()
        let forged = "connect.sid=" + signed("\(door.id)", "another secret")
        let own = "connect.sid=\(door.value)"
        XCTAssertEqual(try door.visits("\(own); \(forged)"), 42)
        XCTAssertEqual(try door.visits(own, forged), 42)
        XCTAssertEqual(try door.visits("\(forged); \(own)"), 0)
        XCTAssertEqual(try door.visits(forged, own), 0)
    }

    // Row 45

    func testAGreekQuestionMarkPartsNoCookies() throws {
        let door = try Door()
        XCTAssertEqual(try door.visits("a=b\u{37E} connect.sid=\(door.value)"), 0)
        XCTAssertEqual(try door.visits("a=\u{37E}; connect.sid=\(door.value)"), 42)
        XCTAssertEqual(try door.visits("connect.sid=\(door.value)\u{37E} a=b"), 0)
    }

    // Row 46

    func testPairsThatAreNoneAreSkippedAndTheRestIsRead() throws {
        let door = try Door()
        for odd in [
            "", ";", ";;;", "a", "=", "=b", " = ", "\"", "\"\"", "a=\"", "a=\"b", "a=b\"c",
            "a==b", "a=%", "a=%zz", "a=%00", "é=ü", "\u{80}", "a=\u{FF}", "connect.sid",
            "Connect.Sid=x", "connect.sid.=x", "xconnect.sid=x", ",", "a=b,connect.sid=x",
            "$Version=1", "__proto__=x", "\t",
        ] {
            XCTAssertEqual(try door.visits("\(odd); connect.sid=\(door.value)"), 42, odd)
            XCTAssertEqual(try door.visits("connect.sid=\(door.value); \(odd)"), 42, odd)
        }
    }

    // Row 47

    func testABadSignatureIsAnsweredAsNoCookieIsAndTheBackingIsNotAsked() throws {
        let door = try Door()
        let (id, other) = ("\(door.id)", "\(SessionID())")
        let good = signed(id)
        let signature = String(good.drop { $0 != "." }.dropFirst())
        let elsewhere = String(signed(other).drop { $0 != "." }.dropFirst())
        for bad in [
            "", id, "s%3A\(id)", "s%3A\(id).", "s%3A\(id).\(signature.dropLast())",
            "s%3A\(id).\(signature)A", "s%3A\(id).\(signature)%3D", "s%3A\(id).\(elsewhere)",
            "s%3A\(other).\(signature)", signed(id, "another secret"),
            signed(id, Self.secret + "x"),
            "s%3A\(id).\(signature).\(signature)", "s%3As%3A\(id).\(signature)",
            "S%3A\(id).\(signature)", "j%3A\(id).\(signature)",
            "s%3A\(id).\(signature.lowercased())",
        ] {
            XCTAssertEqual(try door.visits("connect.sid=\(bad)"), 0, bad)
        }
        XCTAssertEqual(door.backing.loads, 0)
    }

    // Row 48

    func testAWellSignedIdThatNobodyWasGivenIsNotAdopted() throws {
        let door = try Door()
        let chosen = SessionID()
        let chain = Middleware.chain([.session(door.bench.store, secret: Self.secret)]) { request in
            try await request.session.update { $0[Visits.self] += 1 }
            return .text("\(try request.session.id)")
        }
        let cookie = ("Cookie", "connect.sid=" + signed("\(chosen)"))
        let response = try door.bench.run {
            try await chain(FakeBrowser().request(.post, "/", form: nil, [cookie]))
        }
        XCTAssertEqual(response.headers.values("set-cookie").count, 1)
        XCTAssertNotEqual(response.body, [UInt8]("\(chosen)"))
        XCTAssertFalse(try door.bench.run { try await door.bench.store.isAlive(chosen) })
    }

    // Row 49

    private static let names = [
        "__proto__", "constructor", "toString", "hasOwnProperty", "", ".", "..", "/etc/passwd",
        "../../lock", "\0", String(repeating: "\0", count: 32), String(repeating: ".", count: 32),
        String(repeating: "A", count: 31), String(repeating: "A", count: 33),
        String(repeating: "é", count: 16), String(repeating: "x", count: 1_000_000),
    ]

    func testAnIdThatIsTheNameOfSomethingElseIsAPlainMissHoweverWellItIsSigned() throws {
        let door = try Door()
        for name in Self.names {
            XCTAssertEqual(try door.visits("connect.sid=" + signed(name)), 0, "\(name.prefix(40))")
        }
        XCTAssertEqual(door.backing.loads, 0)
        XCTAssertEqual(try door.bench.run { await door.bench.store.count }, 1)
    }

    func testASidThatIsTheNameOfSomethingElseIsAnUnknownOne() async throws {
        let (app, io, _) = makePassportExample()
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            for name in Self.names where name.utf8.count < 100 {
                let sid = PercentCoding.encodeURIComponent(name)
                for method in ["GET", "POST"] {
                    let target = "/socket.io/?EIO=4&transport=polling&sid=\(sid)"
                    let response = try await browser.request(method, target)
                    XCTAssertEqual(response.status, 400, "\(method) \(sid)")
                }
            }
            let tab = try await browser.connect()
            let whoami = try await tab.call(Chat.whoami)
            XCTAssertEqual(whoami, "john")
        }
    }

    // Row 61

    func testRequestsWithoutAGoodCookieLeaveNothingBehind() throws {
        let bench = SessionBench()
        let forged = signed("\(SessionID())", "another secret")
        let unknown = signed("\(SessionID())")
        let cookies = [nil, "connect.sid=x", "connect.sid=\(forged)", "connect.sid=\(unknown)"]
        let chain = Middleware.chain([.session(bench.store, secret: Self.secret)]) { request in
            _ = try request.session.id
            return .text("\(try await request.session.read { $0.isEmpty })")
        }
        try bench.run {
            for number in 0..<20_000 {
                let headers = cookies[number % cookies.count].map { [("Cookie", $0)] } ?? []
                let response = try await chain(FakeBrowser().request(.get, "/", form: nil, headers))
                guard response.headers["set-cookie"] == nil else { return XCTFail("a cookie") }
            }
        }
        XCTAssertEqual(try bench.run { await bench.store.count }, 0)
        XCTAssertEqual(bench.loop.timerCount, 0)
    }
}

/// A backing that counts what it is asked for.
private final class CountingBacking: SessionBacking {
    private let state = Locked((records: [SessionID: SessionRecord](), loads: 0))

    var loads: Int { state.withLock { $0.loads } }

    func load(_ id: SessionID) async throws -> SessionRecord? {
        state.withLock { state in
            state.loads += 1
            return state.records[id]
        }
    }

    func save(_ record: SessionRecord, for id: SessionID) async throws {
        state.withLock { $0.records[id] = record }
    }

    func delete(_ id: SessionID) async throws {
        state.withLock { $0.records[id] = nil }
    }

    func touch(_ id: SessionID, lastSeenAt: Int64, expiresAt: Int64) async throws {}

    func sessions(of userID: String) async throws -> [SessionID] { [] }
}
