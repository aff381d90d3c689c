internal import ActorIO

/// A stream to which a test can do what a network does.
protocol FaultyStream: ByteStream {
    var readLimit: Int { get set }
    var isStalled: Bool { get set }
    func reset()
}

/// One end of a pair of streams in memory; both ends live on one manual loop.
///
/// Written bytes reach the other end in a later step of the loop, up to `capacity` at a time, so a
/// reader that stops reading makes its writer wait as the kernel would.
final class MemoryStream: FaultyStream {
    let peer: SocketAddress
    private let loop: EventLoop
    private weak var other: MemoryStream?
    private var owner: (any StreamOwner)?
    private var incoming: [UInt8] = []
    private var isReading = true
    private var isWriting = false
    private var hasEnded = false
    private var hasFinished = false
    private var isBroken = false
    private var isClosed = false
    private var isAnnounced = false
    private let capacity: Int
    /// The most that one read gives: 1 splits everything into single bytes.
    var readLimit = Int.max
    /// Nothing arrives while it is set, as behind a pulled cable.
    var isStalled = false {
        didSet { if !isStalled { announce() } }
    }

    private init(_ loop: EventLoop, peer: SocketAddress, capacity: Int) {
        self.loop = loop
        self.peer = peer
        self.capacity = capacity
    }

    /// Two connected ends; the server's sees the address `peer`.
    static func pair(
        on loop: EventLoop,
        peer: String = "127.0.0.1",
        capacity: Int = 65_536
    ) -> (client: MemoryStream, server: MemoryStream) {
        let client = MemoryStream(loop, peer: .unix("server"), capacity: capacity)
        let server = MemoryStream(loop, peer: .ipv4(peer, port: 0), capacity: capacity)
        client.other = server
        server.other = client
        client.keeper = server
        return (client, server)
    }

    /// The client's end keeps the server's alive, as the kernel keeps a socket whose owner is gone.
    private var keeper: MemoryStream?

    func attach(to owner: any StreamOwner, on loop: EventLoop) -> Bool {
        guard !isClosed else { return false }
        self.owner = owner
        (isReading, isWriting) = (true, false)
        announce()
        return true
    }

    func detach() { owner = nil }

    func read(into buffer: inout [UInt8]) -> StreamInput {
        guard !isClosed, !isBroken else { return .failed }
        guard !incoming.isEmpty, !isStalled else { return hasEnded && !isStalled ? .end : .again }
        let count = min(incoming.count, buffer.count, readLimit)
        for index in 0..<count { buffer[index] = incoming[index] }
        incoming.removeFirst(count)
        other?.announce()
        announce()
        return .bytes(count)
    }

    func write(_ bytes: [UInt8], from offset: Int) -> StreamOutput {
        guard !isClosed, !isBroken, let other, !other.isClosed else { return .failed }
        let room = capacity - other.incoming.count
        guard room > 0 else { return .full }
        let count = min(room, bytes.count - offset)
        other.incoming.append(contentsOf: bytes[offset..<offset + count])
        other.announce()
        return .taken(count)
    }

    func listen(reading: Bool, writing: Bool) {
        isReading = reading
        isWriting = writing
        announce()
    }

    func finishWriting() {
        hasFinished = true
        other?.hasEnded = true
        other?.announce()
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        owner = nil
        finishWriting()
        keeper = nil
    }

    /// Breaks the connection for both, as a reset does.
    func reset() {
        isBroken = true
        other?.isBroken = true
        other?.announce()
        close()
    }

    /// Tells the owner, in a step of its own, what its end is ready for.
    private func announce() {
        guard !isAnnounced, owner != nil else { return }
        isAnnounced = true
        let bound = LoopBound(self, on: loop)
        loop.execute { bound.take().tell() }
    }

    private func tell() {
        isAnnounced = false
        guard let owner, !isClosed, !isStalled else { return }
        let canRead = isReading && (!incoming.isEmpty || hasEnded || isBroken)
        let hasRoom = other.map { $0.isClosed || capacity > $0.incoming.count } ?? true
        let canWrite = isWriting && hasRoom
        // As the kernel: an end that nobody wants to read is told only when both directions are
        // gone.
        let isOver = isBroken || (hasEnded && hasFinished)
        guard canRead || canWrite || isOver else { return }
        owner.streamReady(reading: canRead, writing: canWrite, ended: isOver)
        if canRead, !incoming.isEmpty { announce() }
    }
}
