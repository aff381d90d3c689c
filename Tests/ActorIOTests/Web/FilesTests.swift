import Foundation
import XCTest

@testable import ActorIO

final class FilesTests: XCTestCase {
    private var directory = ""

    override func setUpWithError() throws {
        directory = NSTemporaryDirectory() + "actorio-files-\(UUID().uuidString)"
        try write("secret.txt", "secret")
        try write("site/index.html", "<h1>index</h1>")
        try write("site/a b.txt", "0123456789")
        try write("site/css/site.css", "body{}")
        try write("site/.hidden", "hidden")
        try write("site/.git/config", "hidden")
        try write("site/empty.bin", "")
    }

    override func tearDownWithError() throws {
        try FileManager.default.removeItem(atPath: directory)
    }

    private func write(_ name: String, _ text: String) throws {
        let path = "\(directory)/\(name)"
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true
        )
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    private func get(
        _ path: String,
        _ headers: Headers = [:],
        method: Method = .get
    ) async throws -> Response {
        var app = App()
        app.files(at: "/files", from: directory + "/site", maxAge: .seconds(60))
        return try await app.handler()(.sample(method, path, headers: headers))
    }

    private func text(_ response: Response) -> String {
        guard case .file(let slice) = response.content else {
            return String(decoding: response.body, as: UTF8.self)
        }
        let bytes = slice.file.read(at: slice.range.lowerBound, count: slice.range.count)
        return String(decoding: bytes, as: UTF8.self)
    }

    func testServesFilesWithTypeAndTag() async throws {
        let response = try await get("/files/css/site.css")
        XCTAssertEqual(response.status, .ok)
        XCTAssertEqual(text(response), "body{}")
        XCTAssertEqual(response.headers["content-type"], "text/css; charset=utf-8")
        XCTAssertEqual(response.headers["cache-control"], "public, max-age=60")
        XCTAssertEqual(response.headers["x-content-type-options"], "nosniff")
        XCTAssertEqual(response.headers["accept-ranges"], "bytes")
        XCTAssertNotNil(response.headers["last-modified"].flatMap { HTTPDate($0) })
        let spaced = try await get("/files/a%20b.txt")
        XCTAssertEqual(text(spaced), "0123456789")
        let index = try await get("/files/")
        XCTAssertEqual(text(index), "<h1>index</h1>")
        let head = try await get("/files/css/site.css", method: .head)
        XCTAssertEqual(head.status, .ok)
        let empty = try await get("/files/empty.bin")
        XCTAssertEqual(empty.status, .ok)
        XCTAssertEqual(text(empty), "")
    }

    // A33
    func testServesNothingOutsideAndNothingHidden() async throws {
        for path in [
            "/files/../secret.txt", "/files/%2e%2e/secret.txt", "/files/..%2fsecret.txt",
            "/files/css/../../secret.txt", "/files/css%2f..%2f..%2fsecret.txt",
            "/files/..%5csecret.txt", "/files/.hidden", "/files/%2ehidden", "/files/.git/config",
            "/files//index.html", "/files/css", "/files/css/", "/files/missing", "/files/...",
            "/files/css//site.css", "/files//", "/files/index.html/", "/files/./index.html",
        ] {
            let response = try await get(path)
            XCTAssertEqual(response.status, .notFound, path)
            XCTAssertFalse(text(response).contains("secret"))
        }
        let null = try await get("/files/index.html%00.txt")
        XCTAssertEqual(null.status, .badRequest)
    }

    func testAnswersNotModified() async throws {
        let first = try await get("/files/index.html")
        let tag = try XCTUnwrap(first.headers["etag"])
        let date = try XCTUnwrap(first.headers["last-modified"])
        for headers: Headers in [
            ["If-None-Match": tag], ["If-None-Match": "*"], ["If-None-Match": "\"x\", \(tag)"],
            ["If-None-Match": String(tag.dropFirst(2))], ["If-Modified-Since": date],
        ] {
            let response = try await get("/files/index.html", headers)
            XCTAssertEqual(response.status, .notModified)
            XCTAssertEqual(response.headers["etag"], tag)
            XCTAssertNil(response.headers["content-type"])
            XCTAssertEqual(text(response), "")
        }
        for headers: Headers in [
            ["If-None-Match": "\"x\""], ["If-Modified-Since": HTTPDate(0).text],
            ["If-Modified-Since": "yesterday"],
            ["If-None-Match": "\"x\"", "If-Modified-Since": date],
        ] {
            let response = try await get("/files/index.html", headers)
            XCTAssertEqual(response.status, .ok)
        }
    }

    func testAnswersOneRange() async throws {
        let cases: [(String, String, String)] = [
            ("bytes=0-3", "0123", "bytes 0-3/10"), ("bytes=4-", "456789", "bytes 4-9/10"),
            ("bytes=-3", "789", "bytes 7-9/10"), ("bytes=-99", "0123456789", "bytes 0-9/10"),
            ("bytes=9-99", "9", "bytes 9-9/10"),
            ("bytes=0-9223372036854775807", "0123456789", "bytes 0-9/10"),
        ]
        for (range, body, content) in cases {
            let response = try await get("/files/a%20b.txt", ["Range": range])
            XCTAssertEqual(response.status, .partialContent, range)
            XCTAssertEqual(text(response), body, range)
            XCTAssertEqual(response.headers["content-range"], content)
        }
        let beyond = try await get("/files/a%20b.txt", ["Range": "bytes=10-"])
        XCTAssertEqual(beyond.status, .rangeNotSatisfiable)
        XCTAssertEqual(beyond.headers["content-range"], "bytes */10")
        let empty = try await get("/files/empty.bin", ["Range": "bytes=0-"])
        XCTAssertEqual(empty.status, .rangeNotSatisfiable)
    }

    // A36
    func testIgnoresRangesItCanNotRead() async throws {
        for range in [
            "bytes=5-2", "bytes=0-1,3-4", "bytes=", "bytes=-", "bytes=a-b", "lines=0-1",
            "bytes=+1-2",
            "bytes=0-99999999999999999999", "bytes=99999999999999999999-", "bytes=0-0x5", "",
            "bytes=-99999999999999999999", "bytes=--1",
        ] {
            let response = try await get("/files/a%20b.txt", ["Range": range])
            XCTAssertEqual(response.status, .ok, range)
            XCTAssertEqual(text(response), "0123456789")
        }
    }

    func testARangeCountsOnlyForTheVersionItIsMeantFor() async throws {
        let date = try await XCTUnwrapAsync(get("/files/a%20b.txt").headers["last-modified"])
        let same = try await get("/files/a%20b.txt", ["Range": "bytes=0-1", "If-Range": date])
        XCTAssertEqual(same.status, .partialContent)
        let other = try await get(
            "/files/a%20b.txt",
            ["Range": "bytes=0-1", "If-Range": HTTPDate(1).text]
        )
        XCTAssertEqual(other.status, .ok)
        let tag = try await get("/files/a%20b.txt", ["Range": "bytes=0-1", "If-Range": "\"x\""])
        XCTAssertEqual(tag.status, .ok)
        let head = try await get("/files/a%20b.txt", ["Range": "bytes=0-1"], method: .head)
        XCTAssertEqual(head.status, .ok)
    }

    func testAFileOfTheProgram() async throws {
        let site = directory + "/site"
        var app = App()
        app.get("/") { _ in .file(site + "/index.html") }
        app.get("/gone") { _ in .file(site + "/gone.html") }
        let handler = app.handler()
        let index = try await handler(.sample())
        XCTAssertEqual(text(index), "<h1>index</h1>")
        XCTAssertEqual(index.headers["content-type"], "text/html; charset=utf-8")
        let gone = try await handler(.sample(.get, "/gone"))
        XCTAssertEqual(gone.status, .notFound)
        let tag = try XCTUnwrap(index.headers["etag"])
        let again = try await handler(.sample(.get, "/", headers: ["If-None-Match": tag]))
        XCTAssertEqual(again.status, .notModified)
    }

    func testKnowsMediaTypes() {
        let cases = [
            "a.html": "text/html; charset=utf-8", "A.HTML": "text/html; charset=utf-8",
            "x/y.z/app.js": "text/javascript; charset=utf-8", "a.tar.gz": "application/gzip",
            "a": "application/octet-stream", ".html": "application/octet-stream",
            "a.\u{212A}": "application/octet-stream", "x.html/": "text/html; charset=utf-8",
        ]
        for (path, type) in cases { XCTAssertEqual(MediaType.forFile(path), type, path) }
    }
}

private func XCTUnwrapAsync<Value>(_ value: Value?) throws -> Value {
    try XCTUnwrap(value)
}
