import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// One message as a client says it.
enum Said: ExpressibleByStringLiteral, Sendable {
    case text(String)
    case binary([UInt8])

    init(stringLiteral value: String) { self = .text(value) }

    var payload: [UInt8] {
        switch self {
        case .text(let text): Array(text.utf8)
        case .binary(let bytes): bytes
        }
    }

    /// The message as a masked frame of a WebSocket.
    var frame: [UInt8] { FrameWriter.frame(opcode, payload, mask: 0x3D21_FA37) }

    /// The message in two fragments.
    func fragments(cutAt cut: Int) -> [UInt8] {
        var first = FrameWriter.frame(opcode, Array(payload[..<cut]), mask: 0x3D21_FA37)
        first[0] &= 0x7F
        return first + FrameWriter.frame(.continuation, Array(payload[cut...]), mask: 0)
    }

    private var opcode: Opcode {
        switch self {
        case .text: .text
        case .binary: .binary
        }
    }

    /// The message inside the body of a POST.
    var packet: [UInt8] {
        switch self {
        case .text: payload
        case .binary(let bytes): [UInt8](ascii: "b") + Base64.encode(bytes)
        }
    }
}

/// An entry of the list: what is said, and what becomes of whoever says it.
struct Hostile: Sendable {
    enum Answer: Sendable, Equatable {
        case closes
        case ignored
        /// These texts, with `SID` for a public id, and the connection stays.
        case says([String])
    }
    let number: Int
    let answer: Answer
    let messages: [Said]
    /// Whether the root namespace is joined before.
    var isJoined = true

    /// Several ways to say the same thing, one message each.
    static func each(_ number: Int, _ answer: Answer, _ messages: Said...) -> [Hostile] {
        messages.map { Hostile(number: number, answer: answer, messages: [$0]) }
    }

    /// Messages that belong together.
    static func all(
        _ number: Int,
        _ answer: Answer,
        isJoined: Bool = true,
        _ messages: Said...
    ) -> Hostile {
        Hostile(number: number, answer: answer, messages: messages, isJoined: isJoined)
    }

    /// What is said, short enough for a failure.
    var name: String {
        let texts = messages.map { "\($0)".prefix(60) }
        return "\(number): \(texts.joined(separator: " "))"
    }

    var isLong: Bool { messages.contains { $0.payload.count > 1_500 } }
}

/// A server in memory with a bystander, and clients that say what a test gives them in pieces.
final class HostileServer {
    let io: SocketIO
    let wire: ConnectionWire
    let notes = Notes()
    private let lanes: [Lane]
    private let bystander: HostileClient
    private var suspects: [Weak] = []

    init() {
        let notes = self.notes
        io = SocketIO(options: quiet) { root in Self.fill(&root, notes) }
        wire = ConnectionWire(Mount(app: App(), io: io).handler())
        lanes = io.core.lanes
        for lane in lanes { lane.bind(to: wire.loop) }
        wire.run()
        bystander = HostileClient(wire)
        bystander.openWebSocket(isJoined: true)
        _ = bystander.take()
    }

    private static func fill(_ root: inout Namespace, _ notes: Notes) {
        root.on("note") { (_, text: String) in notes.add(text) }
        root.on("echo") { (_, text: String) in text }
        root.on("count") { (_, text: String) in text.utf8.count }
        root.on("many") { (_, list: [Int]) in list.count }
        root.on("whole") { (_, number: Int) in number }
        root.on("raw") { (socket, arguments: Arguments) in
            try socket.emit("raw", passing: arguments)
        }
        root.on("value") { (_, value: JSONValue) in value }
        root.on("size") { (_, value: JSONValue) in value.object?.count ?? -1 }
        root.on("bytes") { (_, bytes: [UInt8]) in bytes.count }
        root.on("ask") { socket in
            let answer: Int? = try? await socket.call("q", timeout: .seconds(1))
            notes.add("answer \(answer ?? -1)")
        }
        root.namespace("/auth") { plan in
            plan.onConnection { socket in
                try socket.emit("auth", socket.auth(as: JSONValue.self))
            }
        }
        root.namespace("/idle") { _ in }
    }

    func end() {
        for lane in lanes { lane.release(from: wire.loop) }
        wire.loop.release()
    }

    /// A client of its own, which is watched: nothing may be left of it.
    func client() -> HostileClient {
        wire.forget()
        return HostileClient(wire)
    }

    /// Remembers everything there is beside the bystander.
    func watch() {
        let known = Set(suspects.compactMap(\.object).map(ObjectIdentifier.init))
        suspects += parts().filter { part in
            part.object.map { !known.contains(ObjectIdentifier($0)) } ?? false
        }
    }

    private func parts() -> [Weak] {
        let parts = Recorder<Weak>()
        let io = io
        Task(executorPreference: wire.loop.taskExecutor) {
            for session in await io.core.engine.server.all {
                parts.add(Weak(session))
                if let socket = await session.webSocket { parts.add(Weak(socket)) }
                let sockets = session.onLoop { ($0.receiver as? Client)?.sockets ?? [] }
                for socket in sockets { parts.add(Weak(socket)) }
            }
        }
        wire.run()
        return parts.all
    }

    /// Nothing but the bystander is left, and it has noticed nothing.
    func checkIsClean(_ what: String, line: UInt = #line) {
        wire.forget()
        XCTAssertEqual(bystander.take(), [], "\(what): the bystander heard", line: line)
        bystander.say([.text("427[\"echo\",\"alive\"]")])
        XCTAssertEqual(bystander.take(), ["437[\"alive\"]"], what, line: line)
        let left = parts()
        let sessions = left.filter { $0.name == "EngineSession" }.count
        XCTAssertEqual(sessions, 1, "\(what): sessions are left", line: line)
        let own = Set(left.compactMap(\.object).map(ObjectIdentifier.init))
        let alive = suspects.compactMap(\.object).filter { !own.contains(ObjectIdentifier($0)) }
        XCTAssertEqual(alive.map { "\(type(of: $0))" }, [], "\(what): alive", line: line)
        suspects = []
        let members = Recorder<Int>()
        let io = io
        Task(executorPreference: wire.loop.taskExecutor) { members.add(await io.count) }
        wire.run()
        XCTAssertEqual(members.all, [1], "\(what): the registry", line: line)
    }
}

/// A client whose bytes the test cuts as it likes.
final class HostileClient {
    private let wire: ConnectionWire
    private let peer: Peer
    private var frames = MessageParser(role: .client, maxPayload: 100_000_000)
    private var readBytes = 0
    private(set) var sid = ""

    init(_ wire: ConnectionWire) {
        self.wire = wire
        peer = wire.connect()
    }

    // WebSocket

    func openWebSocket(isJoined: Bool) {
        peer.send(
            get(
                "/socket.io/?EIO=4&transport=websocket",
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
            )
        )
        wire.run()
        let end = Array("\r\n\r\n".utf8)
        let bytes = peer.received
        let head = bytes.indices.first { bytes[$0...].starts(with: end) } ?? bytes.count
        readBytes = min(bytes.count, head + 4)
        if isJoined { say([.text("40")]) }
        _ = take()
    }

    func say(_ messages: [Said]) { tell(messages.flatMap(\.frame)) }

    /// Sends in one write.
    func tell(_ bytes: [UInt8]) {
        peer.send(bytes)
        wire.run()
    }

    /// Sends in two writes, with everything run between them.
    func tell(_ bytes: [UInt8], cutAt cut: Int) {
        tell(Array(bytes[..<cut]))
        tell(Array(bytes[cut...]))
    }

    /// Sends byte by byte; of a long text only the first and the last, with the rest in one write.
    func tellByteByByte(_ bytes: [UInt8]) {
        let edge = bytes.count > 1_500 ? 200 : bytes.count
        for byte in bytes.prefix(edge) { tell([byte]) }
        guard edge < bytes.count else { return }
        tell(Array(bytes[edge..<bytes.count - edge]))
        for byte in bytes.suffix(edge) { tell([byte]) }
    }

    /// What came since it was last taken, public ids left out.
    func take() -> [String] {
        let bytes = Array(peer.received[readBytes...])
        readBytes = peer.received.count
        var texts: [String] = []
        var offset = 0
        do {
            while let message = try frames.parse(bytes.span, at: &offset) {
                switch message {
                case .text(let bytes): texts.append(Self.text(bytes))
                case .binary(let bytes): texts.append("b:\(bytes)")
                case .close: texts.append("close")
                case .ping, .pong: texts.append("frame")
                }
            }
        } catch {
            texts.append("broken \(error)")
        }
        return texts
    }

    private static func text(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        if text.hasSuffix("[\"q\"]") { return "42ID[\"q\"]" }
        guard let mark = text.range(of: "{\"sid\":\"") else { return text }
        return text.replacing(text[mark.upperBound...].prefix(20), with: "SID")
    }

    func leave() {
        peer.stream.close()
        wire.run()
    }

    // Polling

    private var path: String { "/socket.io/?EIO=4&transport=polling&sid=\(sid)" }

    func openPolling(isJoined: Bool) throws {
        tell(Array(get("/socket.io/?EIO=4&transport=polling").utf8))
        let body = try XCTUnwrap(peer.responses().last?.text)
        sid = String(try XCTUnwrap(body.split(separator: "\"").dropFirst(3).first))
        guard isJoined else { return }
        tell(post(Array("40".utf8)))
        tell(Array(get(path).utf8))
    }

    func post(_ body: [UInt8]) -> [UInt8] {
        let lines = [
            "POST \(path) HTTP/1.1", "Host: a", "Content-Length: \(body.count)",
            "Content-Type: text/plain;charset=UTF-8", "", "",
        ]
        return Array(lines.joined(separator: "\r\n").utf8) + body
    }

    func poll(of other: HostileClient) {
        sid = other.sid
        tell(Array(get(path).utf8))
    }

    /// The answer to the last request, as status and body; nil while it is outstanding.
    func answer(_ number: Int) -> String? {
        guard let all = try? peer.responses(), all.count >= number else { return nil }
        let packets = all[number - 1].body.split(separator: 0x1E).map { Self.text(Array($0)) }
        return "\(all[number - 1].status) \(packets.joined(separator: "\u{1E}"))"
    }
}
