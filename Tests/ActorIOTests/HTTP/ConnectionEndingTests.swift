import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Peers that leave, by halves or at once, and servers that stop.
final class ConnectionEndingTests: XCTestCase {
    func testAHalfClosedPeerStillGetsItsAnswer() throws {
        let gate = Gate()
        let wire = ConnectionWire { request in
            await gate.pass()
            return .text(request.path)
        }
        let peer = wire.connect()
        peer.tell(get("/a") + get("/b"))
        peer.stream.finishWriting()
        wire.run()
        XCTAssertEqual(peer.text, "")
        gate.open()
        wire.run()
        XCTAssertEqual(try peer.responses().map(\.text), ["/a"])
        XCTAssertEqual(wire.goneCount, 1)
        XCTAssertEqual(wire.loop.timerCount, 0)
    }

    func testAHalfClosedSlowReaderStillGetsAllOfALongAnswer() throws {
        let big = [UInt8](repeating: 0x61, count: 300_000)
        try withFile(of: big) { path in
            for isFile in [false, true] {
                for isLate in [false, true] {
                    let wire = ConnectionWire { _ in isFile ? .file(path) : .bytes(big) }
                    let peer = wire.connect(capacity: 7_000)
                    peer.setReading(false)
                    peer.send(get("/", isLate ? "Connection: close" : "Accept: */*"))
                    if isLate { wire.run() }
                    peer.stream.finishWriting()
                    wire.run()
                    peer.setReading(true)
                    wire.run()
                    XCTAssertEqual(try peer.responses().first?.body.count, big.count)
                    XCTAssertEqual(wire.goneCount, 1)
                    XCTAssertEqual(wire.loop.timerCount, 0)
                }
            }
        }
    }

    func testAResetCancelsTheHandler() {
        let gate = Gate()
        let ends = Recorder<Bool>()
        let wire = ConnectionWire { _ in
            await gate.pass()
            ends.add(Task.isCancelled)
            return .text("too late")
        }
        let peer = wire.connect()
        peer.tell(get("/"))
        peer.stream.reset()
        wire.run()
        XCTAssertEqual(wire.goneCount, 1)
        gate.open()
        wire.run()
        XCTAssertEqual(ends.all, [true])
        XCTAssertEqual(wire.loop.runningTasks, 0)
    }

    func testAPeerThatHalfClosesAndThenResetsIsNoticed() {
        let gate = Gate()
        let wire = ConnectionWire { _ in
            await gate.pass()
            return .text("too late")
        }
        let peer = wire.connect()
        peer.tell(get("/"))
        peer.stream.finishWriting()
        wire.run()
        XCTAssertEqual(wire.goneCount, 0)
        peer.stream.reset()
        wire.run()
        XCTAssertEqual(wire.goneCount, 1)
        gate.open()
        wire.run()
    }

    func testAResetInEveryPhaseLeavesNothingBehind() {
        let gate = Gate()
        let abandoned = Recorder<Bool>()
        let wire = ConnectionWire { request in
            switch request.path {
            case "/gate":
                await gate.pass()
                return .text("late")
            case "/parked":
                let deferred = Deferred(start: { _ in }, abandoned: { abandoned.add(true) })
                return Response(.ok, [:], .deferred(deferred))
            case "/big": return .bytes([UInt8](repeating: 0x61, count: 500_000))
            default: return .text(try await request.body.collect().isEmpty ? "empty" : "full")
            }
        }
        let texts = [
            "", "GET", get("/"), get("/gate"), get("/parked"), get("/big"),
            get("/", "Connection: close"), "nonsense\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
        ]
        for isReset in [true, false] {
            for text in texts {
                let peer = wire.connect(capacity: 50_000)
                if text.contains("big") { peer.setReading(false) }
                peer.tell(text)
                isReset ? peer.stream.reset() : peer.stream.close()
                wire.run()
            }
        }
        gate.open()
        wire.advance(.seconds(60))
        XCTAssertEqual(wire.goneCount, 2 * texts.count)
        XCTAssertEqual(wire.loop.timerCount, 0)
        XCTAssertEqual(wire.loop.runningTasks, 0)
        XCTAssertEqual(abandoned.count, 2)
        let open = wire.connections.filter { connection in
            connection.onLoop { $0.stream != nil || $0.exchange != nil || !$0.backlog.isEmpty }
        }
        XCTAssertEqual(open.count, 0)
    }

    func testAConnectionThatIsGoneIsFreed() {
        weak var connection: Connection?
        let wire = ConnectionWire { request in .text("\(try await request.body.collect().count)") }
        do {
            let pair = MemoryStream.pair(on: wire.loop)
            let made = Connection(loop: wire.loop, context: wire.context)
            connection = made
            let bound = LoopBound<any ByteStream>(pair.server, on: wire.loop)
            made.onLoop { $0.start(bound) }
            let peer = Peer(pair.client, wire)
            peer.tell("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na")
            peer.tell("bc")
            XCTAssertEqual(peer.statuses, [200])
            pair.client.close()
            wire.run()
        }
        XCTAssertNil(connection)
    }

    // A server that stops

    private func drain(_ wire: ConnectionWire) {
        for connection in wire.connections { connection.onLoop { $0.drain() } }
        wire.run()
    }

    func testDrainingClosesIdleConnectionsAtOnce() {
        let wire = ConnectionWire { _ in .text("a") }
        let (idle, silent) = (wire.connect(), wire.connect())
        idle.tell(get("/"))
        drain(wire)
        XCTAssertTrue(idle.hasEnded)
        XCTAssertTrue(silent.hasEnded)
        wire.advance(.seconds(2))
        XCTAssertEqual(wire.goneCount, 2)
    }

    func testDrainingLetsAnOpenRequestEndAndNoOtherBegin() throws {
        let gate = Gate()
        let wire = ConnectionWire { request in
            await gate.pass()
            return .text(request.path)
        }
        let peer = wire.connect()
        peer.tell(get("/a") + get("/b"))
        drain(wire)
        XCTAssertEqual(wire.goneCount, 0)
        gate.open()
        wire.run()
        XCTAssertEqual(try peer.responses().map(\.text), ["/a"])
        XCTAssertEqual(try peer.responses()[0].headers["connection"], "close")
        XCTAssertTrue(peer.hasEnded)
    }

    func testDrainingWaitsForNobodyWhoHasSentHalfAHead() throws {
        let wire = ConnectionWire { request in .text(request.path) }
        let (first, second) = (wire.connect(), wire.connect())
        first.tell("GET /half HTTP/1.1\r\n")
        second.tell(get("/whole") + "GET /half HTTP/1.1\r\nHo")
        drain(wire)
        XCTAssertEqual(first.text, "")
        XCTAssertEqual(try second.responses().map(\.text), ["/whole"])
        XCTAssertTrue(first.hasEnded)
        XCTAssertTrue(second.hasEnded)
        XCTAssertEqual(wire.goneCount, 2)
        XCTAssertEqual(wire.loop.timerCount, 0)
    }

    func testDrainingDoesNotCutAnAnswerThatIsOnItsWay() throws {
        let big = [UInt8](repeating: 0x61, count: 60_000)
        let wire = ConnectionWire { _ in .bytes(big) }
        let slow = wire.connect(capacity: 10_000)
        slow.setReading(false)
        slow.tell(get("/"))
        drain(wire)
        XCTAssertEqual(wire.goneCount, 0)
        slow.setReading(true)
        wire.run()
        XCTAssertEqual(try slow.responses().map(\.body), [big])
        XCTAssertTrue(slow.hasEnded)
    }

    func testDrainingInTheTurnOfAnAnswerDoesNotCutIt() throws {
        let connections = Recorder<Connection>()
        let wire = ConnectionWire { _ in
            // As a handler does that stops the server.
            for connection in connections.all { connection.loop.execute { drainNow(connection) } }
            return .text("stopping")
        }
        let peer = wire.connect()
        connections.add(wire.connections[0])
        peer.tell(get("/"))
        XCTAssertEqual(try peer.responses().map(\.text), ["stopping"])
        XCTAssertTrue(peer.hasEnded)
    }
}

private func drainNow(_ connection: Connection) {
    connection.onLoop { $0.drain() }
}
