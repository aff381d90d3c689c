/// Accepts connections on one loop.
final class Listener: PollTarget, TimerTarget {
    private let descriptor: Int32
    private let loop: EventLoop
    private let mayAccept: () -> Bool
    private let accept: (TCPStream) -> Void
    private var pause: TimerID?
    private var isOpen = true
    let address: SocketAddress

    /// How long accepting rests when the process is out of descriptors, or the server is full.
    private static let rest = Duration.milliseconds(100)

    /// Listens at once; several listeners may share an address when `shared` is set.
    init(
        _ address: SocketAddress,
        backlog: Int32,
        shared: Bool,
        on loop: EventLoop,
        mayAccept: @escaping () -> Bool = { true },
        accept: @escaping (TCPStream) -> Void
    ) throws {
        descriptor = try SystemCalls.listen(address, backlog: backlog, shared: shared)
        self.address =
            SystemCalls.localAddress(descriptor).map {
                if case .unix = address { address } else { $0 }
            } ?? address
        self.loop = loop
        self.mayAccept = mayAccept
        self.accept = accept
    }

    /// Throws when somebody listens there already.
    ///
    /// The loops of a server share their address, and the kernel would let a second server share it
    /// too: each would get half of the connections.
    static func checkIsFree(_ address: SocketAddress) throws {
        guard address.port != 0 else { return }
        let probe = try SystemCalls.listen(address, backlog: 1, shared: false)
        SystemCalls.closeDescriptor(probe)
    }

    func start() -> Bool {
        loop.register(descriptor, .readable, self)
    }

    func ready(_ readiness: Readiness) {
        // A bounded bite, so that a storm of connections does not starve those that are there.
        for _ in 0..<64 where isOpen && pause == nil {
            guard mayAccept() else { return restAWhile() }
            switch SystemCalls.accept(descriptor) {
            case .success((let socket, let peer)?): accept(TCPStream(socket, peer: peer))
            case .success(nil): return
            case .failure: return restAWhile()
            }
        }
    }

    /// Waiting connections stay in the kernel's queue; accepting goes on after a moment.
    private func restAWhile() {
        guard pause == nil, isOpen else { return }
        loop.change(descriptor, [])
        pause = loop.schedule(at: loop.now + Self.rest, self)
    }

    func timerFired() {
        pause = nil
        if isOpen { loop.change(descriptor, .readable) }
    }

    func loopEnded() { close() }

    func close() {
        guard isOpen else { return }
        isOpen = false
        if let pause { loop.cancel(pause) }
        loop.unregister(descriptor)
        SystemCalls.closeDescriptor(descriptor)
        if case .unix(let path) = address { SystemCalls.removeSocket(path) }
    }
}
