/// What sees events beside their handlers: catch-all handlers and middleware.
extension Socket {
    /// An event comes by the catch-all handlers, then the middleware, then its handlers.
    func show(_ event: IncomingEvent) {
        let watchers = runtime.watchers
        inOrder(watchers.count + 1) { socket, index in
            guard index < watchers.count else { return socket.filter(event, from: 0) }
            socket.show(event, to: watchers[index])
        }
    }

    private func show(_ event: IncomingEvent, to watcher: EventStep) {
        switch watcher {
        case .direct(let body):
            do {
                try body(self, event)
            } catch {
                runtime.report(error, id, event.name)
            }
        case .suspending(let body):
            start { socket in
                do {
                    try await body(socket, event)
                } catch {
                    socket.runtime.report(error, socket.id, event.name)
                }
            }
        }
    }

    /// Middleware that waits holds the socket's next events back.
    private func filter(_ event: IncomingEvent, from start: Int) {
        for index in start..<runtime.filters.count {
            switch runtime.filters[index] {
            case .direct(let body):
                do {
                    try body(self, event)
                } catch {
                    return refuse(event, error)
                }
            case .suspending(let body):
                return wait(for: body, event, next: index + 1)
            }
        }
        if state == .connected { handle(event) }
    }

    private func wait(
        for body: @escaping @Sendable (isolated Socket, IncomingEvent) async throws -> Void,
        _ event: IncomingEvent,
        next: Int
    ) {
        isFiltering = true
        start { socket in
            do {
                try await body(socket, event)
                socket.isFiltering = false
                socket.filter(event, from: next)
            } catch {
                socket.isFiltering = false
                socket.refuse(event, error)
            }
            socket.runWaitingEvents()
        }
    }

    private func refuse(_ event: IncomingEvent, _ error: any Error) {
        runtime.report(error, id, event.name, isRefusal: true)
    }

    func tell(_ event: OutgoingEvent) {
        for step in runtime.outgoing { step(self, event) }
    }
}
