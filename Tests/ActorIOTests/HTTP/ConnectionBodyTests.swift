import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Request bodies as their handlers see them.
final class ConnectionBodyTests: XCTestCase {
    private func collector(limits: HTTPLimits = HTTPLimits()) -> ConnectionWire {
        ConnectionWire(limits: limits) { request in
            .text(String(decoding: try await request.body.collect(), as: UTF8.self))
        }
    }

    private func post(_ path: String = "/", _ lines: String..., body: String = "") -> String {
        (["POST \(path) HTTP/1.1", "Host: a"] + lines + ["", ""]).joined(separator: "\r\n") + body
    }

    func testABodyInOneWriteAndByteByByte() throws {
        let requests =
            post("/", "Content-Length: 5", body: "hello")
            + post("/", "Transfer-Encoding: chunked", body: "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n")
            + get("/")
        let wire = collector()
        XCTAssertEqual(try wire.answers(requests).map(\.text), ["hello", "hello", ""])
        let peer = wire.connect()
        for byte in requests.utf8 {
            peer.send([byte])
            wire.run()
        }
        XCTAssertEqual(try peer.responses().map(\.text), ["hello", "hello", ""])
        XCTAssertFalse(peer.hasEnded)
    }

    func testALongBodyIsStreamedWithoutBeingGathered() throws {
        let gate = Gate()
        let sizes = Recorder<Int>()
        let wire = ConnectionWire { request in
            await gate.pass()
            for try await chunk in request.body { sizes.add(chunk.count) }
            return .text("\(sizes.all.reduce(0, +))")
        }
        let peer = wire.connect()
        peer.send(post("/", "Content-Length: 900000"))
        peer.send([UInt8](repeating: 0x61, count: 900_000))
        wire.run()
        // Nobody has asked for it yet: most of it is still on the client's side.
        let held = wire.connections[0].onLoop { $0.exchange?.body?.arrived.count ?? 0 }
        XCTAssertLessThanOrEqual(held, 2 * 65_536)
        XCTAssertGreaterThan(held, 0)
        gate.open()
        wire.run()
        XCTAssertEqual(try peer.responses().map(\.text), ["900000"])
        XCTAssertGreaterThan(sizes.count, 5)
        peer.tell(get("/"))
        XCTAssertEqual(peer.statuses, [200, 200])
    }

    func testContinueIsSentOnlyWhenTheHandlerReads() throws {
        let gate = Gate()
        let wire = ConnectionWire { request in
            await gate.pass()
            return .text("\(try await request.body.collect().count)")
        }
        let peer = wire.connect()
        peer.tell(post("/", "Content-Length: 3", "Expect: 100-continue"))
        XCTAssertEqual(peer.text, "")
        gate.open()
        wire.run()
        XCTAssertEqual(peer.text, "HTTP/1.1 100 Continue\r\n\r\n")
        peer.tell("abc")
        XCTAssertEqual(try peer.responses().map(\.text), ["3"])
        XCTAssertFalse(peer.hasEnded)
    }

    func testNoContinueIsSentWhenTheHandlerRefuses() throws {
        let wire = ConnectionWire { _ in throw HTTPError(.forbidden) }
        let peer = wire.connect()
        peer.tell(post("/", "Content-Length: 3", "Expect: 100-continue"))
        XCTAssertFalse(peer.text.contains("100 Continue"))
        XCTAssertEqual(peer.statuses, [403])
        // Whether the body comes is not known, so nothing after it can be understood.
        XCTAssertTrue(peer.hasEnded)
    }

    func testABodyThatIsAnnouncedTooLongIs413BeforeItComes() throws {
        var limits = HTTPLimits()
        limits.maxBody = 10
        let wire = collector(limits: limits)
        let peer = wire.connect()
        peer.tell(post("/", "Content-Length: 11", "Expect: 100-continue"))
        XCTAssertEqual(peer.statuses, [413])
        XCTAssertTrue(peer.hasEnded)
        XCTAssertEqual(
            try wire.answers(post("/", "Content-Length: 10", body: "0123456789"))[0].status,
            200
        )
    }

    func testABodyOfChunksThatGrowsTooLongIs413() throws {
        var limits = HTTPLimits()
        limits.maxBody = 10
        for isSlow in [false, true] {
            let wire = collector(limits: limits)
            let peer = wire.connect()
            peer.send(post("/", "Transfer-Encoding: chunked"))
            if isSlow { wire.run() }
            peer.tell("6\r\n012345\r\n6\r\n012345\r\n0\r\n\r\n")
            XCTAssertEqual(peer.statuses, [413])
            XCTAssertTrue(peer.hasEnded)
        }
    }

    func testAHandlersOwnLimitIs413() throws {
        let wire = ConnectionWire { request in
            .text("\(try await request.body.collect(upTo: 3).count)")
        }
        for text in [
            post("/", "Content-Length: 4", body: "abcd"),
            post("/", "Transfer-Encoding: chunked", body: "2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n"),
        ] {
            XCTAssertEqual(try wire.answers(text).map(\.status), [413])
        }
    }

    func testAHandlerThatIgnoresAHalfSentBodyIsAnsweredAndTheConnectionEnds() throws {
        let wire = ConnectionWire { _ in .text("no, thanks") }
        let peer = wire.connect()
        peer.send(post("/", "Content-Length: 500000", body: "abc"))
        wire.run()
        XCTAssertEqual(try peer.responses().map(\.text), ["no, thanks"])
        XCTAssertEqual(try peer.responses()[0].headers["connection"], "close")
        // The rest of the body is taken and thrown away, so that no reset destroys the answer.
        for _ in 0..<5 { peer.tell(String(repeating: "x", count: 90_000)) }
        XCTAssertEqual(peer.statuses, [200])
        XCTAssertEqual(wire.goneCount, 0)
        peer.stream.close()
        wire.run()
        XCTAssertEqual(wire.goneCount, 1)
    }

    func testGarbageInABodyNobodyReadsDoesNotDestroyALongAnswer() throws {
        let big = [UInt8](repeating: 0x62, count: 400_000)
        let wire = ConnectionWire { _ in .bytes(big) }
        let peer = wire.connect(capacity: 20_000)
        peer.setReading(false)
        peer.tell(post("/", "Transfer-Encoding: chunked", body: "3\r\nabc\r\n"))
        peer.tell("this is no chunk\r\n")
        peer.setReading(true)
        wire.run()
        XCTAssertEqual(try peer.responses().map(\.body), [big])
    }

    func testAWholeBodyThatNobodyReadsDoesNotEndTheConnection() throws {
        let wire = ConnectionWire { request in .text(request.path) }
        let answers = try wire.answers(post("/a", "Content-Length: 3", body: "abc") + get("/b"))
        XCTAssertEqual(answers.map(\.text), ["/a", "/b"])
    }

    func testARequestPipelinedBehindABodyThatIsNotReadYetWaits() throws {
        let gate = Gate()
        let wire = ConnectionWire { request in
            if request.method == .post { await gate.pass() }
            return .text(String(decoding: try await request.body.collect(), as: UTF8.self) + ".")
        }
        let peer = wire.connect()
        peer.tell(post("/", "Content-Length: 6", body: "abc"))
        peer.tell("def" + get("/next"))
        peer.tell(get("/last"))
        XCTAssertEqual(peer.received, [])
        gate.open()
        wire.run()
        XCTAssertEqual(try peer.responses().map(\.text), ["abcdef.", ".", "."])
    }

    func testABodyThatIsCutIsNeverTakenForAWholeOne() throws {
        let ends = Recorder<String>()
        let gate = Gate()
        let wire = ConnectionWire { request in
            do {
                for try await _ in request.body { await gate.pass() }
                ends.add("whole")
            } catch {
                ends.add("cut")
            }
            return .text("done")
        }
        let closed = wire.connect()
        closed.tell(post("/", "Content-Length: 6", body: "abc"))
        closed.stream.close()
        let reset = wire.connect()
        reset.tell(post("/", "Content-Length: 6", body: "abc"))
        reset.stream.reset()
        let garbage = wire.connect()
        garbage.tell(post("/", "Transfer-Encoding: chunked", body: "3\r\nabc\r\n"))
        garbage.tell("zzz\r\n")
        wire.run()
        XCTAssertEqual(garbage.statuses, [400])
        let slow = wire.connect()
        slow.tell(post("/", "Content-Length: 6", body: "abc"))
        wire.advance(.seconds(30))
        XCTAssertEqual(slow.statuses, [408])
        gate.open()
        wire.run()
        XCTAssertEqual(ends.all, ["cut", "cut", "cut", "cut"])
    }

    func testABodyReadAfterItsAnswerIsNotTheNextRequestsBody() throws {
        let bodies = Recorder<RequestBody>()
        let wire = ConnectionWire { request in
            bodies.add(request.body)
            return .text(String(decoding: try await request.body.collect(), as: UTF8.self))
        }
        let peer = wire.connect()
        peer.tell(post("/", "Content-Length: 6", body: "abc"))
        peer.tell("def" + post("/", "Content-Length: 6", body: "gh"))
        let stolen = Recorder<String>()
        let first = bodies.all[0]
        Task.immediate(executorPreference: wire.loop.preference) {
            let late = (try? await first.collect()) ?? []
            stolen.add(String(decoding: late, as: UTF8.self))
        }
        peer.tell("ijkl")
        XCTAssertEqual(stolen.all, [""])
        XCTAssertEqual(try peer.responses().map(\.text), ["abcdef", "ghijkl"])
    }

    func testTwoReadersOfOneBodyAreRefused() throws {
        let errors = Recorder<String>()
        let wire = ConnectionWire { request in
            let body = request.body
            async let other = try? body.collect()
            do {
                _ = try await body.collect()
            } catch {
                errors.add("\(error)")
            }
            _ = await other
            return .status(.noContent)
        }
        let peer = wire.connect()
        peer.tell(post("/", "Content-Length: 6", body: "abc"))
        peer.tell("def")
        XCTAssertEqual(errors.count, 1)
        XCTAssertEqual(peer.statuses, [204])
    }
}
