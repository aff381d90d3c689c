/// The loops of one server.
package final class EventLoopGroup: Sendable {
    package let loops: [EventLoop]

    /// How many processors this process may use.
    package static var processorCount: Int { LoopThread.processorCount }

    init(count: Int) {
        loops = (0..<max(1, count)).map { _ in EventLoop() }
        introduce()
    }

    package init(_ loops: [EventLoop]) {
        self.loops = loops
        introduce()
    }

    private func introduce() {
        guard loops.count > 1 else { return }
        for loop in loops { loop.hasSiblings = true }
    }

    package var first: EventLoop { loops[0] }

    func stop() async {
        for loop in loops { await loop.stop() }
    }
}
