/// What has come of a request's body, and who waits for more.
struct IncomingBody {
    var parser: BodyParser
    var arrived: [UInt8] = []
    var isComplete = false
    var wasContinued: Bool
    var reader: CheckedContinuation<[UInt8]?, any Error>?

    /// The peer left: whoever reads must not wait for ever.
    mutating func fail() {
        reader?.resume(throwing: HTTPError(.badRequest, "the body was cut"))
        reader = nil
    }
}

/// Request bodies: pulled by whoever wants them, so that a handler can refuse one unread.
extension Connection {
    private static let bodyBuffer = 65_536
    private static let cutError = HTTPError(.badRequest, "the body was cut")

    /// The body as its handler sees it, and the state of what is still to come.
    func incomingBody(
        _ head: RequestHead,
        _ input: Span<UInt8>,
        _ offset: inout Int
    ) throws(HTTPError) -> (body: RequestBody, rest: IncomingBody?) {
        guard head.framing != .none else { return (RequestBody(.empty), nil) }
        var incoming = IncomingBody(
            parser: try BodyParser(head.framing, limit: context.limits.maxBody),
            wasContinued: !head.expectsContinue
        )
        let isComplete = try incoming.parser.parse(input, at: &offset, into: &incoming.arrived)
        if isComplete { return (RequestBody(.bytes(incoming.arrived)), nil) }
        let ticket = tickets
        let cut: @Sendable () -> Void = { [self] in soon { $0.cutBody(ticket) } }
        return (RequestBody(.stream { try await self.nextBodyChunk(ticket) }, cut: cut), incoming)
    }

    private func cutBody(_ ticket: UInt32) {
        guard exchange?.ticket == ticket, exchange?.body?.isComplete == false else { return }
        close()
    }

    func parseBody(_ input: Span<UInt8>, _ offset: inout Int) {
        guard var body = exchange?.body else { return }
        do {
            body.isComplete = try body.parser.parse(input, at: &offset, into: &body.arrived)
        } catch {
            offset = input.count
            body.fail()
            exchange?.body = body
            return refuseBody(error)
        }
        if body.isComplete { disarm() }
        exchange?.body = body
        // Only a handler that reads makes room for more.
        if body.arrived.count > Self.bodyBuffer, body.reader == nil { listen(reading: false) }
        handToReader()
    }

    private func handToReader() {
        guard var body = exchange?.body, let reader = body.reader else { return }
        guard !body.arrived.isEmpty || body.isComplete else { return }
        body.reader = nil
        let chunk = ActorIO.exchange(&body.arrived, with: [])
        putBack(body)
        reader.resume(returning: chunk.isEmpty ? nil : chunk)
    }

    private func putBack(_ body: IncomingBody) {
        exchange?.body = body.isComplete ? nil : body
        exchange?.isBodyRead = body.isComplete
    }

    /// The next piece for the request of that ticket: whoever reads too late gets no other's body,
    /// and what was cut is never taken for a whole.
    func nextBodyChunk(_ ticket: UInt32) async throws -> [UInt8]? {
        guard let exchange, exchange.ticket == ticket else { throw Self.cutError }
        guard var body = exchange.body else {
            guard exchange.isBodyRead else { throw Self.cutError }
            return nil
        }
        guard body.reader == nil else { throw HTTPError(.internalServerError, "body read twice") }
        if !body.arrived.isEmpty || body.isComplete {
            let chunk = ActorIO.exchange(&body.arrived, with: [])
            putBack(body)
            listen(reading: true)
            return chunk.isEmpty ? nil : chunk
        }
        if !body.wasContinued {
            // RFC 9110 10.1.1: only now is it known that the body is wanted.
            body.wasContinued = true
            output.append(ResponseWriter.continueLine, loop)
            scheduleFlush()
        }
        self.exchange?.body = body
        guard !hasPeerEnded else { throw Self.cutError }
        listen(reading: true)
        return try await withCheckedThrowingContinuation { self.exchange?.body?.reader = $0 }
    }
}
