import XCTest

@testable import ActorIO

final class OriginGuardTests: XCTestCase {
    private func status(
        _ app: App,
        _ method: ActorIO.Method,
        _ headers: Headers
    ) async throws -> Int {
        try await app.handler()(.sample(method, "/", headers: headers)).status.code
    }

    private func makeApp(_ configure: (inout App) -> Void = { _ in }) -> App {
        var app = App()
        configure(&app)
        for method in [ActorIO.Method.get, .post, .put, .patch, .delete] {
            app.on(method, "/") { _ in .status(.noContent) }
        }
        return app
    }

    // B54
    func testEveryUnsafeMethodOfAForeignPageIsRefusedByDefault() async throws {
        let app = makeApp()
        for method in [ActorIO.Method.post, .put, .patch, .delete] {
            for origin in ["https://evil.example", "null"] {
                let foreign = try await status(app, method, ["Origin": origin])
                XCTAssertEqual(foreign, 403, "\(method) \(origin)")
            }
            let own = try await status(app, method, ["Origin": "http://a.example"])
            XCTAssertEqual(own, 204)
            let native = try await status(app, method, [:])
            XCTAssertEqual(native, 204, "curl, Python, an app on a phone")
        }
        let reading = try await status(app, .get, ["Origin": "https://evil.example"])
        XCTAssertEqual(reading, 204)
    }

    func testABrowserThatCallsItselfCrossSiteIsRefusedWithoutAnOrigin() async throws {
        let app = makeApp()
        let cases = [
            ("cross-site", 403), ("Cross-Site", 403), ("same-origin", 204), ("same-site", 204),
            ("none", 204), ("", 204),
        ]
        for (site, expected) in cases {
            let answer = try await status(app, .post, ["Sec-Fetch-Site": site])
            XCTAssertEqual(answer, expected, site)
        }
        let reading = try await status(app, .get, ["Sec-Fetch-Site": "cross-site"])
        XCTAssertEqual(reading, 204)
        // An allowed page is cross-site too, and names itself.
        let shop = makeApp { $0.allowedOrigins = ["https://shop.example"] }
        let headers: Headers = ["Origin": "https://shop.example", "Sec-Fetch-Site": "cross-site"]
        let allowed = try await status(shop, .post, headers)
        XCTAssertEqual(allowed, 204)
    }

    func testTheCheckCanBeSwitchedOff() async throws {
        let app = makeApp { $0.checksOrigin = false }
        for headers: Headers in [["Origin": "null"], ["Sec-Fetch-Site": "cross-site"]] {
            let answer = try await status(app, .post, headers)
            XCTAssertEqual(answer, 204)
        }
    }
}
