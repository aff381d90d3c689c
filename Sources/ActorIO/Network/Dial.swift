/// Opens connections to servers; for the test kit's clients.
package enum Dial {
    /// A stream that is still connecting: what is written waits for it.
    package static func open(_ address: SocketAddress) throws -> any ByteStream {
        let descriptor = try SystemCalls.connect(address)
        if case .unix = address {} else { SystemCalls.setNoDelay(descriptor) }
        return TCPStream(descriptor, peer: address)
    }

    /// A loop on a thread of its own, for clients of a real port.
    package static func makeLoop() -> EventLoop { EventLoop() }

    /// Ends such a loop.
    package static func end(_ loop: EventLoop) async { await loop.stop() }
}

extension Dial {
    /// Runs `body` after a while of real time, on the fallback loop.
    package static func after(_ duration: Duration, _ body: @escaping @Sendable () -> Void) {
        let loop = EventLoop.fallback
        loop.execute { _ = loop.schedule(at: loop.now + duration, ClosureTimer(body)) }
    }
}
