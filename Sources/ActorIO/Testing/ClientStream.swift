internal import ActorIO

/// The client's end of a connection: bytes out, bytes in, and the ways a network can fail.
actor ClientStream: LoopActor, StreamOwner {
    package nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    private var stream: (any ByteStream)?
    private var memory: (any FaultyStream)?
    private var outgoing: [UInt8] = []
    private var received: (@Sendable ([UInt8]) -> Void)?
    private var ended: (@Sendable () -> Void)?
    private var early: [UInt8] = []
    private var buffer: [UInt8] = []
    private(set) var hasEnded = false
    private var isReading = true

    init(loop: EventLoop) {
        self.loop = loop
    }

    /// Opens a connection by the means of the server at hand.
    func open(_ connect: @Sendable (EventLoop) throws -> LoopBound<any ByteStream>) throws {
        let stream = try connect(loop).take()
        self.stream = stream
        memory = stream as? any FaultyStream
        guard stream.attach(to: self, on: loop) else { throw ConnectionLost() }
    }

    /// Sets who gets what arrives; what came before is given at once.
    func listen(
        _ received: @escaping @Sendable ([UInt8]) -> Void,
        ended: @escaping @Sendable () -> Void
    ) {
        self.received = received
        self.ended = ended
        let waiting = early
        early = []
        if !waiting.isEmpty { received(waiting) }
        if hasEnded { ended() }
    }

    func send(_ bytes: [UInt8]) {
        outgoing += bytes
        flush()
    }

    package nonisolated func streamReady(reading: Bool, writing: Bool, ended: Bool) {
        onLoop { $0.ready(reading || ended, writing) }
    }

    private func ready(_ reading: Bool, _ writing: Bool) {
        if writing { flush() }
        if reading { read() }
    }

    private func read() {
        guard let stream else { return }
        if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: 16_384) }
        switch stream.read(into: &buffer) {
        case .bytes(let count):
            let bytes = Array(buffer[..<count])
            if let received { received(bytes) } else { early += bytes }
        case .again: break
        case .end, .failed: end()
        }
    }

    private func flush() {
        guard let stream else { return }
        var offset = 0
        while offset < outgoing.count {
            guard case .taken(let count) = stream.write(outgoing, from: offset) else { break }
            offset += count
        }
        outgoing.removeFirst(offset)
        stream.listen(reading: isReading, writing: !outgoing.isEmpty)
    }

    private func end() {
        guard !hasEnded else { return }
        hasEnded = true
        stream?.close()
        stream = nil
        ended?()
        received = nil
        ended = nil
    }

    // The ways to go

    func close() { end() }

    /// A reset: both ends learn of it at once.
    func reset() {
        memory?.reset()
        end()
    }

    /// Half a goodbye: nothing more will be sent.
    func finishWriting() { stream?.finishWriting() }

    /// A pulled cable: nothing arrives any more, and nobody is told.
    func setStalled(_ stalled: Bool) { memory?.isStalled = stalled }

    /// A client that does not read what it is sent.
    func setReading(_ reading: Bool) {
        isReading = reading
        stream?.listen(reading: reading, writing: !outgoing.isEmpty)
    }

    /// Splits what arrives into pieces of at most this many bytes.
    func setReadLimit(_ limit: Int) { memory?.readLimit = max(1, limit) }
}

/// The connection ended before the answer was complete.
public struct ConnectionLost: Error, Sendable {
    package init() {}
}
