import XCTest

@testable import ActorIO

final class FormTests: XCTestCase {
    private let type = "application/x-www-form-urlencoded"

    private func form(_ body: String, headers: Headers? = nil) async throws -> Form {
        let headers = headers ?? ["Content-Type": type]
        return try await Request.sample(.post, "/", headers: headers, body: Array(body.utf8)).form()
    }

    private func assertStatus(
        _ body: String,
        _ status: Status,
        headers: Headers? = nil,
        file: StaticString = #filePath,
        line: UInt = #line
    ) async {
        do {
            _ = try await form(body, headers: headers)
            XCTFail("no error", file: file, line: line)
        } catch {
            XCTAssertEqual((error as? HTTPError)?.status, status, file: file, line: line)
        }
    }

    func testReadsFields() async throws {
        let form = try await form("username=john&password=a%26b+c&flag&=x&&&d=e=f")
        XCTAssertEqual(form["username"], "john")
        XCTAssertEqual(form["password"], "a&b c")
        XCTAssertEqual(form["flag"], "")
        XCTAssertEqual(form[""], "x")
        XCTAssertEqual(form["d"], "e=f")
        XCTAssertNil(form["missing"])
        XCTAssertEqual(form.names, ["username", "password", "flag", "", "d"])
    }

    // B51
    func testTheFirstCountsAndNamesAreBytes() async throws {
        let form = try await form("u=1&u=2&u[]=3&u[a][b]=4&caf%C3%A9=5&cafe%CC%81=6&__proto__=7")
        XCTAssertEqual(form["u"], "1")
        XCTAssertEqual(form.values("u"), ["1", "2"])
        XCTAssertEqual(form["u[]"], "3")
        XCTAssertEqual(form["u[a][b]"], "4")
        XCTAssertEqual(form["caf\u{E9}"], "5")
        XCTAssertEqual(form["cafe\u{301}"], "6")
        XCTAssertEqual(form["__proto__"], "7")
    }

    // A32
    func testRefusesBadEscapes() async {
        for bad in ["%", "%2", "%zz", "%00", "%c0%af", "%u0041", "%ff", "\u{0}"] {
            await assertStatus("a=\(bad)", .badRequest)
            await assertStatus("\(bad)=a", .badRequest)
        }
    }

    // B50
    func testRefusesMoreThanItsLimits() async throws {
        let thousand = (0..<1_000).map { "f\($0)=v" }.joined(separator: "&")
        let full = try await form(thousand)
        XCTAssertEqual(full.names.count, 1_000)
        await assertStatus(thousand + "&x=y", .badRequest)
        await assertStatus("a=" + String(repeating: "x", count: 1_000_000), .contentTooLarge)
        let deep = "a" + String(repeating: "[a]", count: 1_100) + "=b"
        let flat = try await form(deep)
        XCTAssertEqual(flat.names.count, 1)
    }

    // B53, A38
    func testRefusesOtherTypesCharsetsAndPackings() async throws {
        for good in [
            type, type.uppercased(), "\(type); charset=UTF-8", "\(type);charset=\"utf-8\"",
        ] {
            let form = try await form("a=b", headers: ["Content-Type": good])
            XCTAssertEqual(form["a"], "b")
        }
        for bad in [
            "application/json", "multipart/form-data; boundary=x", "\(type); charset=utf-16",
            "\(type); charset=iso-8859-1", "text/plain", "", "\(type)x",
        ] {
            await assertStatus("a=b", .unsupportedMediaType, headers: ["Content-Type": bad])
        }
        await assertStatus("a=b", .unsupportedMediaType, headers: [:])
        await assertStatus(
            "a=b",
            .unsupportedMediaType,
            headers: ["Content-Type": type, "content-type": type]
        )
        await assertStatus(
            "a=b",
            .unsupportedMediaType,
            headers: ["Content-Type": type, "Content-Encoding": "gzip"]
        )
    }
}

final class JSONBodyTests: XCTestCase {
    private struct Order: Codable, Equatable {
        var item: String
        var count: Int
    }

    private struct Packed: Encodable {
        var bytes: [UInt8]
    }

    private func order(_ body: String, type: String = "application/json") async throws -> Order {
        try await Request.sample(
            .post,
            "/",
            headers: ["Content-Type": type],
            body: Array(body.utf8)
        ).json(as: Order.self)
    }

    func testDecodesJSON() async throws {
        for type in ["application/json", "application/json; charset=utf-8", "application/x+json"] {
            let order = try await order(#"{"item":"tea","count":2}"#, type: type)
            XCTAssertEqual(order, Order(item: "tea", count: 2))
        }
    }

    func testRefusesWhatDoesNotFit() async {
        let cases: [(String, String, Status)] = [
            ("{", "application/json", .badRequest), ("[]", "application/json", .badRequest),
            (#"{"item":"tea"}"#, "application/json", .badRequest),
            ("", "application/json", .badRequest),
            ("{}", "text/plain", .unsupportedMediaType),
            ("{}", "application/json; charset=utf-16", .unsupportedMediaType),
        ]
        for (body, type, status) in cases {
            do {
                _ = try await order(body, type: type)
                XCTFail("\(body) was decoded")
            } catch {
                XCTAssertEqual((error as? HTTPError)?.status, status)
            }
        }
    }

    func testWritesJSON() throws {
        let response = try Response.json(Order(item: "tea", count: 2), status: .created)
        XCTAssertEqual(response.status, .created)
        XCTAssertEqual(String(decoding: response.body, as: UTF8.self), #"{"item":"tea","count":2}"#)
    }

    func testBytesAreNoJSON() {
        XCTAssertThrowsError(try Response.json(Packed(bytes: [1])))
    }
}
