internal import ActorIO

/// The client's side of one connection: its transport, and its sockets by namespace.
actor EngineClient: LoopActor {
    package nonisolated let loop: EventLoop
    nonisolated let driver: Driver
    nonisolated let browser: Browser
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    private(set) var sid = ""
    private(set) var isOpen = true
    private var answersPings = true
    private var codec: ClientCodec
    private var webSocket: ClientStream?
    private var pollStream: ClientStream?
    private var isPollPaused = false
    private var sockets: [String: TestSocket] = [:]
    private var joining: [String: Joining] = [:]
    private var probe: CheckedContinuation<Void, any Error>?
    private var outgoing: [[UInt8]] = []
    private var isPosting = false
    private var changes: [CheckedContinuation<Void, Never>] = []

    /// A namespace whose answer is to come, and the events that came before it.
    private struct Joining {
        let continuation: CheckedContinuation<TestSocket, any Error>
        let before: TestSocket.Memory?
        var early: [(name: String, arguments: Arguments, ack: Int?)] = []
    }

    init(_ browser: Browser) {
        self.browser = browser
        codec = ClientCodec(browser.parser)
        loop = browser.door.driver.loop
        driver = browser.door.driver
    }

    var transport: EngineTransport { webSocket == nil ? .polling : .webSocket }

    func setAnswering(_ answers: Bool) { answersPings = answers }

    // Opening

    func open(_ transport: Browser.Transport) async throws {
        switch transport {
        case .webSocket:
            try await openWebSocket()
        case .polling:
            try await openPolling()
            startPolling()
        case .upgrade:
            try await openPolling()
            startPolling()
            try await upgrade()
        }
    }

    private func target(_ transport: String) -> String {
        let base = "\(browser.path)/?EIO=4&transport=\(transport)"
        return sid.isEmpty ? base : base + "&sid=\(sid)"
    }

    private func openPolling() async throws {
        let response = try await request("GET", target("polling"))
        guard response.status == 200 else {
            throw HandshakeRefused(status: response.status, body: response.text)
        }
        try take(codec.read(payload: response.body))
        guard !sid.isEmpty else { throw HandshakeRefused(status: 200, body: response.text) }
    }

    private func openWebSocket() async throws {
        let stream = try await upgradedStream()
        webSocket = stream
        listen(stream)
    }

    /// A stream that has got its 101.
    private func upgradedStream() async throws -> ClientStream {
        let stream = try await browser.door.open()
        let key = "dGhlIHNhbXBsZSBub25jZQ=="
        let headers: Headers = [
            "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": key,
        ]
        let exchange = HTTPExchange(stream)
        let request = browser.bytes("GET", target("websocket"), headers, [], keepAlive: true)
        let response = try await exchange.run(request)
        browser.take(response.headers)
        guard response.status == 101,
            response.headers["sec-websocket-accept"] == ClientCodec.accept(for: key)
        else {
            await stream.close()
            throw HandshakeRefused(status: response.status, body: response.text)
        }
        let rest = await exchange.rest
        if !rest.isEmpty { try receive(rest, from: stream) }
        return stream
    }

    private func listen(_ stream: ClientStream) {
        let received: @Sendable ([UInt8]) -> Void = { [weak self] bytes in
            self?.onLoop { try? $0.receive(bytes, from: stream) }
        }
        let ended: @Sendable () -> Void = { [weak self] in
            self?.onLoop { $0.streamEnded(stream) }
        }
        stream.onLoop { $0.listen(received, ended: ended) }
    }

    /// Probes, lets the poll end, and changes over: the order of messages is kept by that.
    private func upgrade() async throws {
        let stream = try await upgradedStream()
        try await withCheckedThrowingContinuation { continuation in
            probe = continuation
            isPollPaused = true
            // Not before: a stream that has ended already says so at once.
            listen(stream)
            stream.onLoop { $0.send(ClientCodec.frame(text: Array("2probe".utf8))) }
        }
        while pollStream != nil || isPosting { await change() }
        guard isOpen, !stream.onLoop({ $0.hasEnded }) else {
            ended(.transportClose)
            throw ConnectionLost()
        }
        stream.onLoop { $0.send(ClientCodec.frame(text: Array("5".utf8))) }
        webSocket = stream
    }

    // Receiving

    private func receive(_ bytes: [UInt8], from stream: ClientStream) throws {
        let (packets, pings, isClosed) = try codec.read(webSocket: bytes)
        for ping in pings { stream.onLoop { $0.send(ClientCodec.pong(ping)) } }
        try take(packets)
        guard isClosed else { return }
        stream.onLoop { stream in
            stream.send(ClientCodec.closeFrame)
            stream.close()
        }
    }

    private func take(_ packets: [ClientPacket]) throws {
        for packet in packets { try take(packet) }
    }

    private func take(_ packet: ClientPacket) throws {
        switch packet {
        case .open(let json):
            struct Handshake: Decodable { var sid: String }
            sid = try decodeJSON(Handshake.self, json).sid
        case .close: ended(.transportClose)
        case .ping: if answersPings { sendPacket("3") }
        case .probeAnswered: resumeProbe(.success(()))
        case .noop: break
        case .connected(let namespace, let arguments):
            try joined(namespace, arguments)
        case .refused(let namespace, let payload):
            joining.removeValue(forKey: namespace)?.continuation.resume(
                throwing: ConnectRefused(payload)
            )
        case .disconnected(let namespace):
            sockets.removeValue(forKey: namespace)?.onLoop { $0.ended(.serverDisconnect) }
        case .event(let namespace, let name, let arguments, let ack):
            joining[namespace]?.early.append((name, arguments, ack))
            sockets[namespace]?.onLoop { $0.received(name, arguments, ack) }
        case .answer(let namespace, let id, let arguments):
            sockets[namespace]?.onLoop { $0.answered(id, arguments) }
        }
    }

    private func joined(_ namespace: String, _ arguments: Arguments) throws {
        struct Joined: Decodable { var sid: String, pid: String? }
        let answer = try arguments.decode(0, as: Joined.self)
        let joining = joining.removeValue(forKey: namespace)
        let socket = TestSocket(
            self,
            namespace,
            id: answer.sid,
            recoveryID: answer.pid,
            before: joining?.before
        )
        sockets[namespace] = socket
        if socket.isRecovered { SocketID(answer.sid).map(browser.door.reasons.forget) }
        for event in joining?.early ?? [] {
            socket.onLoop { $0.received(event.name, event.arguments, event.ack) }
        }
        joining?.continuation.resume(returning: socket)
    }

    private func resumeProbe(_ result: Result<Void, any Error>) {
        probe?.resume(with: result)
        probe = nil
    }

    private func streamEnded(_ stream: ClientStream) {
        resumeProbe(.failure(ConnectionLost()))
        guard stream === webSocket else { return }
        ended(.transportClose)
    }

    private func ended(_ reason: DisconnectReason) {
        guard isOpen else { return }
        isOpen = false
        changed()
        webSocket?.onLoop { $0.close() }
        webSocket = nil
        pollStream?.onLoop { $0.close() }
        let waiting = joining
        joining = [:]
        for waiter in waiting.values { waiter.continuation.resume(throwing: ConnectionLost()) }
        let ended = sockets
        sockets = [:]
        for socket in ended.values { socket.onLoop { $0.ended(reason) } }
    }

    // Polling

    private func request(_ method: String, _ path: String, _ body: [UInt8] = []) async throws
        -> TestResponse
    {
        let stream = try await browser.door.open()
        if method == "GET", !sid.isEmpty { pollStream = stream }
        var headers: Headers = [:]
        if method == "POST" { headers["Content-Type"] = "text/plain;charset=UTF-8" }
        let exchange = HTTPExchange(stream)
        let response = try await exchange.run(browser.bytes(method, path, headers, body))
        await stream.close()
        if stream === pollStream {
            pollStream = nil
            changed()
        }
        browser.take(response.headers)
        return response
    }

    /// Returns when a poll or a post has ended.
    private func change() async {
        await withCheckedContinuation { changes.append($0) }
    }

    private func changed() {
        let waiting = changes
        changes = []
        for waiter in waiting { waiter.resume() }
    }

    private func startPolling() {
        Task.immediate(executorPreference: loop.preference) { await poll() }
    }

    private func poll() async {
        while isOpen, !isPollPaused, webSocket == nil {
            do {
                let response = try await request("GET", target("polling"))
                guard response.status == 200 else { return ended(.transportError) }
                try take(codec.read(payload: response.body))
            } catch {
                pollStream = nil
                changed()
                return ended(.transportError)
            }
        }
    }

    // Sending

    func send(_ message: ClientMessage) throws {
        guard isOpen else { return }
        if let webSocket {
            let frames = try codec.frames(message)
            return webSocket.onLoop { $0.send(frames) }
        }
        outgoing.append(try codec.payload(message))
        post()
    }

    private func sendPacket(_ text: String) {
        if let webSocket {
            return webSocket.onLoop { $0.send(ClientCodec.frame(text: Array(text.utf8))) }
        }
        Task.immediate(executorPreference: loop.preference) { await post(Array(text.utf8)) }
    }

    private func post() {
        guard !isPosting, !outgoing.isEmpty else { return }
        let body = Array(outgoing.joined(separator: [0x1E]))
        outgoing = []
        Task.immediate(executorPreference: loop.preference) { await post(body) }
    }

    private func post(_ body: [UInt8]) async {
        while isPosting { await change() }
        guard isOpen else { return }
        isPosting = true
        let response = try? await request("POST", target("polling"), body)
        isPosting = false
        changed()
        guard response?.status == 200 else { return ended(.transportError) }
        post()
    }

    // Joining

    func join(
        _ namespace: String,
        auth: [UInt8]?,
        as before: TestSocket.Memory? = nil
    ) async throws -> TestSocket {
        guard isOpen else { throw ConnectionLost() }
        return try await withCheckedThrowingContinuation { continuation in
            joining[namespace] = Joining(continuation: continuation, before: before)
            do {
                try send(.connect(auth: auth, namespace: namespace))
            } catch {
                joining.removeValue(forKey: namespace)?.continuation.resume(throwing: error)
            }
        }
    }

    // Leaving

    func leave(_ namespace: String) {
        try? send(.disconnect(namespace: namespace))
        sockets.removeValue(forKey: namespace)?.onLoop { $0.ended(.clientDisconnect) }
    }

    func close() {
        if webSocket == nil, isOpen { return closePolling() }
        webSocket?.onLoop { $0.send(ClientCodec.closeFrame) }
        ended(.clientDisconnect)
    }

    private func closePolling() {
        Task.immediate(executorPreference: loop.preference) {
            await post(Array("1".utf8))
            ended(.clientDisconnect)
        }
    }

    /// Does something to the connection that carries what the server sends.
    func onStream(_ action: @Sendable (isolated ClientStream) -> Void) {
        (webSocket ?? pollStream)?.onLoop(action)
    }
}
