import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// What is hostile at a login form, by the numbers of the list of hostile inputs, while somebody
/// else is logged in and connected and must not notice.
final class HostileLoginTests: XCTestCase {
    private let asked = Notebook()

    private func withSite(
        log: Log = .disabled,
        _ body: @escaping @Sendable (TestServer, Browser) async throws -> Void
    ) async throws {
        let store = SessionStore()
        let session = Middleware.session(store, secret: "a secret of the tests, 32 bytes long")
        let passport = Passport<Person>.local { [asked] name, password in
            asked.note(name)
            if name.hasPrefix("broken") { throw BrokenName(name: name) }
            return password == "changeit" ? Person(id: name.utf8.count, name: name) : nil
        }
        let chain = [session, passport.session, .require(Person.self)]
        let io = SocketIO(handshake: chain, options: quiet) { root in
            root.on("ping me") { (socket: isolated Socket) in try socket.emit("pong") }
        }
        var app = App()
        app.log = log
        app.use(session, passport.session)
        app.get("/login") { request in .text(request.failureMessage ?? "-") }
        app.get("/") { request in .text(request.user(Person.self)?.name ?? "nobody") }
        app.post("/login", passport.authenticate(success: "/", failure: "/login"))
        app.post("/logout") { request in
            try await request.logout()
            return .status(.noContent)
        }
        let site = app
        try await withTestServer(site, io) { server in
            let bystander = server.browser()
            try await bystander.logIn()
            let socket = try await bystander.connect()
            try await body(server, bystander)
            try await socket.emit("ping me")
            _ = try await socket.next("pong")
        }
    }

    private static let type = "Content-Type: application/x-www-form-urlencoded\r\n"

    /// Posts a form as it is, in one write or byte by byte.
    private static func post(
        _ form: [UInt8],
        to server: TestServer,
        inPieces: Bool = false,
        headers: String = type
    ) async throws -> TestResponse? {
        let head =
            "POST /login HTTP/1.1\r\nHost: test.example\r\n\(headers)"
            + "Content-Length: \(form.count)\r\nConnection: close\r\n\r\n"
        let bytes = Array(head.utf8) + form
        guard inPieces else { return try await server.browser().send(raw: bytes) }
        let wire = try await Wire.open(server.browser())
        for byte in bytes { await wire.send([byte]) }
        return wire.response
    }

    func testB50NestedAndHugeForms() async throws {
        try await withSite { server, _ in
            let nested = "a" + String(repeating: "[b]", count: 1_100) + "=1"
            let many = String(repeating: "a=1&", count: 20_000)
            let long = "username=" + String(repeating: "x", count: 1_000_000)
            let manyMore = String(repeating: "a=1&", count: 100_000)
            for (form, status) in [(nested, 302), (many, 400), (long, 413), (manyMore, 413)] {
                let answer = try await Self.post(Array(form.utf8), to: server)
                XCTAssertEqual(answer?.status, status)
            }
        }
        XCTAssertEqual(asked.all, ["john"])
    }

    func testB51NamesThatComeTwiceAreMissingOrAreNoText() async throws {
        try await withSite { server, _ in
            for inPieces in [false, true] {
                for form in [
                    "username=a&username=b&password=changeit", "username[]=a&password=changeit",
                    "password=changeit", "username=a&password=changeit&password=changeit",
                ] {
                    let answer = try await Self.post(
                        Array(form.utf8),
                        to: server,
                        inPieces: inPieces
                    )
                    XCTAssertEqual(answer?.headers["location"], "/login", form)
                }
                for form in ["username=a%00b&password=changeit", "username=%ff&password=changeit"] {
                    let answer = try await Self.post(
                        Array(form.utf8),
                        to: server,
                        inPieces: inPieces
                    )
                    XCTAssertEqual(answer?.status, 400, form)
                }
            }
        }
        XCTAssertEqual(asked.all, ["john"])
    }

    func testB51AnAccentInTwoEncodingsIsTwoNames() async throws {
        try await withSite { server, _ in
            for name in ["caf\u{E9}", "cafe\u{301}"] {
                let browser = server.browser()
                try await browser.post("/login", form: ["username": name, "password": "changeit"])
                let page = try await browser.get("/")
                XCTAssertEqual(Array(page.text.utf8), Array(name.utf8))
            }
        }
        XCTAssertEqual(
            asked.all.map { Array($0.utf8) },
            ["john", "caf\u{E9}", "cafe\u{301}"].map { Array($0.utf8) }
        )
    }

    func testB52AGreatPasswordIsRefusedBeforeItIsHashed() async throws {
        try await withSite { server, _ in
            for (count, status) in [(1_000_000, 413), (90_000, 302), (1_025, 302)] {
                let form = "username=john&password=" + String(repeating: "x", count: count)
                let answer = try await Self.post(Array(form.utf8), to: server)
                XCTAssertEqual(answer?.status, status)
            }
        }
        XCTAssertEqual(asked.all, ["john"])
    }

    func testB53WhatIsNoFormIs415() async throws {
        try await withSite { server, _ in
            let json = "{\"username\":\"john\",\"password\":\"changeit\"}"
            for type in [
                "Content-Type: application/json\r\n",
                "Content-Type: multipart/form-data; boundary=x\r\n",
                "Content-Type: application/x-www-form-urlencoded; charset=utf-16\r\n",
                "Content-Type: text/plain\r\n", "",
                Self.type + "Content-Encoding: gzip\r\n", Self.type + Self.type,
            ] {
                let answer = try await Self.post(Array(json.utf8), to: server, headers: type)
                XCTAssertEqual(answer?.status, 415, type)
            }
        }
        XCTAssertEqual(asked.all, ["john"])
    }

    func testB54ForeignPagesLogNobodyInAndNobodyOut() async throws {
        try await withSite { server, bystander in
            for headers: Headers in [
                ["Origin": "https://evil.example"], ["Origin": "null"],
                ["Origin": "https://test.example.evil.example"], ["Sec-Fetch-Site": "cross-site"],
            ] {
                let out = try await bystander.post("/logout", headers: headers)
                XCTAssertEqual(out.status, 403)
                let browser = server.browser()
                let form: KeyValuePairs = ["username": "eve", "password": "changeit"]
                let login = try await browser.post("/login", form: form, headers: headers)
                XCTAssertEqual(login.status, 403)
                XCTAssertEqual(browser.cookies, [:])
            }
            let page = try await bystander.get("/")
            XCTAssertEqual(page.text, "john")
        }
        XCTAssertEqual(asked.all, ["john"])
    }

    func testB56AFloodOfWrongLoginsIsAnsweredWithoutWork() async throws {
        try await withSite { server, bystander in
            var statuses: [Int: Int] = [:]
            for number in 0..<300 {
                let form = "username=user\(number % 3)&password=wrong"
                let answer = try await Self.post(Array(form.utf8), to: server)
                statuses[answer?.status ?? 0, default: 0] += 1
                guard answer?.status == 429 else { continue }
                XCTAssertNotNil(answer?.headers["retry-after"])
            }
            XCTAssertEqual(statuses, [302: 30, 429: 270])
            let page = try await bystander.get("/")
            XCTAssertEqual(page.text, "john")
        }
        XCTAssertEqual(asked.all.count, 31)
    }

    func testB63NamesThatWouldBreakALogAreEscapedAndCut() async throws {
        let lines = Notebook()
        try await withSite(log: Log { lines.note($0.line) }) { server, _ in
            let evil = "broken\r\nerror fake\u{1B}[31m\u{202E}" + String(repeating: "x", count: 900)
            let answer = try await server.browser().post(
                "/login",
                form: ["username": evil, "password": "changeit"]
            )
            XCTAssertEqual(answer.status, 500)
            XCTAssertFalse(answer.text.contains("broken"), "the client learns nothing")
        }
        let line = try XCTUnwrap(lines.all.first)
        XCTAssertEqual(lines.all.count, 1)
        XCTAssertTrue(line.contains("broken\\r\\nerror fake\\u{1b}[31m\\u{202e}"), line)
        XCTAssertFalse(line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
        XCTAssertLessThan(line.utf8.count, 1_500)
    }
}

/// An error that repeats what the client said.
private struct BrokenName: Error, CustomStringConvertible {
    let name: String
    var description: String { "no table for \(name)" }
}
