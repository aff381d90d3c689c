import XCTest

@testable import ActorIO

final class RequestTests: XCTestCase {
    private struct User: Sendable, Equatable { var id: Int }

    func testFindsValuesByTheirType() {
        var request = Request.sample()
        XCTAssertNil(request[User.self])
        request[User.self] = User(id: 1)
        request[String.self] = "x"
        request[User.self] = User(id: 2)
        let copy = request
        request[User.self] = nil
        XCTAssertNil(request[User.self])
        XCTAssertEqual(copy[User.self], User(id: 2))
        XCTAssertEqual(request[String.self], "x")
    }

    func testReadsParametersAsTheTypeThatIsAskedFor() throws {
        var request = Request.sample()
        request.parameters = [("id", "42"), ("name", "j\u{F6}"), ("plus", "+5"), ("zero", "007")]
        let id: Int = try request.parameter("id")
        XCTAssertEqual(id, 42)
        XCTAssertEqual(try request.parameter("name", as: String.self), "j\u{F6}")
        for bad in ["plus", "zero", "name", "missing"] {
            XCTAssertThrowsError(try request.parameter(bad, as: Int.self)) { error in
                XCTAssertEqual((error as? HTTPError)?.status, .badRequest)
            }
        }
    }

    // A34
    func testQueryDecodesAndTakesTheFirst() {
        let query = Request.sample(.get, "/a?x=1&x=2&flag&e%78=a+b%26&&&==&empty=").query
        XCTAssertEqual(query["x"], "1")
        XCTAssertEqual(query.values("x"), ["1", "2"])
        XCTAssertEqual(query["flag"], "")
        XCTAssertTrue(query.contains("flag"))
        XCTAssertEqual(query["ex"], "a b&")
        XCTAssertEqual(query["empty"], "")
        XCTAssertEqual(query[""], "=")
        XCTAssertNil(query["missing"])
        XCTAssertFalse(Request.sample(.get, "/a").query.contains("x"))
        let many = String(repeating: "k=v&", count: 10_000)
        XCTAssertEqual(Request.sample(.get, "/?\(many)").query.values("k").count, 10_000)
    }

    func testQueryComparesNamesByBytes() {
        // Two encodings of one accented name are two names.
        let query = Request.sample(.get, "/?caf%C3%A9=1").query
        XCTAssertEqual(query["caf\u{E9}"], "1")
        XCTAssertNil(query["cafe\u{301}"])
    }

    func testCollectsABodyUpToALimit() async throws {
        let body = RequestBody(.bytes([1, 2, 3]))
        let all = try await body.collect()
        XCTAssertEqual(all, [1, 2, 3])
        await assertTooLarge { _ = try await body.collect(upTo: 2) }
        let none = try await RequestBody(.empty).collect(upTo: 0)
        XCTAssertEqual(none, [])
    }

    func testCollectsAStreamPieceByPiece() async throws {
        let body = RequestBody(.stream(pieces([[1], [2, 3], []])))
        let all = try await body.collect(upTo: 3)
        XCTAssertEqual(all, [1, 2, 3])
        let long = RequestBody(.stream(pieces([[1], [2, 3]])))
        await assertTooLarge { _ = try await long.collect(upTo: 2) }
    }

    func testIteratesOverABody() async throws {
        var seen: [[UInt8]] = []
        for try await piece in RequestBody(.stream(pieces([[1], [2]]))) { seen.append(piece) }
        for try await piece in RequestBody(.bytes([3])) { seen.append(piece) }
        for try await piece in RequestBody(.empty) { seen.append(piece) }
        XCTAssertEqual(seen, [[1], [2], [3]])
    }

    func testAKeptRequestHasNoBody() async throws {
        var request = Request.sample(.post, "/a?b", headers: ["Cookie": "c=d"], body: [1])
        request[User.self] = User(id: 1)
        let kept = request.kept()
        let body = try await kept.body.collect()
        XCTAssertEqual(body, [])
        XCTAssertEqual(kept[User.self], User(id: 1))
        XCTAssertEqual(kept.cookies["c"], "d")
        XCTAssertEqual(kept.target, "/a?b")
    }

    private func pieces(_ all: [[UInt8]]) -> @Sendable () async throws -> [UInt8]? {
        let source = Pieces(all)
        return { await source.next() }
    }

    private actor Pieces {
        private var rest: [[UInt8]]
        init(_ all: [[UInt8]]) { rest = all }
        func next() -> [UInt8]? { rest.isEmpty ? nil : rest.removeFirst() }
    }
}

/// Whether the closure throws 413.
private func assertTooLarge(
    file: StaticString = #filePath,
    line: UInt = #line,
    _ body: () async throws -> Void
) async {
    do {
        try await body()
        XCTFail("no error", file: file, line: line)
    } catch {
        XCTAssertEqual(
            (error as? HTTPError)?.status,
            .contentTooLarge,
            file: file,
            line: line
        )
    }
}
