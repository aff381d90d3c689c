import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Requests and answers on one connection, in memory.
final class ConnectionTests: XCTestCase {
    private func echo() -> ConnectionWire {
        ConnectionWire { request in .text("\(request.method) \(request.target)") }
    }

    func testTwoRequestsOneAfterTheOther() throws {
        let wire = echo()
        let peer = wire.connect()
        peer.tell(get("/a"))
        peer.tell(get("/b"))
        XCTAssertEqual(try peer.responses().map(\.text), ["GET /a", "GET /b"])
        XCTAssertFalse(peer.hasEnded)
        XCTAssertEqual(wire.goneCount, 0)
    }

    func testConnectionCloseEndsItAfterTheAnswer() throws {
        let wire = echo()
        let peer = wire.connect()
        peer.tell(get("/a", "Connection: close") + get("/b"))
        XCTAssertEqual(try peer.responses().map(\.text), ["GET /a"])
        XCTAssertEqual(try peer.responses()[0].headers["connection"], "close")
        XCTAssertTrue(peer.hasEnded)
        peer.stream.close()
        wire.run()
        XCTAssertEqual(wire.goneCount, 1)
        XCTAssertEqual(wire.loop.timerCount, 0)
    }

    func testHTTP10ClosesUnlessItAsksToBeKept() throws {
        let wire = echo()
        let peer = wire.connect()
        peer.tell("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        XCTAssertEqual(try peer.responses()[0].headers["connection"], "keep-alive")
        XCTAssertFalse(peer.hasEnded)
        peer.tell("GET /b HTTP/1.0\r\n\r\n")
        XCTAssertEqual(try peer.responses().map(\.text), ["GET /a", "GET /b"])
        XCTAssertTrue(peer.hasEnded)
    }

    func testBytesThatComeOneByOneMakeTheSameRequest() throws {
        let wire = echo()
        let peer = wire.connect()
        for byte in (get("/a") + get("/b")).utf8 {
            peer.send([byte])
            wire.run()
        }
        XCTAssertEqual(try peer.responses().map(\.text), ["GET /a", "GET /b"])
    }

    func testHeadHasTheLengthAndNoBody() throws {
        let wire = echo()
        let peer = wire.connect()
        peer.tell("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n")
        XCTAssertTrue(peer.text.hasSuffix("\r\n\r\n"), peer.text)
        XCTAssertEqual(try peer.responses(isHead: true)[0].headers["content-length"], "7")
        peer.tell("HEAD /b HTTP/1.1\r\nHost: a\r\n\r\n")
        XCTAssertEqual(try peer.responses(isHead: true).count, 2)
    }

    func testEveryAnswerHasADateOfTheLoopsTime() throws {
        let wire = echo()
        XCTAssertEqual(
            try wire.answers(get("/"))[0].headers["date"],
            HTTPDate(wire.loop.unixTime).text
        )
    }

    func testAThousandPipelinedRequestsAreAnsweredInOrder() throws {
        let wire = echo()
        let peer = wire.connect()
        peer.tell((0..<1_000).map { get("/\($0)") }.joined())
        XCTAssertEqual(try peer.responses().map(\.text), (0..<1_000).map { "GET /\($0)" })
        XCTAssertFalse(peer.hasEnded)
    }

    func testAThousandPipelinedRequestsToASuspendingHandlerAreAnsweredInOrder() throws {
        let running = Recorder<Int>()
        let wire = ConnectionWire { request in
            running.add(1)
            await Task.yield()
            running.add(-1)
            XCTAssertEqual(running.all.reduce(0, +), 0)
            return .text(request.path)
        }
        let peer = wire.connect()
        peer.tell((0..<1_000).map { get("/\($0)") }.joined())
        XCTAssertEqual(try peer.responses().map(\.text), (0..<1_000).map { "/\($0)" })
    }

    func testPipelinedRequestsWaitInTheKernelWhileOneIsHandled() throws {
        let gate = Gate()
        let wire = ConnectionWire { request in
            await gate.pass()
            return .text(request.path)
        }
        let peer = wire.connect(capacity: 10_000)
        let count = 1_500
        let padding = "X-Padding: " + String(repeating: "x", count: 120)
        peer.send((0..<count).map { get("/\($0)", padding) }.joined())
        wire.run()
        let backlog = wire.connections[0].onLoop { $0.backlog.count }
        XCTAssertLessThanOrEqual(backlog, 2 * 65_536)
        XCTAssertEqual(gate.waiterCount, 1)
        gate.open()
        wire.run()
        let bodies = peer.text.split(separator: "\r\n\r\n").dropFirst().map { part in
            part.prefix { $0 != "H" }
        }
        XCTAssertEqual(bodies, (0..<count).map { "/\($0)" })
        XCTAssertEqual(wire.connections[0].onLoop { $0.backlog.count }, 0)
    }

    func testAnErrorOfAHandlerIs500WithoutDetails() throws {
        struct Secret: Error { let password = "hunter2" }
        let wire = ConnectionWire { _ in throw Secret() }
        let peer = wire.connect()
        peer.tell(get("/a\u{1b}") + get("/b"))
        let other = wire.connect()
        other.tell(get("/b") + get("/c"))
        XCTAssertEqual(other.statuses, [500, 500])
        XCTAssertFalse(other.text.contains("hunter2"))
        XCTAssertTrue(wire.logged.all.contains { $0.contains("hunter2") })
        XCTAssertFalse(other.hasEnded)
    }

    func testAnHTTPErrorIsItsStatusAndHeaders() throws {
        let wire = ConnectionWire { _ in
            throw HTTPError(.serviceUnavailable, "later", headers: ["Retry-After": "5"])
        }
        let response = try wire.answers(get("/"))[0]
        XCTAssertEqual(response.status, 503)
        XCTAssertEqual(response.headers["retry-after"], "5")
        XCTAssertEqual(wire.logged.count, 0)
    }

    func testAParseErrorIs400AndCloses() throws {
        let wire = echo()
        let peer = wire.connect()
        peer.tell(get("/a") + "GET  /b HTTP/1.1\r\nHost: a\r\n\r\n" + get("/c"))
        XCTAssertEqual(peer.statuses, [200, 400])
        XCTAssertTrue(peer.hasEnded)
    }

    func testAParseErrorOnOneConnectionLeavesAnotherAlone() throws {
        let big = [UInt8](repeating: 0x61, count: 300_000)
        let wire = ConnectionWire { _ in .bytes(big) }
        let peer = wire.connect()
        peer.setReading(false)
        peer.tell(get("/big"))
        for garbage in [
            "\0\u{1}\u{2}\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\0", "GET / HTTP/9.9\r\n\r\n",
        ] {
            let other = wire.connect()
            other.tell(garbage)
            XCTAssertTrue(other.hasEnded, garbage.debugDescription)
        }
        peer.setReading(true)
        wire.run()
        XCTAssertEqual(try peer.responses()[0].body, big)
        peer.tell(get("/again"))
        XCTAssertEqual(peer.statuses, [200, 200])
    }

    func testALongStreamOfZerosIsRefusedAtOnce() {
        let wire = echo()
        let peer = wire.connect()
        for _ in 0..<100 { peer.send([UInt8](repeating: 0, count: 10_000)) }
        wire.run()
        XCTAssertEqual(peer.statuses, [400])
        XCTAssertEqual(wire.connections[0].onLoop { $0.backlog.count }, 0)
    }

    func testAnAnswerThatComesTwiceCountsOnce() throws {
        let responders = Recorder<Responder>()
        let wire = ConnectionWire { _ in
            let deferred = Deferred(start: { responders.add($0) }, abandoned: {})
            return Response(.ok, [:], .deferred(deferred))
        }
        let peer = wire.connect()
        peer.tell(get("/"))
        XCTAssertEqual(peer.received, [])
        responders.all[0].respond(.text("one"))
        responders.all[0].respond(.text("two"))
        wire.run()
        peer.tell(get("/"))
        responders.all[0].respond(.text("three"))
        wire.run()
        XCTAssertEqual(try peer.responses().map(\.text), ["one"])
    }

    func testAThousandIdleConnectionsAreAThousandActorsAndTimers() {
        let wire = echo()
        let peers = (0..<1_000).map { _ in wire.connect() }
        wire.run()
        for peer in peers { peer.send(get("/")) }
        wire.run()
        XCTAssertTrue(peers.allSatisfy { $0.statuses == [200] })
        XCTAssertEqual(wire.loop.timerCount, 1_000)
        XCTAssertEqual(wire.loop.runningTasks, 0)
        wire.advance(.seconds(75))
        XCTAssertEqual(wire.goneCount, 1_000)
        XCTAssertEqual(wire.loop.timerCount, 0)
        XCTAssertTrue(peers.allSatisfy(\.hasEnded))
    }
}
