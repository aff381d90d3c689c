import Foundation
import XCTest

@testable import ActorIO

/// Connections on a real port, where handlers run inside the read that brought their request.
final class ConnectionPortTests: XCTestCase {
    private func app(_ build: (inout App) -> Void) -> App {
        var app = App()
        app.log = .disabled
        app.get("/") { _ in .text("short") }
        build(&app)
        return app
    }

    func testAThousandPipelinedRequestsInOneWriteAreAnsweredInOrder() async throws {
        let app = app { app in app.get("/n/:id") { .text("<\(try $0.parameter("id") as Int)>") } }
        try await withServer(app, options: ServerTests.options()) { server in
            let socket = try RawSocket(try await server.address)
            try socket.send((0..<1_000).map { get("/n/\($0)") }.joined())
            let text = try socket.read(until: "<999>")
            let numbers = text.split(separator: "\r\n\r\n<").dropFirst().map { part in
                Int(part.prefix { $0 != ">" })
            }
            XCTAssertEqual(numbers, Array(0..<1_000))
        }
    }

    func testFramesInTheSameWriteAsTheUpgradeAreDeliveredInOrder() async throws {
        let io = SocketIO(options: quiet) { root in
            root.on(Call<Int, Int>("echo")) { _, number in number }
        }
        for loops in [1, 2] {
            try await withServer(App(), io, options: ServerTests.options(loops: loops)) { server in
                for _ in 0..<10 {
                    let socket = try RawSocket(try await server.address)
                    let request = get(
                        "/socket.io/?EIO=4&transport=websocket",
                        "Connection: Upgrade",
                        "Upgrade: websocket",
                        "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
                    )
                    let frames = ["40", "421[\"echo\",5]"].flatMap { text in
                        FrameWriter.frame(.text, Array(text.utf8), mask: 0x0A0B_0C0D)
                    }
                    try socket.send(Array((get("/none") + request).utf8) + frames)
                    let text = try socket.read(until: "431[5]")
                    XCTAssertTrue(text.hasPrefix("HTTP/1.1 404 "), text)
                    XCTAssertTrue(text.contains("HTTP/1.1 101 "), text)
                }
            }
        }
    }

    func testAHalfClosedSlowReaderGetsAllOfALongAnswer() async throws {
        let big = [UInt8](repeating: 0x61, count: 9_000_000)
        let app = app { app in app.get("/big") { _ in .bytes(big) } }
        try await withServer(app, options: ServerTests.options()) { server in
            for lines in ["Accept: */*", "Connection: close"] {
                let socket = try RawSocket(try await server.address)
                try socket.send(get("/big", lines))
                socket.finishWriting()
                await eventually("the request") { await server.connectionCount == 1 }
                XCTAssertGreaterThan(try socket.readToEnd().utf8.count, big.count)
                await eventually("the end") { await server.connectionCount == 0 }
            }
        }
    }

    func testAResetInTheMiddleOfAnAnswerHarmsNobodyElse() async throws {
        let big = [UInt8](repeating: 0x61, count: 9_000_000)
        let app = app { app in app.get("/big") { _ in .bytes(big) } }
        try await withServer(app, options: ServerTests.options()) { server in
            let address = try await server.address
            let other = try RawSocket(address)
            for _ in 0..<20 {
                let socket = try RawSocket(address)
                try socket.send(get("/big"))
                _ = try socket.read()
                socket.reset()
                try other.send(get("/"))
                _ = try other.read(until: "short")
            }
            await eventually("the others to go") { await server.connectionCount == 1 }
        }
    }

    func testAPeerThatHalfClosesAndThenResetsCancelsTheHandler() async throws {
        let (gate, log) = (Gate(), Recorder<Bool>())
        let app = app { app in
            app.get("/gate") { _ in
                log.add(Task.isCancelled)
                await gate.pass()
                log.add(Task.isCancelled)
                return .text("late")
            }
        }
        try await withServer(app, options: ServerTests.options()) { server in
            let socket = try RawSocket(try await server.address)
            try socket.send(get("/gate"))
            await eventually("the handler") { log.count == 1 }
            socket.finishWriting()
            let count = await server.connectionCount
            XCTAssertEqual(count, 1)
            socket.reset()
            await eventually("the end") { await server.connectionCount == 0 }
            gate.open()
            await eventually("the handler's end") { log.all == [false, true] }
        }
    }

    func testAThousandIdleConnectionsAreKeptAndAnsweredAgain() async throws {
        try await withServer(app { _ in }, options: ServerTests.options(loops: 2)) { server in
            let address = try await server.address
            let sockets = try (0..<1_000).map { _ in
                let socket = try RawSocket(address)
                try socket.send(get("/"))
                _ = try socket.read(until: "short")
                return socket
            }
            let count = await server.connectionCount
            XCTAssertEqual(count, 1_000)
            for socket in sockets { try socket.send(get("/")) }
            for socket in sockets { _ = try socket.read(until: "short") }
            for socket in sockets { socket.close() }
            await eventually("the end of all") { await server.connectionCount == 0 }
        }
    }

    func testALargeFileToAFastReaderLetsOthersHaveTheirTurn() async throws {
        let path = "/tmp/actorio-\(Token.text(bytes: 9))"
        try Data(count: 60_000_000).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let app = app { app in app.get("/file") { _ in .file(path) } }
        try await withServer(app, options: ServerTests.options()) { server in
            let address = try await server.address
            let (reader, other) = (try RawSocket(address), try RawSocket(address))
            try reader.send(get("/file", "Connection: close"))
            var left = 60_000_000
            var answers = 0
            while left > 0 {
                let count = try reader.read().count
                guard count > 0 else { break }
                left -= count
                guard answers < 5 else { continue }
                try other.send(get("/"))
                _ = try other.read(until: "short")
                answers += 1
            }
            XCTAssertEqual(answers, 5)
            XCTAssertLessThanOrEqual(left, 0)
        }
    }

    func testAClientHelloAndRandomBytesAreRefusedQuietly() async throws {
        try await withServer(app { _ in }, options: ServerTests.options()) { server in
            var dice = SplitMix64(7)
            let hello: [UInt8] = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3]
            for round in 0..<50 {
                let noise = (0..<300).map { _ in UInt8.random(in: 128...255, using: &dice) }
                let socket = try RawSocket(try await server.address)
                try socket.send(round == 0 ? hello : noise)
                XCTAssertTrue(try socket.readToEnd().hasPrefix("HTTP/1.1 400 "))
            }
            let text = try ask(try await server.address)
            XCTAssertTrue(text.contains("short"))
        }
    }
}
