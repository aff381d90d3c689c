/// Turns a connection into something else, such as a WebSocket.
struct Upgrade: Sendable {
    /// Where the new owner lives; nil when it stays on the connection's loop.
    var loop: EventLoop?
    /// Takes the stream over; called on that loop, unless the peer left first.
    let take: @Sendable (UpgradedStream) -> Void
    /// The peer left before the stream could be handed over.
    let abandoned: @Sendable () -> Void
}

/// What an upgraded connection leaves behind.
struct UpgradedStream: Sendable {
    let stream: LoopBound<any ByteStream>
    /// Bytes the peer sent behind its request.
    let early: [UInt8]
    /// The head of the answer, not written yet: the new owner's first bytes go out together with
    /// it.
    let head: [UInt8]
}

/// An answer that comes later, as state: no task waits for it.
struct Deferred: Sendable {
    /// Called on the connection's loop when the request is parked.
    let start: @Sendable (Responder) -> Void
    /// The peer left, or was cut, before the answer.
    let abandoned: @Sendable () -> Void
}

extension Response {
    /// This answer to a request that was parked with these headers, which middleware may have
    /// added to or changed since.
    ///
    /// Its cookies are left out: they may be those of a login that has ended meanwhile.
    func parked(with headers: Headers) -> Response {
        guard !headers.isEmpty, headers != self.headers else { return self }
        var response = self
        response.headers = headers
        response.headers.remove("Set-Cookie")
        for (name, value) in self.headers where !headers.contains(name) {
            response.headers.add(name, value)
        }
        return response
    }
}

/// Answers one parked request; answering twice, or after the peer left, does nothing.
struct Responder: Sendable {
    let connection: Connection
    let ticket: UInt32

    /// From any loop.
    func respond(_ response: Response) {
        connection.soon { [ticket] in $0.answer(ticket, response) }
    }
}
