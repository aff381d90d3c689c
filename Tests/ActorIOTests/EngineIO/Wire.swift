@testable import ActorIO
@testable import ActorIOTesting

/// One raw connection: what a test says on it, and everything that came back.
final class Wire: Sendable {
    private struct State {
        var parser: ResponseParser
        var frames = MessageParser(role: .client, maxPayload: 100_000_000)
        var response: TestResponse?
        var messages: [String] = []
        var isEnded = false
        var waiter: CheckedContinuation<Void, Never>?
        var journal: (notes: Notes, name: String)?
    }
    private let state: Locked<State>
    private let driver: Driver
    let stream: ClientStream

    private init(_ stream: ClientStream, _ driver: Driver, isHead: Bool) {
        self.stream = stream
        self.driver = driver
        state = Locked(State(parser: ResponseParser(isHead: isHead)))
    }

    static func open(_ browser: Browser, isHead: Bool = false) async throws -> Wire {
        let door = browser.door
        let stream = try await door.driver.run("a connection") { try await door.open() }
        let wire = Wire(stream, door.driver, isHead: isHead)
        await stream.listen {
            wire.received($0)
        } ended: {
            wire.ended()
        }
        return wire
    }

    /// The response, once it is complete.
    var response: TestResponse? { state.withLock { $0.response } }
    /// The body of the response, once it is complete.
    var body: String? { response?.text }
    /// What came behind a 101: texts, `b:` and the bytes of binaries, `close` and its code.
    var messages: [String] { state.withLock { $0.messages } }
    var isEnded: Bool { state.withLock { $0.isEnded } }

    /// The messages that came since they were last taken.
    func take() -> [String] {
        state.withLock { state in
            defer { state.messages = [] }
            return state.messages
        }
    }

    /// Writes down from now on, among what other connections hear, when something comes.
    func report(to notes: Notes, as name: String) {
        state.withLock { $0.journal = (notes, name) }
    }

    /// Sends bytes, and returns when nothing more comes of it.
    func send(_ bytes: [UInt8]) async {
        await stream.send(bytes)
        await rest()
    }

    /// Sends text frames in one write.
    func say(_ texts: String...) async {
        await send(texts.flatMap { ClientCodec.frame(text: Array($0.utf8)) })
    }

    /// Sends a binary frame.
    func say(binary bytes: [UInt8]) async {
        await send(FrameWriter.frame(.binary, bytes, mask: 0x1234_5678))
    }

    func close() async {
        await stream.close()
        await rest()
    }

    /// Returns when nothing is ready to run any more.
    func rest() async { await driver.advance(by: .zero) }

    /// Waits, on the server's time, for the response or the end of the connection.
    func answered() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                let isThere = state.response != nil || state.isEnded
                if !isThere { state.waiter = continuation }
                return isThere
            }
            if isThere { continuation.resume() }
        }
    }

    private func ended() {
        state.withLock { $0.isEnded = true }
        resume()
    }

    private func resume() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    private func received(_ bytes: [UInt8]) {
        read(bytes)
        if response != nil { resume() }
    }

    private func read(_ bytes: [UInt8]) {
        state.withLock { state in
            var bytes = bytes
            if state.response == nil {
                guard let (response, rest) = try? state.parser.add(bytes) else { return }
                state.response = response
                state.journal.map { $0.notes.add("\($0.name): \(response.status)") }
                bytes = rest
            }
            Self.read(bytes, &state)
        }
    }

    private static func read(_ bytes: [UInt8], _ state: inout State) {
        guard state.response?.status == 101, !bytes.isEmpty else { return }
        var offset = 0
        do {
            while let message = try state.frames.parse(bytes.span, at: &offset) {
                state.messages.append(text(of: message))
                state.journal.map { $0.notes.add("\($0.name): \(text(of: message))") }
            }
        } catch {
            state.messages.append("broken: \(error)")
        }
    }

    private static func text(of message: WebSocketMessage) -> String {
        switch message {
        case .text(let bytes): String(decoding: bytes, as: UTF8.self)
        case .binary(let bytes): "b:" + bytes.map { "\($0)" }.joined(separator: ",")
        case .ping: "ping"
        case .pong: "pong"
        case .close(let code, _): code.map { "close \($0.rawValue)" } ?? "close"
        }
    }
}

extension TestServer {
    /// Does something on the server's time, and returns when nothing more comes of it.
    @discardableResult
    func act<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let value = try await run(body)
        await rest()
        return value
    }

    /// Returns when nothing is ready to run any more.
    func rest() async { await door.driver.advance(by: .zero) }
}

extension Browser {
    static let upgradeHeaders: Headers = [
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ]

    /// Sends a request to the engine, and returns at rest: its answer may still be outstanding.
    func wire(
        _ method: String,
        _ query: String,
        headers: Headers = [:],
        body: [UInt8] = []
    ) async throws -> Wire {
        let wire = try await Wire.open(self, isHead: method == "HEAD")
        await wire.send(bytes(method, "/socket.io/?\(query)", headers, body, keepAlive: true))
        return wire
    }

    /// Asks for a WebSocket.
    func webSocket(
        _ query: String = "EIO=4&transport=websocket",
        headers: Headers = [:]
    ) async throws -> Wire {
        var all = Self.upgradeHeaders
        for (name, value) in headers { all[name] = value }
        return try await wire("GET", query, headers: all)
    }

    /// Opens a session by polling.
    func handshake() async throws -> RawSession {
        let answer = try await request("GET", "/socket.io/?EIO=4&transport=polling")
        struct Open: Decodable { var sid: String }
        let json = Array(answer.body.dropFirst())
        return RawSession(browser: self, sid: try decodeJSON(Open.self, json).sid)
    }

    /// Opens a session on WebSocket and joins the root namespace.
    func joined() async throws -> Wire {
        let wire = try await webSocket()
        await wire.say("40")
        _ = wire.take()
        return wire
    }
}

/// A session of Engine.IO by polling, spoken by hand.
struct RawSession: Sendable {
    let browser: Browser
    let sid: String

    private var query: String { "EIO=4&transport=polling&sid=\(sid)" }

    /// Sends a poll, which may stay parked.
    func poll(headers: Headers = [:]) async throws -> Wire {
        try await browser.wire("GET", query, headers: headers)
    }

    func post(_ body: String, headers: Headers = [:]) async throws -> Wire {
        try await post(Array(body.utf8), headers: headers)
    }

    func post(_ body: [UInt8], headers: Headers = [:]) async throws -> Wire {
        var all: Headers = ["Content-Type": "text/plain;charset=UTF-8"]
        for (name, value) in headers { all[name] = value }
        return try await browser.wire("POST", query, headers: all, body: body)
    }

    func upgrade(headers: Headers = [:]) async throws -> Wire {
        try await browser.webSocket("EIO=4&transport=websocket&sid=\(sid)", headers: headers)
    }

    /// Joins the root namespace and takes the answer.
    func join() async throws {
        _ = try await post("40")
        _ = try await poll()
    }
}
