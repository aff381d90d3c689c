import XCTest

@testable import ActorIO

/// A peer that asks for more than it takes is read at the pace at which it takes.
final class WebSocketPaceTests: XCTestCase {
    private let loop = EventLoop(manualAt: LoopTime(nanoseconds: 1_000))
    private let stream = PacedStream()
    private let peer = GreedyPeer()

    /// Runs on the loop, with a socket of a budget of a megabyte whose peer takes nothing yet.
    private func begin(_ texts: String...) -> WebSocket {
        let bound = LoopBound<any ByteStream>(stream, on: loop)
        let early = texts.flatMap { ClientCodec.frame(text: Array($0.utf8)) }
        let budget = WriteBudget(bytes: 1_000_000, chunks: 1_000)
        let socket = WebSocket(loop: loop, maxPayload: 1_000, budget: budget)
        loop.claim()
        socket.onLoop { [peer] in
            $0.open(UpgradedStream(stream: bound, early: early, head: []), for: peer)
        }
        while loop.crank() {}
        return socket
    }

    /// The peer takes some bytes.
    private func take(_ count: Int, _ socket: WebSocket) {
        stream.room = count
        socket.streamReady(reading: false, writing: true, ended: false)
        while loop.crank() {}
    }

    func testItIsReadOnWhenAQuarterIsLeftThoughItNeverTakesAll() {
        let socket = begin("ask", "ask", "note")
        defer { loop.release() }
        XCTAssertEqual(peer.notes.all, [])
        XCTAssertFalse(stream.isRead)
        take(300_000, socket)
        XCTAssertEqual(peer.notes.all, [])
        XCTAssertFalse(stream.isRead)
        take(100_000, socket)
        XCTAssertEqual(peer.notes.all, ["note"])
        XCTAssertTrue(stream.isRead)
        XCTAssertEqual(stream.taken, 400_000, "there is more for it")
    }

    func testNothingIsReadInTheMiddleOfASend() {
        let socket = begin("ask", "ask", "note")
        defer { loop.release() }
        stream.room = 600_000
        socket.onLoop { [peer] socket in
            socket.flush()
            XCTAssertEqual(peer.notes.all, [])
        }
        while loop.crank() {}
        XCTAssertEqual(peer.notes.all, ["note"])
    }

    func testItIsReadAllTheTimeWhileWhatWaitsIsLittle() {
        let socket = begin("ask", "note")
        defer { loop.release() }
        XCTAssertEqual(peer.notes.all, ["note"])
        XCTAssertTrue(stream.isRead)
        take(1_000_000, socket)
        XCTAssertEqual(stream.taken, 300_000)
    }
}

/// Gets a large answer for each `ask`, and writes down what else comes.
private final class GreedyPeer: WebSocketReceiver {
    let notes = Notes()

    func webSocket(_ socket: WebSocket, received message: [UInt8], isText: Bool) {
        let text = String(decoding: message, as: UTF8.self)
        guard text == "ask" else { return notes.add(text) }
        let answer = [UInt8](repeating: 0, count: 300_000)
        WebSocket.sending(socket, ReadyFrames(storage: answer, start: 0))
    }

    func webSocket(_ socket: WebSocket, ended end: WebSocketEnd) { notes.add("\(end)") }
}

/// Takes as much as it has room for.
private final class PacedStream: ByteStream {
    let peer = SocketAddress.unix("paced")
    var room = 0
    private(set) var taken = 0
    private(set) var isRead = true

    func attach(to owner: any StreamOwner, on loop: EventLoop) -> Bool { true }
    func detach() {}
    func read(into buffer: inout [UInt8]) -> StreamInput { .again }
    func listen(reading: Bool, writing: Bool) { isRead = reading }
    func finishWriting() {}
    func close() {}

    func write(_ bytes: [UInt8], from offset: Int) -> StreamOutput {
        let count = min(room, bytes.count - offset)
        guard count > 0 else { return .full }
        (room, taken) = (room - count, taken + count)
        return .taken(count)
    }
}
