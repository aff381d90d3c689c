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
        for group in exchange(&early, with: []) { send(group) }
        guard !runtime.connected.isEmpty else { return releaseWaitingEvents() }
        loop.taskBegan()
        Task.immediate(executorPreference: loop.preference) {
            defer { loop.taskEnded() }
            do {
                for step in runtime.connected { try await step(self) }
                releaseWaitingEvents()
            } catch {
                runtime.report(error, id, "connection")
                disconnect()
            }
        }
    }

    nonisolated func deliver(_ group: MessageGroup, volatile: Bool) {
        onLoop { socket in
            switch socket.state {
            case .starting, .connected:
                socket.session.onLoop { $0.send(group, volatile: volatile) }
            case .connecting: if !volatile { socket.early.append(group) }
            case .disconnected: break
            }
        }
    }

    /// The socket is out of its connection: nothing reaches a handler any more, and it leaves its rooms.
    func end(_ reason: DisconnectReason) {
        guard state != .disconnected else { return }
        let wasConnected = isConnected
        state = .disconnected
        early = []
        acks.failAll(loop)
        cancelTasks()
        runtime.core?.disconnected(id, reason)
        loop.taskBegan()
        Task.immediate(executorPreference: loop.preference) {
            defer { loop.taskEnded() }
            if wasConnected {
                for step in runtime.disconnecting { await step(self, reason) }
            }
            await runtime.registry.remove(self, runtime.space)
            guard wasConnected else { return }
            for step in runtime.disconnected { await step(self, reason) }
        }
    }
}
