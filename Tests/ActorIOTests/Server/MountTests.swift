import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Which requests go to Socket.IO, and which to the app.
final class MountTests: XCTestCase {
    private func wire(_ configure: (inout SocketIO.Options) -> Void = { _ in }) -> ConnectionWire {
        var app = App()
        app.log = .disabled
        app.errorPage = { error, request in .text("app \(request.path)", status: error.status) }
        var options = quiet
        configure(&options)
        return ConnectionWire(Mount(app: app, io: SocketIO(options: options)).handler())
    }

    /// What answers a path: the app, the engine, the client's script, or nobody.
    private func who(_ path: String, _ wire: ConnectionWire) throws -> String {
        let answer = try XCTUnwrap(try wire.answers(get(path)).first, path)
        if answer.text.hasPrefix("{\"code\":") { return "engine" }
        if answer.text.hasPrefix("app ") { return "app" }
        let type = answer.headers["content-type"] ?? ""
        return type.hasPrefix("application/javascript") ? "client" : "\(answer.status)"
    }

    func testThePathIsComparedExactly() throws {
        let wire = wire()
        let expected = [
            "/socket.io": "engine", "/socket.io/": "engine", "/socket.io?a=1": "engine",
            "/socket.ioX": "app", "/socket.io.js": "app", "/socket.iO/": "app",
            "/socket.io//": "app", "/socket.io/x": "app", "/a/socket.io/": "app", "/": "app",
            "/socket%2Eio/": "app", "/socket.io/socket.io.js": "client",
            "/socket.io/socket.io.esm.js": "client", "/socket.io/other.js": "app",
            "/socket.io/socket.io.js/": "app", "/socket.io/%73ocket.io.js": "app",
            "/socket.io/.js": "app",
        ]
        for (path, answerer) in expected {
            XCTAssertEqual(try who(path, wire), answerer, path)
        }
    }

    func testAnotherPathMayBeChosenWithOrWithoutSlashes() throws {
        for path in ["/chat", "/chat/", "chat", "chat//"] {
            let wire = wire { $0.engine.path = path }
            XCTAssertEqual(try who("/chat/?EIO=3", wire), "engine", path)
            XCTAssertEqual(try who("/chat/socket.io.js", wire), "client", path)
            XCTAssertEqual(try who("/socket.io/", wire), "app", path)
        }
    }

    func testTheClientIsNotServedWhenItIsNotWanted() throws {
        let wire = wire { $0.servesClient = false }
        XCTAssertEqual(try who("/socket.io/socket.io.js", wire), "app")
    }

    func testTheClientHasATagAndIsNotSentTwice() throws {
        let wire = wire()
        for name in ["socket.io.js", "socket.io.esm.js", "socket.io.min.js"] {
            let first = try wire.answers(get("/socket.io/\(name)"))[0]
            XCTAssertEqual(first.status, 200)
            XCTAssertGreaterThan(first.body.count, 1_000)
            let tag = try XCTUnwrap(first.headers["etag"])
            let second = try wire.answers(get("/socket.io/\(name)", "If-None-Match: \(tag)"))[0]
            XCTAssertEqual(second.status, 304)
            XCTAssertEqual(second.body, [])
            let other = try wire.answers(get("/socket.io/\(name)", "If-None-Match: \"x\""))[0]
            XCTAssertEqual(other.status, 200)
        }
        let head = wire.connect()
        head.tell("HEAD /socket.io/socket.io.js HTTP/1.1\r\nHost: a\r\n\r\n")
        XCTAssertTrue(head.text.hasSuffix("\r\n\r\n"))
    }

    func testAFolderCanTakeThePlaceOfTheClient() throws {
        try withFile(of: Array("official".utf8)) { path in
            let parts = path.split(separator: "/")
            let folder = "/" + parts.dropLast().joined(separator: "/")
            let wire = wire { $0.clientDirectory = folder }
            let file = try wire.answers(get("/socket.io/\(parts[parts.count - 1])"))[0]
            // Only scripts and their maps are served from there.
            XCTAssertEqual(file.text.hasPrefix("app "), true)
            XCTAssertEqual(try wire.answers(get("/socket.io/no.js"))[0].status, 404)
            for path in ["/socket.io/../etc/passwd", "/socket.io/..%2f..%2fetc%2fpasswd"] {
                XCTAssertFalse(try wire.answers(get(path))[0].text.contains("root:"))
            }
        }
    }

    func testAnAppAloneGetsEverything() throws {
        var app = App()
        app.get("/socket.io/") { _ in .text("app") }
        let wire = ConnectionWire(Mount(app: app, io: nil).handler())
        XCTAssertEqual(try wire.answers(get("/socket.io/"))[0].text, "app")
    }
}
