import XCTest

@testable import ActorIO

final class CORSTests: XCTestCase {
    private let page = "https://shop.example"

    private func answer(
        _ rules: CORS,
        _ method: Method = .get,
        origin: String?,
        asking: String? = nil
    ) async throws -> Response {
        var app = App()
        app.use(.cors(rules))
        app.get("/") { _ in .text("x") }
        app.post("/") { _ in .text("x") }
        app.get("/broken") { _ in throw HTTPError(.notFound) }
        var headers = Headers()
        headers["Origin"] = origin
        headers["Access-Control-Request-Headers"] = asking
        return try await app.handler()(.sample(method, "/", headers: headers))
    }

    func testAnyOriginIsAStarWithoutVary() async throws {
        for origin in [page, "null", nil] {
            let response = try await answer(CORS(), origin: origin)
            XCTAssertEqual(response.headers["access-control-allow-origin"], "*")
            XCTAssertNil(response.headers["vary"])
            XCTAssertNil(response.headers["access-control-allow-credentials"])
        }
    }

    func testOneOriginIsNamedWhoeverAsks() async throws {
        for origin in [page, "https://evil.example", nil] {
            let response = try await answer(CORS(origins: .only(page)), origin: origin)
            XCTAssertEqual(response.headers["access-control-allow-origin"], page)
            XCTAssertEqual(response.headers["vary"], "Origin")
        }
    }

    func testOfAListTheAskingOneIsNamed() async throws {
        let rules = CORS(origins: .list([page, "https://two.example"]))
        let cases: [(String?, String?)] = [
            (page, page), ("https://two.example", "https://two.example"),
            ("https://evil.example", nil), ("HTTPS://shop.example", nil), ("null", nil), (nil, nil),
        ]
        for (origin, allowed) in cases {
            let response = try await answer(rules, origin: origin)
            XCTAssertEqual(response.headers["access-control-allow-origin"], allowed)
            XCTAssertEqual(response.headers["vary"], "Origin")
            // A foreign origin is still served: the browser is what keeps the answer from it.
            XCTAssertEqual(response.status, .ok)
        }
    }

    func testAnswersAPreflight() async throws {
        let response = try await answer(
            CORS(),
            .options,
            origin: page,
            asking: "x-token, content-type"
        )
        XCTAssertEqual(response.status, .noContent)
        XCTAssertEqual(
            response.headers["access-control-allow-methods"],
            "GET,HEAD,PUT,PATCH,POST,DELETE"
        )
        XCTAssertEqual(response.headers["access-control-allow-headers"], "x-token, content-type")
        XCTAssertEqual(response.headers["vary"], "Access-Control-Request-Headers")
        XCTAssertNil(response.headers["access-control-max-age"])
    }

    func testAPreflightSaysWhatTheRulesSay() async throws {
        var rules = CORS(origins: .only(page))
        rules.methods = [.get, "PURGE"]
        rules.allowedHeaders = ["X-A", "X-B"]
        rules.exposedHeaders = ["X-C", "X-D"]
        rules.allowsCredentials = true
        rules.maxAge = .seconds(600)
        let preflight = try await answer(rules, .options, origin: page, asking: "x-token")
        XCTAssertEqual(preflight.headers["access-control-allow-methods"], "GET,PURGE")
        XCTAssertEqual(preflight.headers["access-control-allow-headers"], "X-A,X-B")
        XCTAssertEqual(preflight.headers["access-control-max-age"], "600")
        XCTAssertEqual(preflight.headers["access-control-allow-credentials"], "true")
        XCTAssertEqual(preflight.headers["vary"], "Origin")
        let response = try await answer(rules, origin: page)
        XCTAssertEqual(response.headers["access-control-expose-headers"], "X-C,X-D")
        XCTAssertEqual(response.headers["access-control-allow-credentials"], "true")
        XCTAssertNil(response.headers["access-control-allow-methods"])
    }

    func testAPreflightWithoutHeadersNamesNone() async throws {
        let response = try await answer(CORS(), .options, origin: page)
        XCTAssertNil(response.headers["access-control-allow-headers"])
    }

    func testNamedOriginsMayPostAndAStarMayNot() async throws {
        let named = try await answer(CORS(origins: .list([page])), .post, origin: page)
        XCTAssertEqual(named.status, .ok)
        let foreign = try await answer(
            CORS(origins: .list([page])),
            .post,
            origin: "https://evil.example"
        )
        XCTAssertEqual(foreign.status, .forbidden)
        let star = try await answer(CORS(), .post, origin: page)
        XCTAssertEqual(star.status, .forbidden)
    }

    func testAnswersThePreflightOfAGroupsRoutes() async throws {
        var app = App()
        app.group("/api") { api in
            api.get("/open") { _ in .text("x") }
            api.use(.cors(), Middleware { _, _ in throw HTTPError(.unauthorized) })
            api.post("/closed") { _ in .text("x") }
        }
        let handler = app.handler()
        let closed = try await handler(.sample(.options, "/api/closed"))
        XCTAssertEqual(closed.status, .noContent)
        XCTAssertEqual(closed.headers["access-control-allow-origin"], "*")
        let open = try await handler(.sample(.options, "/api/open"))
        XCTAssertEqual(open.headers["allow"], "GET, HEAD, OPTIONS")
        XCTAssertNil(open.headers["access-control-allow-origin"])
        let put = try await handler(.sample(.put, "/api/closed"))
        XCTAssertEqual(put.status, .unauthorized)
    }

    func testErrorsCarryTheHeadersToo() async throws {
        var app = App()
        app.use(.cors())
        app.get("/") { _ in throw HTTPError(.conflict) }
        let handler = app.handler()
        for (path, status) in [("/", Status.conflict), ("/nowhere", .notFound)] {
            let response = try await handler(.sample(.get, path, headers: ["Origin": page]))
            XCTAssertEqual(response.status, status)
            XCTAssertEqual(response.headers["access-control-allow-origin"], "*")
        }
    }

    func testKeepsTheVaryThatIsThere() {
        var headers: Headers = ["Vary": "Accept"]
        CORS(origins: .only(page)).addHeaders(to: &headers, for: .sample())
        XCTAssertEqual(headers.values("vary"), ["Accept, Origin"])
        CORS(origins: .only(page)).addHeaders(to: &headers, for: .sample())
        XCTAssertEqual(headers.values("vary"), ["Accept, Origin"])
    }

    // A25
    func testReflectsNoLineBreak() async throws {
        let rules = CORS(origins: .only("https://a\r\nX-Evil: 1"))
        let response = try await answer(rules, origin: page)
        XCTAssertNil(response.headers["access-control-allow-origin"])
        XCTAssertFalse(wireHead(response).contains("X-Evil"))
    }
}
