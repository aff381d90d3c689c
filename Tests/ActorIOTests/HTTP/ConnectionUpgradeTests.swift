import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Connections that turn into WebSockets.
final class ConnectionUpgradeTests: XCTestCase {
    private let request = get(
        "/ws",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    )

    private func frame(_ text: String) -> [UInt8] {
        FrameWriter.frame(.text, Array(text.utf8), mask: 0x0102_0304)
    }

    private func wire(_ listener: Listener, gate: Gate? = nil) -> ConnectionWire {
        let wire = ConnectionWire { request in
            guard request.path == "/ws" else { return .text(request.path) }
            if let gate { await gate.pass() }
            let accept = try UpgradeReply.check(request.head)
            let upgrade = Upgrade(take: { listener.take($0) }, abandoned: { listener.abandon() })
            return Response(
                .switchingProtocols,
                UpgradeReply.headers(accept: accept),
                .upgrade(upgrade)
            )
        }
        listener.loop = wire.loop
        return wire
    }

    func testFramesInTheSameWriteAsTheRequestAreDeliveredOnceAndInOrder() {
        for isSuspending in [false, true] {
            let (listener, gate) = (Listener(), Gate())
            let wire = wire(listener, gate: isSuspending ? gate : nil)
            let peer = wire.connect()
            peer.send(Array(request.utf8) + frame("one") + frame("two"))
            wire.run()
            gate.open()
            peer.send(frame("three"))
            wire.run()
            XCTAssertEqual(listener.messages, ["one", "two", "three"], "\(isSuspending)")
            XCTAssertTrue(peer.text.hasPrefix("HTTP/1.1 101 "), peer.text)
            XCTAssertEqual(peer.received.suffix(4), [0x81, 2, 0x68, 0x69])
            XCTAssertEqual(wire.goneCount, 1)
            XCTAssertEqual(wire.loop.timerCount, 0)
        }
    }

    func testEveryCutOfRequestAndFramesGivesTheSame() {
        let bytes = Array(request.utf8) + frame("one") + frame("two")
        for cut in 1..<bytes.count {
            let listener = Listener()
            let wire = wire(listener)
            let peer = wire.connect()
            peer.send(Array(bytes[..<cut]))
            wire.run()
            peer.send(Array(bytes[cut...]))
            wire.run()
            XCTAssertEqual(listener.messages, ["one", "two"], "cut at \(cut)")
        }
    }

    func testAnswersToRequestsPipelinedBeforeTheUpgradeAreNotLost() {
        let listener = Listener()
        let wire = wire(listener)
        let peer = wire.connect()
        peer.send(Array((get("/a") + request).utf8) + frame("one"))
        wire.run()
        XCTAssertTrue(peer.text.hasPrefix("HTTP/1.1 200 "), peer.text)
        XCTAssertTrue(peer.text.contains("\r\n\r\n/aHTTP/1.1 101 "), peer.text)
        XCTAssertEqual(listener.messages, ["one"])
    }

    func testAWebSocketReadsAlthoughItsConnectionHadStopped() {
        let (listener, gate) = (Listener(), Gate())
        let wire = wire(listener, gate: gate)
        let peer = wire.connect()
        peer.tell(request)
        let texts = (0..<3_000).map { "message \($0) " + String(repeating: "x", count: 40) }
        peer.send(texts.flatMap(frame))
        wire.run()
        gate.open()
        wire.run()
        peer.send(frame("last"))
        wire.run()
        XCTAssertEqual(listener.messages.count, 3_001)
        XCTAssertEqual(listener.messages.last, "last")
    }

    func testAPeerThatResetsBeforeTheAnswerAbandonsTheUpgrade() {
        let (listener, gate) = (Listener(), Gate())
        let wire = wire(listener, gate: gate)
        let peer = wire.connect()
        peer.tell(request)
        peer.stream.reset()
        wire.run()
        gate.open()
        wire.run()
        XCTAssertEqual(listener.abandonedCount, 1)
        XCTAssertEqual(listener.messages, [])
        XCTAssertEqual(wire.goneCount, 1)
    }

    func testARefusedUpgradeLeavesTheConnectionToTheNextRequest() throws {
        let listener = Listener()
        let wire = wire(listener)
        let bad = get("/ws", "Connection: Upgrade", "Upgrade: websocket")
        XCTAssertEqual(try wire.answers(bad + get("/a")).map(\.status), [426, 200])
        let other = get("/a", "Connection: Upgrade", "Upgrade: h2c")
        XCTAssertEqual(try wire.answers(other + get("/b")).map(\.text), ["/a", "/b"])
    }

    func testAnUpgradeWithABodyIsRefused() throws {
        let listener = Listener()
        let wire = wire(listener)
        let lines = request.dropLast()
        for body in ["Content-Length: 2\r\n\r\nab", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"] {
            XCTAssertEqual(try wire.answers(lines + body).map(\.status), [400])
        }
        XCTAssertEqual(listener.messages, [])
    }
}

/// Takes WebSockets over and notes what they bring.
private final class Listener: WebSocketReceiver, @unchecked Sendable {
    var loop: EventLoop?
    private(set) var messages: [String] = []
    private(set) var ends: [WebSocketEnd] = []
    private(set) var abandonedCount = 0
    private var socket: WebSocket?

    func take(_ upgraded: UpgradedStream) {
        guard let loop else { return }
        let socket = WebSocket(loop: loop, maxPayload: 1_000)
        self.socket = socket
        socket.onLoop { $0.open(upgraded, for: self, greetings: [Array("hi".utf8)]) }
    }

    func abandon() { abandonedCount += 1 }

    func webSocket(_ socket: WebSocket, received message: [UInt8], isText: Bool) {
        messages.append(String(decoding: message, as: UTF8.self))
    }

    func webSocket(_ socket: WebSocket, ended end: WebSocketEnd) {
        ends.append(end)
    }
}
