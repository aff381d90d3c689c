/// A socket of the kernel's, TCP or unix.
final class TCPStream: ByteStream, PollTarget {
    private var descriptor: Int32
    let peer: SocketAddress
    private var loop: EventLoop?
    private var owner: (any StreamOwner)?
    private var interest: Readiness = .readable

    /// Takes the descriptor over; it is closed with the stream.
    init(_ descriptor: Int32, peer: SocketAddress) {
        self.descriptor = descriptor
        self.peer = peer
    }

    deinit {
        if descriptor >= 0 { SystemCalls.closeDescriptor(descriptor) }
    }

    func attach(to owner: any StreamOwner, on loop: EventLoop) -> Bool {
        guard descriptor >= 0 else { return false }
        self.owner = owner
        // A new owner wants to read, whatever the last one wanted.
        if self.loop === loop {
            listen(reading: true, writing: false)
            return true
        }
        detachFromLoop()
        self.loop = loop
        interest = .readable
        return loop.register(descriptor, interest, self)
    }

    func detach() {
        owner = nil
        detachFromLoop()
    }

    private func detachFromLoop() {
        loop?.unregister(descriptor)
        loop = nil
    }

    func ready(_ readiness: Readiness) {
        owner?.streamReady(
            reading: readiness.contains(.readable),
            writing: readiness.contains(.writable),
            ended: readiness.contains(.ended)
        )
    }

    func loopEnded() { close() }

    func read(into buffer: inout [UInt8]) -> StreamInput {
        guard descriptor >= 0 else { return .failed }
        switch SystemCalls.receive(descriptor, into: &buffer) {
        case .bytes(0): return .end
        case .bytes(let count): return .bytes(count)
        case .again: return .again
        case .failed: return .failed
        }
    }

    func write(_ bytes: [UInt8], from offset: Int) -> StreamOutput {
        guard descriptor >= 0 else { return .failed }
        switch SystemCalls.send(descriptor, bytes, from: offset) {
        case .bytes(let count): return .taken(count)
        case .again: return .full
        case .failed: return .failed
        }
    }

    func listen(reading: Bool, writing: Bool) {
        var wanted: Readiness = []
        if reading { wanted.insert(.readable) }
        if writing { wanted.insert(.writable) }
        guard wanted != interest, descriptor >= 0 else { return }
        interest = wanted
        loop?.change(descriptor, wanted)
    }

    func finishWriting() {
        guard descriptor >= 0 else { return }
        SystemCalls.finishWriting(descriptor)
    }

    func close() {
        guard descriptor >= 0 else { return }
        owner = nil
        loop?.unregister(descriptor, closing: true)
        loop = nil
        SystemCalls.closeDescriptor(descriptor)
        descriptor = -1
    }
}
