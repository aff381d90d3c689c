import XCTest

@testable import ActorIO

final class AppTests: XCTestCase {
    private struct User: Sendable { var name: String }

    private struct Broken: Error {}

    private func makeApp() -> App {
        var app = App()
        app.log = .disabled
        app.use(
            Middleware { request, next in
                var request = request
                request[User.self] = User(name: "john")
                var response = try await next(request)
                response.headers["X-Outer"] = "\(response.status.code)"
                return response
            },
            Middleware { request, next in
                if request.query.contains("stop") { throw HTTPError(.unauthorized, "stop") }
                return try await next(request)
            }
        )
        app.get("/") { request in
            request[User.self] == nil ? .redirect(to: "/login") : .text("index")
        }
        app.post("/logout") { _ in
            .status(.noContent)
        }
        app.get("/users/:id/online") { request in
            let id: Int = try request.parameter("id")
            return try .json(["online": id == 42])
        }
        app.get("/broken") { _ in throw Broken() }
        app.get("/missing") { _ in throw HTTPError(.notFound, "no <such> thing") }
        return app
    }

    private func answer(
        _ app: App,
        _ method: Method,
        _ target: String,
        headers: Headers = [:]
    ) async throws -> Response {
        try await app.handler()(.sample(method, target, headers: headers))
    }

    func testRunsRoutesBehindTheirMiddleware() async throws {
        let app = makeApp()
        let index = try await answer(app, .get, "/?a=b")
        XCTAssertEqual(String(decoding: index.body, as: UTF8.self), "index")
        XCTAssertEqual(index.headers["x-outer"], "200")
        let online = try await answer(app, .get, "/users/42/online")
        XCTAssertEqual(String(decoding: online.body, as: UTF8.self), #"{"online":true}"#)
        XCTAssertEqual(online.headers["content-type"], "application/json")
        let logout = try await answer(app, .post, "/logout")
        XCTAssertEqual(logout.status, .noContent)
    }

    func testErrorsBecomeResponsesThatTheMiddlewareSees() async throws {
        let app = makeApp()
        let bad = try await answer(app, .get, "/users/x/online")
        XCTAssertEqual(bad.status, .badRequest)
        XCTAssertEqual(bad.headers["x-outer"], "400")
        let stopped = try await answer(app, .get, "/?stop")
        XCTAssertEqual(stopped.headers["x-outer"], "401")
        let broken = try await answer(app, .get, "/broken")
        XCTAssertEqual(broken.status, .internalServerError)
        XCTAssertEqual(String(decoding: broken.body, as: UTF8.self), "Internal Server Error")
    }

    func testAnswersWhatNoRouteAnswers() async throws {
        let app = makeApp()
        let missing = try await answer(app, .get, "/nowhere")
        XCTAssertEqual(missing.status, .notFound)
        XCTAssertEqual(missing.headers["x-outer"], "404")
        let wrong = try await answer(app, .put, "/logout")
        XCTAssertEqual(wrong.status, .methodNotAllowed)
        XCTAssertEqual(wrong.headers["allow"], "OPTIONS, POST")
        let options = try await answer(app, .options, "/")
        XCTAssertEqual(options.status, .noContent)
        XCTAssertEqual(options.headers["allow"], "GET, HEAD, OPTIONS")
        let head = try await answer(app, .head, "/")
        XCTAssertEqual(head.status, .ok)
    }

    func testMiddlewareCoversOnlyTheRoutesAfterIt() async throws {
        var app = App()
        app.get("/open") { _ in .text("open") }
        app.use(Middleware { _, _ in throw HTTPError(.unauthorized) })
        app.get("/closed") { _ in .text("closed") }
        let open = try await answer(app, .get, "/open")
        XCTAssertEqual(open.status, .ok)
        let closed = try await answer(app, .get, "/closed")
        XCTAssertEqual(closed.status, .unauthorized)
        let nowhere = try await answer(app, .get, "/nowhere")
        XCTAssertEqual(nowhere.status, .unauthorized)
    }

    func testAGroupKeepsItsMiddlewareToItself() async throws {
        var app = App()
        app.group("/admin") { admin in
            admin.use(Middleware { _, _ in throw HTTPError(.forbidden) })
            admin.get("/users") { _ in .text("users") }
        }
        app.get("/open") { _ in .text("open") }
        let users = try await answer(app, .get, "/admin/users")
        XCTAssertEqual(users.status, .forbidden)
        let open = try await answer(app, .get, "/open")
        XCTAssertEqual(open.status, .ok)
    }

    func testAFrozenAppDoesNotChange() async throws {
        var app = App()
        let handler = app.handler()
        app.get("/late") { _ in .text("late") }
        let late = try await handler(.sample(.get, "/late"))
        XCTAssertEqual(late.status, .notFound)
    }

    func testMiddlewareRunsFromTheOutsideIn() async throws {
        let steps = ["a", "b", "c"].map { name in
            Middleware { request, next in
                var request = request
                request[String.self] = (request[String.self] ?? "") + name
                return try await next(request)
            }
        }
        let handler = Middleware.chain(steps) { request in .text(request[String.self] ?? "") }
        let response = try await handler(.sample())
        XCTAssertEqual(String(decoding: response.body, as: UTF8.self), "abc")
    }

    func testCollectsTheLanesOfItsMiddleware() {
        let lane = Lane()
        var app = App()
        app.group("/a") { inner in
            inner.use(Middleware(lanes: [lane]) { request, next in try await next(request) })
            inner.get("/b") { _ in .status(.ok) }
        }
        XCTAssertTrue(app.lanes.contains { $0 === lane })
    }

    func testErrorPagesSpeakTheLanguageOfTheClient() async throws {
        let app = makeApp()
        let cases: [(String?, String, String)] = [
            (nil, "text/plain; charset=utf-8", "no <such> thing"),
            (
                "text/html,application/xhtml+xml;q=0.9", "text/html; charset=utf-8",
                "no &lt;such&gt; thing"
            ),
            ("application/json", "application/json", #"{"error":"no <such> thing"}"#),
            ("\u{1F600};;q=,", "text/plain; charset=utf-8", "no <such> thing"),
        ]
        for (accept, type, text) in cases {
            let headers: Headers = accept.map { ["Accept": $0] } ?? [:]
            let page = try await answer(app, .get, "/missing", headers: headers)
            XCTAssertEqual(page.status, .notFound)
            XCTAssertEqual(page.headers["content-type"], type)
            XCTAssertTrue(String(decoding: page.body, as: UTF8.self).contains(text))
        }
    }

    func testAnErrorPageOfItsOwn() async throws {
        var app = makeApp()
        app.errorPage = { error, _ in .html("<h1>oh</h1>", status: error.status) }
        let page = try await answer(app, .put, "/logout")
        XCTAssertEqual(String(decoding: page.body, as: UTF8.self), "<h1>oh</h1>")
        XCTAssertEqual(page.status, .methodNotAllowed)
        XCTAssertEqual(page.headers["allow"], "OPTIONS, POST")
    }

    // B54
    func testRefusesUnsafeMethodsOfForeignPages() async throws {
        var app = makeApp()
        app.allowedOrigins = ["https://shop.example"]
        let cases: [(String, Status)] = [
            ("http://a.example", .noContent), ("https://a.example", .noContent),
            ("http://A.EXAMPLE", .noContent), ("http://a.example:80", .noContent),
            ("https://a.example:443", .noContent), ("https://shop.example", .noContent),
            ("null", .forbidden), ("http://evil.example", .forbidden), ("", .forbidden),
            ("http://a.example.evil", .forbidden), ("http://a.example:81", .forbidden),
            ("http://a.example:443", .forbidden), ("https://shop.example:1", .forbidden),
            ("http://a.example, http://a.example", .forbidden), ("//a.example", .forbidden),
            ("http:/a.example", .forbidden), ("ftp://a.example", .forbidden),
        ]
        for (origin, status) in cases {
            let response = try await answer(app, .post, "/logout", headers: ["Origin": origin])
            XCTAssertEqual(response.status, status, origin)
        }
        let none = try await answer(app, .post, "/logout")
        XCTAssertEqual(none.status, .noContent)
        let twice: Headers = ["Origin": "http://a.example", "origin": "http://evil"]
        let two = try await answer(app, .post, "/logout", headers: twice)
        XCTAssertEqual(two.status, .forbidden)
        let reading = try await answer(app, .get, "/", headers: ["Origin": "http://evil.example"])
        XCTAssertEqual(reading.status, .ok)
    }

    func testOverTLSThePlainOriginIsForeign() {
        let secure = { (origin: String) in
            Request.sample(.post, "/", headers: ["Origin": origin], isSecure: true)
        }
        XCTAssertTrue(OriginGuard().allows(secure("https://a.example")))
        XCTAssertFalse(OriginGuard().allows(secure("http://a.example")))
    }
}
