import XCTest

@testable import ActorIO

final class RouterTests: XCTestCase {
    /// What a path finds: the pattern's text and the parameters, or "405 …" or "404".
    private func found(_ router: Router, _ method: Method, _ path: String) -> String {
        do {
            switch try router.match(method, path) {
            case .found(let route, let parameters):
                return ([route.pattern.description] + parameters.map { "\($0.name)=\($0.value)" })
                    .joined(separator: " ")
            case .otherMethods(let methods, _):
                return "405 " + methods.map(\.name).joined(separator: ",")
            case .nothing:
                return "404"
            }
        } catch {
            return "\(error.status.code)"
        }
    }

    private func router(_ routes: [(Method, String)]) -> Router {
        var router = Router()
        for (method, pattern) in routes {
            let route = Router.Route(pattern: RoutePattern(pattern), middleware: []) { _ in
                .text(pattern)
            }
            router.add(method, route)
        }
        return router
    }

    func testFindsTextNamesAndRest() {
        let router = router([
            (.get, "/"), (.get, "/login"), (.post, "/login"), (.get, "/users/:id/online"),
            (.get, "/assets/*"), (.get, "/a/"),
        ])
        let expected: [(Method, String, String)] = [
            (.get, "/", "/"),
            (.get, "/login", "/login"),
            (.head, "/login", "/login"),
            (.get, "/log%69n", "/login"),
            (.get, "/users/42/online", "/users/:id/online id=42"),
            (.get, "/users/a%2Fb/online", "/users/:id/online id=a/b"),
            (.get, "/users/j%C3%B6/online", "/users/:id/online id=j\u{F6}"),
            (.get, "/users/a+b/online", "/users/:id/online id=a+b"),
            (.get, "/assets/css/site.css", "/assets/* *=css/site.css"),
            (.get, "/assets/", "/assets/* *="),
            (.get, "/assets/css/", "/assets/* *=css/"),
            (.get, "/a/", "/a/"),
            (.get, "/a", "404"),
            (.get, "/assets", "404"),
            (.get, "/login/", "404"),
            (.get, "/LOGIN", "404"),
            (.get, "/users//online", "404"),
            (.get, "/users/42", "404"),
            (.get, "/users/42/online/", "404"),
            (.delete, "/login", "405 GET,HEAD,OPTIONS,POST"),
            (.options, "/users/42/online", "405 GET,HEAD,OPTIONS"),
            ("BREW", "/", "405 GET,HEAD,OPTIONS"),
            ("BREW", "/pot", "404"),
        ]
        for (method, path, answer) in expected {
            XCTAssertEqual(found(router, method, path), answer, "\(method) \(path)")
        }
    }

    func testOrderOfRegistrationIsNoRiddle() {
        let routes: [(Method, String)] = [
            (.get, "/users/*"), (.get, "/users/:id"), (.get, "/users/me"), (.post, "/users/:name"),
            (.get, "/:any/edit"),
        ]
        for router in [router(routes), router(routes.reversed())] {
            XCTAssertEqual(found(router, .get, "/users/me"), "/users/me")
            XCTAssertEqual(found(router, .get, "/users/7"), "/users/:id id=7")
            XCTAssertEqual(found(router, .get, "/users/7/8"), "/users/* *=7/8")
            // "/users/:id" ends here, "/:any/edit" does not: the tree is searched again.
            XCTAssertEqual(found(router, .get, "/x/edit"), "/:any/edit any=x")
            XCTAssertEqual(found(router, .post, "/users/me"), "/users/:name name=me")
            XCTAssertEqual(found(router, .put, "/users/me"), "405 GET,HEAD,OPTIONS,POST")
        }
    }

    // A33
    func testNothingIsMadeEqualToAPathThatItIsNot() {
        let router = router([
            (.get, "/"), (.get, "/login.html"), (.get, "/files/*"), (.get, "/:page"),
        ])
        for path in [
            "//", "/../", "/%2e%2e/", "/login.html/.", "/./login.html", "/files/../login.html",
            "/files/%2e%2e/login.html", "/files/.%2E/x", "/files//x", "/files/a//b",
            "/files/a%2F..%2Fb", "/files/..", "/..", "/.", "//login.html", "/login.html/",
            "/login.html//", "/%2e",
        ] {
            XCTAssertEqual(found(router, .get, path), "404", path)
        }
    }

    // A32: the parser refuses them first; the router must not trust that.
    func testRefusesMalformedEscapes() {
        let router = router([(.get, "/:page")])
        for path in ["/%", "/%2", "/%zz", "/%00", "/%c0%af", "/%u0041", "/%ff"] {
            XCTAssertEqual(found(router, .get, path), "400", path)
        }
    }

    func testALongPathIsNoLongSearch() {
        let router = router([(.get, "/:a/:b/:c/*"), (.get, "/a/:b/:c/*"), (.get, "/a/b/:c/*")])
        let path = String(repeating: "/a", count: 4_000)
        XCTAssertTrue(found(router, .get, path).hasPrefix("/a/:b/:c/* b=a c=a *=a/a"))
    }
}
