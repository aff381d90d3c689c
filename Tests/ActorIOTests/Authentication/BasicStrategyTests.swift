import Foundation
import XCTest

@testable import ActorIO

final class BasicStrategyTests: XCTestCase {
    private func answer(_ values: String...) throws -> Response {
        let passport = Passport<Person>.basic { name, password in
            password == "open:sesame" ? Person(id: 1, name: name) : nil
        }
        let bench = LoginBench { app, _ in
            app.use(passport.token)
            app.get("/") { request in .text(try request.require(Person.self).name) }
        }
        var browser = FakeBrowser()
        return try bench.send(&browser, .get, "/", values.map { ("Authorization", $0) })
    }

    private func basic(_ text: String) -> String {
        "Basic " + String(decoding: Base64.encode(Array(text.utf8)), as: UTF8.self)
    }

    // RFC 7617 2
    func testTheNameEndsAtTheFirstColonAndTextIsUTF8() throws {
        XCTAssertEqual(try answer(basic("Jörg:open:sesame")).body, Array("Jörg".utf8))
        let lower = basic("a:open:sesame").replacingOccurrences(of: "Basic", with: "bAsIc")
        XCTAssertEqual(try answer(lower).status, .ok)
    }

    func testWithoutALoginThereIsAChallenge() throws {
        for values in [[], [basic("a:wrong")], ["Bearer abc"]] {
            let response = try values.isEmpty ? answer() : answer(values[0])
            XCTAssertEqual(response.status, .unauthorized)
            XCTAssertEqual(
                response.headers.values("www-authenticate"),
                [#"Basic realm="Users", charset="UTF-8""#]
            )
        }
    }

    func testWhatIsNoLoginIs400() throws {
        for bad in [
            "Basic ", "Basic !!", "Basic YTpi=", basic("no colon"), basic(":open:sesame"),
            basic("a\u{0}:open:sesame"), "Basic //8=",
        ] {
            XCTAssertEqual(try answer(bad).status, .badRequest, bad)
        }
        let good = basic("a:open:sesame")
        XCTAssertEqual(try answer(good, good).status, .badRequest)
    }

    func testALongPasswordIsRefusedUnseen() throws {
        let long = String(repeating: "x", count: 1_025)
        XCTAssertEqual(try answer(basic("a:" + long)).status, .unauthorized)
    }
}
