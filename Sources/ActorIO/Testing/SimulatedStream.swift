internal import ActorIO

/// One end of a connection in a simulation; the two ends may live on different loops.
final class SimulatedStream: FaultyStream {
    let peer: SocketAddress
    let isServer: Bool
    private let name: String
    private unowned let network: SimulationNetwork
    var other: SimulatedStream?
    var fate = SimulationNetwork.Fate.fine
    var latency = Duration.zero
    /// When the next of what is under way may arrive.
    private(set) var readyAt: LoopTime
    var isQueued = false

    private var owner: (any StreamOwner)?
    private var loop: EventLoop?
    /// Written by the other end, not here yet.
    private var flying: [UInt8] = []
    private var isEndFlying = false
    private var incoming: [UInt8] = []
    private var total = 0
    private var isReading = true
    private var isWriting = false
    private var hasEnded = false
    private var hasFinished = false
    private var isBroken = false
    private(set) var isClosed = false
    private var isTold = false
    private var isCutOff = false
    private var attachments = 0
    var readLimit = Int.max
    var isStalled = false {
        didSet { if !isStalled { network.touch(self) } }
    }

    private static let capacity = 65_536

    init(_ network: SimulationNetwork, _ name: String, isServer: Bool, peer: SocketAddress) {
        self.network = network
        self.name = name
        self.isServer = isServer
        self.peer = peer
        readyAt = network.now
    }

    var flyingCount: Int { flying.count }
    private var where_: String { isServer ? "\(name), to the server" : "\(name), to the client" }

    // ByteStream

    func attach(to owner: any StreamOwner, on loop: EventLoop) -> Bool {
        guard !isClosed else { return false }
        self.owner = owner
        self.loop = loop
        attachments += 1
        (isReading, isWriting, isTold) = (true, false, false)
        network.touch(self)
        return true
    }

    func detach() {
        owner = nil
        attachments += 1
        isTold = false
    }

    func read(into buffer: inout [UInt8]) -> StreamInput {
        guard !isClosed, !isBroken else { return .failed }
        guard !incoming.isEmpty else { return hasEnded ? .end : .again }
        let count = min(incoming.count, buffer.count, readLimit)
        for index in 0..<count { buffer[index] = incoming[index] }
        incoming.removeFirst(count)
        if let other, other.isWriting { network.touch(other) }
        network.touch(self)
        return .bytes(count)
    }

    func write(_ bytes: [UInt8], from offset: Int) -> StreamOutput {
        guard !isClosed, !isBroken, let other, !other.isClosed else { return .failed }
        let room = other.room
        guard room > 0 else { return .full }
        let count = min(room, bytes.count - offset)
        other.fly(bytes[offset..<offset + count])
        return .taken(count)
    }

    func listen(reading: Bool, writing: Bool) {
        (isReading, isWriting) = (reading, writing)
        network.touch(self)
    }

    func finishWriting() {
        guard !hasFinished else { return }
        hasFinished = true
        other?.flyEnd()
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        owner = nil
        finishWriting()
        network.closed(self)
    }

    func reset() {
        breakDown()
        close()
    }

    private func breakDown() {
        guard !isBroken else { return }
        isBroken = true
        (flying, incoming) = ([], [])
        network.touch(self)
        other?.breakDown()
    }

    func forget() {
        let end = other
        (owner, other, loop) = (nil, nil, nil)
        if end?.other != nil { end?.forget() }
    }

    // The way here

    private var room: Int { Self.capacity - flying.count - incoming.count }

    private func fly(_ bytes: ArraySlice<UInt8>) {
        guard !isCutOff else { return }
        if flying.isEmpty { delay() }
        flying += bytes
        network.touch(self)
    }

    private func flyEnd() {
        guard !isEndFlying else { return }
        if flying.isEmpty { delay() }
        isEndFlying = true
        network.touch(self)
    }

    private func delay() {
        if latency > .zero { readyAt = max(readyAt, network.now + latency) }
    }

    var hasSomething: Bool {
        guard !isClosed, !isStalled else { return false }
        return !flying.isEmpty || (isEndFlying && !hasEnded) || canTell
    }

    private var canTell: Bool { owner != nil && !isTold && (canRead || canWrite || isOver) }
    private var canRead: Bool { isReading && (!incoming.isEmpty || hasEnded || isBroken) }
    private var canWrite: Bool { isWriting && (other.map { $0.isClosed || $0.room > 0 } ?? true) }
    /// As the kernel: who reads nothing is told only when both directions are gone.
    private var isOver: Bool { isBroken || (hasEnded && hasFinished) }

    /// Takes so many bytes of what is under way, and tells whoever waits for them.
    func arrive(_ limit: Int) {
        let count = min(limit, flying.count)
        if count > 0 {
            network.note("\(count) of \(flying.count) bytes arrive on \(where_)")
            incoming += flying[..<count]
            flying.removeFirst(count)
            total += count
            meetFate()
        } else if isEndFlying, !hasEnded {
            network.note("the end arrives on \(where_)")
            hasEnded = true
        }
        announce()
    }

    private func meetFate() {
        switch fate {
        case .reset(let bytes) where total > bytes:
            network.noteFault("\(name) is reset")
            breakDown()
        case .stall(let bytes, let pause) where total > bytes:
            network.noteFault("\(where_), stalls for \(pause)")
            readyAt = max(readyAt, network.now + pause)
        case .halfClose(let bytes) where total > bytes:
            network.noteFault("\(where_), ends before its time")
            flying = []
            isCutOff = true
            isEndFlying = true
        default: return
        }
        fate = .fine
    }

    private func announce() {
        guard canTell, let loop else { return }
        isTold = true
        let (bound, number) = (ThreadBound(self), attachments)
        loop.happen { bound.value.tell(number) }
    }

    private func tell(_ number: Int) {
        guard number == attachments else { return }
        isTold = false
        guard let owner, !isClosed, canRead || canWrite || isOver else { return }
        owner.streamReady(reading: canRead, writing: canWrite, ended: isOver)
    }
}
