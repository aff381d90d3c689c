import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Deadlines to the nanosecond, on virtual time.
final class ConnectionDeadlineTests: XCTestCase {
    private let moment = Duration.nanoseconds(1)

    private func echo() -> ConnectionWire {
        ConnectionWire { request in .text(request.path) }
    }

    func testASilentConnectionIsClosedAtTheHeadDeadline() {
        let wire = echo()
        let peer = wire.connect()
        wire.advance(.seconds(10) - moment)
        XCTAssertEqual(wire.goneCount, 0)
        wire.advance(moment)
        XCTAssertEqual(wire.goneCount, 1)
        XCTAssertTrue(peer.hasEnded)
        XCTAssertEqual(peer.text, "")
    }

    func testAByteNowAndThenDoesNotMoveTheHeadDeadline() {
        let wire = echo()
        let peer = wire.connect()
        for byte in "GET / HTT".utf8 {
            peer.send([byte])
            wire.advance(.seconds(1))
        }
        wire.advance(.seconds(1) - moment)
        XCTAssertEqual(peer.text, "")
        wire.advance(moment)
        XCTAssertEqual(peer.statuses, [408])
        XCTAssertTrue(peer.hasEnded)
    }

    func testTheHeadDeadlineOfALaterRequestStartsWithItsFirstByte() {
        let wire = echo()
        let peer = wire.connect()
        peer.tell(get("/"))
        wire.advance(.seconds(70))
        peer.tell("G")
        wire.advance(.seconds(10) - moment)
        XCTAssertEqual(peer.statuses, [200])
        wire.advance(moment)
        XCTAssertEqual(peer.statuses, [200, 408])
    }

    func testAnIdleConnectionIsClosedAtItsDeadline() {
        let wire = echo()
        let peer = wire.connect()
        peer.tell(get("/"))
        wire.advance(.seconds(75) - moment)
        XCTAssertFalse(peer.hasEnded)
        wire.advance(moment)
        XCTAssertTrue(peer.hasEnded)
        XCTAssertEqual(wire.goneCount, 1)
        XCTAssertEqual(peer.statuses, [200])
    }

    func testASlowBodyIs408AtItsDeadline() {
        let wire = ConnectionWire { request in .text("\(try await request.body.collect().count)") }
        let peer = wire.connect()
        peer.tell("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab")
        wire.advance(.seconds(30) - moment)
        XCTAssertEqual(peer.text, "")
        wire.advance(moment)
        XCTAssertEqual(peer.statuses, [408])
        XCTAssertTrue(peer.hasEnded)
        XCTAssertEqual(wire.loop.runningTasks, 0)
    }

    func testAHandlerMayTakeItsTime() {
        let gate = Gate()
        let wire = ConnectionWire { _ in
            await gate.pass()
            return .text("at last")
        }
        let peer = wire.connect()
        peer.tell(get("/"))
        XCTAssertEqual(wire.loop.timerCount, 0)
        wire.advance(.seconds(3_600))
        gate.open()
        wire.run()
        XCTAssertEqual(peer.statuses, [200])
    }

    func testAPeerThatTakesNothingIsCutAtTheWriteDeadline() {
        let big = [UInt8](repeating: 0x61, count: 500_000)
        let wire = ConnectionWire { _ in .bytes(big) }
        let peer = wire.connect()
        peer.setReading(false)
        peer.tell(get("/"))
        wire.advance(.seconds(30) - moment)
        XCTAssertEqual(wire.goneCount, 0)
        wire.advance(moment)
        XCTAssertEqual(wire.goneCount, 1)
        XCTAssertEqual(wire.loop.timerCount, 0)
    }

    func testEveryStepForwardRestartsTheWriteDeadline() {
        let big = [UInt8](repeating: 0x61, count: 200_000)
        let wire = ConnectionWire { _ in .bytes(big) }
        let peer = wire.connect()
        peer.setReading(false)
        peer.tell(get("/"))
        for _ in 0..<3 {
            wire.advance(.seconds(29))
            peer.read(1_000)
        }
        wire.advance(.seconds(29))
        XCTAssertEqual(wire.goneCount, 0)
        peer.setReading(true)
        wire.run()
        XCTAssertEqual(peer.statuses, [200])
        wire.advance(.seconds(75) - moment)
        XCTAssertFalse(peer.hasEnded)
        wire.advance(moment)
        XCTAssertTrue(peer.hasEnded)
    }

    func testAPeerThatTakesNothingIsCutAlsoWhenAnotherAnswerIsAdded() throws {
        let gate = Gate()
        try withFile(of: [UInt8](repeating: 0x61, count: 300_000)) { path in
            let wire = ConnectionWire { request in
                if request.path == "/file" {
                    await gate.pass()
                    return .file(path)
                }
                return .bytes([UInt8](repeating: 0x62, count: 50_000))
            }
            let peer = wire.connect(capacity: 10_000)
            peer.setReading(false)
            peer.tell(get("/") + get("/file"))
            wire.advance(.seconds(20))
            gate.open()
            wire.run()
            XCTAssertEqual(wire.goneCount, 0)
            wire.advance(.seconds(30))
            XCTAssertEqual(wire.goneCount, 1)
            XCTAssertEqual(wire.loop.timerCount, 0)
        }
    }

    func testAPeerThatDoesNotCloseIsClosedAMomentAfterTheLastAnswer() {
        let wire = echo()
        let peer = wire.connect()
        peer.tell(get("/", "Connection: close"))
        XCTAssertTrue(peer.hasEnded)
        wire.advance(.seconds(2) - moment)
        XCTAssertEqual(wire.goneCount, 0)
        wire.advance(moment)
        XCTAssertEqual(wire.goneCount, 1)
    }

    func testASlowReaderThatDoesNotCloseIsClosedAMomentAfterTheLastAnswer() throws {
        let big = [UInt8](repeating: 0x61, count: 60_000)
        let wire = ConnectionWire { _ in .bytes(big) }
        let peer = wire.connect(capacity: 10_000)
        peer.setReading(false)
        peer.tell(get("/", "Connection: close"))
        wire.advance(.seconds(10))
        XCTAssertEqual(wire.goneCount, 0)
        peer.setReading(true)
        wire.run()
        XCTAssertEqual(try peer.responses()[0].body, big)
        wire.advance(.seconds(2) - moment)
        XCTAssertEqual(wire.goneCount, 0)
        wire.advance(moment)
        XCTAssertEqual(wire.goneCount, 1)
    }

    func testAParkedRequestHasNoDeadlineHere() {
        let responders = Recorder<Responder>()
        let wire = ConnectionWire { _ in
            Response(.ok, [:], .deferred(Deferred(start: { responders.add($0) }, abandoned: {})))
        }
        let peer = wire.connect()
        peer.tell(get("/"))
        XCTAssertEqual(wire.loop.timerCount, 0)
        XCTAssertEqual(wire.loop.runningTasks, 0)
        wire.advance(.seconds(3_600))
        responders.all[0].respond(.text("now"))
        wire.run()
        XCTAssertEqual(peer.statuses, [200])
    }
}
