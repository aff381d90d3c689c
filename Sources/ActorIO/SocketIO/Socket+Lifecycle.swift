/// From the answer to CONNECT to the last handler.
extension Socket {
    /// Runs the namespace's middleware; the error of the first that throws refuses the socket.
    func decide() async throws {
        for step in runtime.middleware { try await step(self) }
    }

    /// CONNECT is answered: what came from rooms meanwhile follows it, then the handlers run.
    func begin() {
        guard state == .connecting else { return }
        state = .starting
        decision = nil
        recovery?.resumption?.finish()
        runtime.desk?.connected(self)
        for event in exchange(&early, with: []) { pass(event) }
        guard !runtime.connected.isEmpty else { return releaseWaitingEvents() }
        start { socket in
            do {
                for step in socket.runtime.connected { try await step(socket) }
                socket.releaseWaitingEvents()
            } catch {
                socket.runtime.report(error, socket.id, "connection")
                socket.disconnect()
            }
        }
    }

    /// The way in for what rooms send.
    private static let delivering = loopEntry {
        (socket: isolated Socket, delivery: Delivery) in socket.take(delivery)
    }

    private struct Delivery: Sendable {
        let event: EncodedEvent
        let isVolatile: Bool
    }

    nonisolated func deliver(_ event: EncodedEvent, volatile: Bool) {
        Self.delivering(self, Delivery(event: event, isVolatile: volatile))
    }

    private func take(_ delivery: Delivery) {
        switch state {
        case .starting, .connected: pass(delivery.event, volatile: delivery.isVolatile)
        case .connecting: if !delivery.isVolatile { early.append(delivery.event) }
        case .disconnected: break
        }
    }

    /// The socket is out of its connection: nothing reaches a handler any more, and nobody finds it
    /// in a room, while its own handlers still see where it was.
    func end(_ reason: DisconnectReason) {
        guard state != .disconnected else { return }
        let wasConnected = isConnected
        let hasSteps =
            wasConnected && !(runtime.disconnecting.isEmpty && runtime.disconnected.isEmpty)
        let departure = wayBack(reason)
        state = .disconnected
        early = []
        held = nil
        acks.failAll(loop)
        cancelTasks()
        runtime.watch.disconnected(id, reason)
        runtime.released?(wasConnected)
        runtime.registry.leave(self, runtime.space, keepingRooms: hasSteps, departure)
        if !hasSteps { identity?.release() }
        // Behind its leaving: a list of all sockets must not bring it back.
        if wasConnected { runtime.desk?.disconnected(self, reason) }
        guard hasSteps else { return }
        loop.taskBegan()
        // Not now: the end may come from inside a broadcast, and handlers may broadcast too.
        loop.execute { self.onLoop { $0.runLastSteps(reason) } }
    }

    private func runLastSteps(_ reason: DisconnectReason) {
        Task.immediate(executorPreference: loop.preference) {
            defer { loop.taskEnded() }
            for step in runtime.disconnecting { await step(self, reason) }
            // Not awaited: whatever asks the registry from here on asks behind it.
            leaveRooms()
            for step in runtime.disconnected { await step(self, reason) }
        }
    }
}
