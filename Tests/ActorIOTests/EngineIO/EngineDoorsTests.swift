import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Who may use a session: origins, login sessions, and which chain runs when.
final class EngineDoorsTests: XCTestCase {
    private static let refusals = ["https://evil.example", "null", "https://test.example.evil"]

    func testForeignOriginsAreRefusedOnBothTransportsAndOnEveryRequest() async throws {
        let io = PollingTests.server(Notes())
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let session = try await browser.handshake()
            try await session.join()
            for origin in Self.refusals {
                let foreign: Headers = ["Origin": origin]
                let answers = [
                    try await browser.wire("GET", "EIO=4&transport=polling", headers: foreign),
                    try await browser.webSocket(headers: foreign),
                    try await session.poll(headers: foreign),
                    try await session.post("42[\"echo\",\"a\"]", headers: foreign),
                    try await session.upgrade(headers: foreign),
                ]
                for answer in answers {
                    XCTAssertEqual(answer.response?.status, 403, origin)
                    XCTAssertEqual(answer.body, "{\"code\":4,\"message\":\"foreign origin\"}")
                }
            }
            let strange = try await browser.wire(
                "GET",
                "EIO=4&transport=polling",
                headers: ["Origin": "https://é.example"]
            )
            XCTAssertEqual(strange.response?.status, 400)
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 1)
        }
    }

    func testOwnAndAllowedOriginsPass() async throws {
        var options = quiet
        options.allowedOrigins = ["https://shop.example"]
        try await withTestServer(App(), SocketIO(options: options)) { server in
            for origin in ["http://test.example", "https://test.example", "https://shop.example"] {
                let headers: Headers = ["Origin": origin]
                let wire = try await server.browser().webSocket(headers: headers)
                XCTAssertEqual(wire.response?.status, 101, origin)
                let polling = try await server.browser().wire(
                    "GET",
                    "EIO=4&transport=polling",
                    headers: headers
                )
                XCTAssertEqual(polling.response?.status, 200, origin)
            }
            let other = try await server.browser().webSocket(
                headers: ["Origin": "https://shop.example:8443"])
            XCTAssertEqual(other.response?.status, 403)
        }
    }

    func testABrowserThatCallsItselfCrossSiteIsRefusedByTheRuleOfForms() async throws {
        try await withTestServer(App(), SocketIO(options: quiet)) { server in
            let browser = server.browser()
            for (site, polling, webSocket) in [
                ("cross-site", 403, 403), ("same-origin", 200, 101), ("none", 200, 101),
            ] {
                let headers: Headers = ["Sec-Fetch-Site": site]
                let poll = try await browser.wire(
                    "GET",
                    "EIO=4&transport=polling",
                    headers: headers
                )
                XCTAssertEqual(poll.response?.status, polling, site)
                let wire = try await browser.webSocket(headers: headers)
                XCTAssertEqual(wire.response?.status, webSocket, site)
            }
        }
        var options = quiet
        options.allowedOrigins = ["*"]
        try await withTestServer(App(), SocketIO(options: options)) { server in
            let headers: Headers = ["Sec-Fetch-Site": "cross-site"]
            let wire = try await server.browser().webSocket(headers: headers)
            XCTAssertEqual(wire.response?.status, 101)
        }
    }

    func testTwoOriginsAreRefused() async throws {
        try await withTestServer(App(), SocketIO(options: quiet)) { server in
            let request =
                "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: test.example\r\n"
                + "Origin: http://test.example\r\nOrigin: http://test.example\r\n"
                + "Connection: close\r\n\r\n"
            let answer = try await server.browser().send(raw: Array(request.utf8))
            XCTAssertEqual(answer.status, 403)
        }
    }

    func testARequestThatShowsAnotherLoginOrNoneIsRefusedAndHarmless() async throws {
        let (app, io, _) = makePassportExample { root in
            root.on("note") { (socket, text: String) in try socket.emit("note", text) }
        }
        try await withTestServer(app, io) { server in
            let john = server.browser()
            try await john.logIn("john")
            let jane = server.browser()
            try await jane.logIn("jane")
            let session = try await john.handshake()
            try await session.join()
            for browser in [jane, server.browser()] {
                let stolen = RawSession(browser: browser, sid: session.sid)
                let answers = [
                    try await stolen.poll(), try await stolen.post("42[\"note\",\"stolen\"]"),
                    try await stolen.upgrade(),
                ]
                for answer in answers {
                    XCTAssertEqual(answer.response?.status, 403)
                    XCTAssertTrue(answer.body?.hasPrefix("{\"code\":4,") == true)
                }
            }
            _ = try await session.post("42[\"note\",\"own\"]")
            let poll = try await session.poll()
            XCTAssertEqual(poll.body, "42[\"note\",\"own\"]")
        }
    }

    func testAVisitorsConnectionIsNotCarriedOverIntoALogin() async throws {
        let store = SessionStore()
        let session = Middleware.session(store, secret: "changeit")
        let io = SocketIO(handshake: [session], options: quiet)
        let (app, _, _) = makePassportExample(store: store)
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            let visitor = try await browser.handshake()
            let before = try await visitor.post("40")
            XCTAssertEqual(before.body, "ok")
            try await browser.logIn()
            let after = try await visitor.post("42[\"x\"]")
            XCTAssertEqual(after.response?.status, 403)
            let again = try await browser.connect()
            let isConnected = await again.isConnected
            XCTAssertTrue(isConnected)
        }
    }

    /// Every request runs one chain, the first of a session the other one too.
    func testTheHandshakeChainRunsOnceAndTheOtherForEveryRequest() async throws {
        let (first, every) = (Notes(), Notes())
        func count(_ notes: Notes) -> Middleware {
            Middleware { request, next in
                notes.add("\(request.method) \(request.query["transport"] ?? "")")
                return try await next(request)
            }
        }
        let io = SocketIO(
            handshake: [count(first)],
            everyRequest: [count(every)],
            options: quiet
        )
        try await withTestServer(App(), io) { server in
            let session = try await server.browser().handshake()
            _ = try await session.post("40")
            _ = try await session.poll()
            let wire = try await session.upgrade()
            await wire.say("2probe")
            await wire.say("5")
            _ = try await session.poll()
            _ = try await server.browser().wire("GET", "EIO=4&transport=nothing")
            XCTAssertEqual(first.all, ["GET polling"])
            XCTAssertEqual(
                every.all,
                [
                    "GET polling", "POST polling", "GET polling", "GET websocket", "GET polling",
                    "GET nothing",
                ]
            )
        }
    }

    /// The session's room must be entered wherever the session middleware stands.
    func testALogoutReachesConnectionsWhoseSessionMiddlewareRunsForEveryRequest() async throws {
        for isInBoth in [false, true] {
            let store = SessionStore()
            let session = Middleware.session(store, secret: "x")
            let io = SocketIO(
                handshake: isInBoth ? [session] : [],
                everyRequest: [session],
                options: quiet
            )
            var app = App()
            app.log = .disabled
            app.use(session)
            app.post("/begin") { request in
                try await request.session.update { $0.set("name", "john") }
                return .status(.noContent)
            }
            app.post("/end") { request in
                try await request.session.destroy()
                return .status(.noContent)
            }
            try await withTestServer(app, io) { server in
                let browser = server.browser()
                try await browser.post("/begin")
                let tab = try await browser.connect()
                try await browser.post("/end")
                let reason = await tab.disconnected
                XCTAssertEqual(reason, .serverDisconnect, "in both: \(isInBoth)")
            }
        }
    }

    func testAnErrorWithTheStatusOfTheGreetingLeavesNoSessionBehindEither() async throws {
        let late = Middleware { request, next in
            _ = try await next(request)
            throw HTTPError(.ok, "never mind")
        }
        for io in [
            SocketIO(handshake: [late], options: quiet),
            SocketIO(everyRequest: [late], options: quiet),
        ] {
            try await withTestServer(App(), io) { server in
                let wire = try await server.browser().wire("GET", "EIO=4&transport=polling")
                XCTAssertEqual(wire.response?.status, 200)
                XCTAssertEqual(wire.body, #"{"code":4,"message":"never mind"}"#)
                let count = try await server.run { await io.clientCount }
                XCTAssertEqual(count, 0)
            }
        }
    }

    func testAMiddlewareThatGoesOnTwiceOpensNoSession() async throws {
        let twice = Middleware { request, next in
            _ = try await next(request)
            return try await next(request)
        }
        for io in [
            SocketIO(handshake: [twice], options: quiet),
            SocketIO(everyRequest: [twice], options: quiet),
        ] {
            try await withTestServer(App(), io) { server in
                let wire = try await server.browser().wire("GET", "EIO=4&transport=polling")
                XCTAssertEqual(wire.response?.status, 400)
                let count = try await server.run { await io.clientCount }
                XCTAssertEqual(count, 0)
            }
        }
    }

    func testAMiddlewareThatFailsAfterTheHandshakeLeavesNoSessionBehind() async throws {
        struct Late: Error {}
        let late = Middleware { request, next in
            _ = try await next(request)
            if request.query["as"] == "throw" { throw Late() }
            return .status(.notFound)
        }
        let io = SocketIO(handshake: [late], options: quiet)
        try await withTestServer(App(), io) { server in
            for word in ["throw", "replace"] {
                _ = try await server.browser().wire("GET", "EIO=4&transport=polling&as=\(word)")
                _ = try await server.browser().webSocket("EIO=4&transport=websocket&as=\(word)")
                let count = try await server.run { await io.clientCount }
                XCTAssertEqual(count, 0, word)
                let isEmpty = try await server.run { await io.core.registry.isEmpty }
                XCTAssertTrue(isEmpty, word)
            }
        }
    }
}
