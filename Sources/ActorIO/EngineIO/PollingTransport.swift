/// What polling needs beside the session: one GET parked, one POST at a time.
struct Polling {
    /// The poll waiting for data.
    var parked: Responder?
    /// A poll that has been accepted and is about to be parked.
    var isPollArriving = false
    var isPosting = false
    /// Ends the connection of the POST whose body is being read.
    var cutPost: (@Sendable () -> Void)?
    var outbox = Outbox()
    /// The client has closed, and its last poll may be on its way; see `waitForLastPoll`.
    var isLeaving = false
    /// When a closed session that nobody polled for is forgotten.
    var farewellDeadline: LoopTime?
    private var paused: [CheckedContinuation<Void, Never>] = []

    var isPollOpen: Bool { parked != nil || isPollArriving }

    mutating func pausePost(_ continuation: CheckedContinuation<Void, Never>) {
        paused.append(continuation)
    }

    mutating func resumePosts() {
        for continuation in exchange(&paused, with: []) { continuation.resume() }
    }

    mutating func failPosts() {
        resumePosts()
        exchange(&cutPost, with: nil)?()
    }
}

/// The polling transport: GET waits for packets, POST brings them.
extension EngineSession {
    /// What middleware sees of a poll that waits; what it adds goes out with the answer.
    private static let parkedHeaders: Headers = ["Cache-Control": "no-store"]

    static func pollResponse(
        _ body: [UInt8],
        _ type: String = "text/plain; charset=UTF-8"
    ) -> Response {
        Response(headers: ["Content-Type": type, "Cache-Control": "no-store"], body: body)
    }

    /// A GET: answered now when packets wait, else parked.
    func poll() throws(EngineError) -> Response {
        switch state {
        case .closed: throw .sessionUnknown
        case .closing: return sayFarewell()
        case .open: break
        }
        guard webSocket == nil else { throw .mismatch(transport) }
        guard !polling.isPollOpen else { return refuseOverlap("overlap from client") }
        if !polling.outbox.isEmpty { return takePoll(limit: options.maxPacketsPerPoll) }
        // Engine.IO: a poll that arrives after the probe was answered must end too.
        if probing?.machine.endsPolls == true { return pollResponse(.noop) }
        polling.isPollArriving = true
        let deferred = Deferred(
            start: { [self] responder in soon { $0.park(responder) } },
            abandoned: { [self] in soon { $0.pollAbandoned() } }
        )
        return Response(.ok, Self.parkedHeaders, .deferred(deferred))
    }

    private func sayFarewell() -> Response {
        let response = takePoll()
        finish(.forcedClose)
        return response
    }

    /// Engine.IO: one poll at a time; the first is answered by the close.
    private func refuseOverlap(_ text: String) -> Response {
        close(.transportError(text))
        return .status(.badRequest)
    }

    private func park(_ responder: Responder) {
        polling.isPollArriving = false
        // It closed between the poll's arrival and here: this is the poll the farewell waits for.
        if state == .closing { return responder.respond(sayFarewell()) }
        guard state == .open, webSocket == nil else {
            return responder.respond(pollResponse(webSocket == nil ? .close : .noop))
        }
        polling.parked = responder
        // The probe was answered between the poll's arrival and here, and found none to end.
        if probing?.machine.endsPolls == true { return endPoll() }
        answerPoll()
    }

    /// Gives the parked poll what waits for it; the last one has to bring everything.
    func answerPoll(isLast: Bool = false) {
        guard let responder = polling.parked, !polling.outbox.isEmpty else { return }
        polling.parked = nil
        let limit = isLast ? .max : options.maxPacketsPerPoll
        responder.respond(takePoll(limit: limit))
    }

    /// The client gave the poll up; what would come next it could not have received in order.
    private func pollAbandoned() {
        guard state == .open, polling.isPollOpen, webSocket == nil else { return }
        polling.parked = nil
        polling.isPollArriving = false
        close(.transportError("poll connection closed prematurely"))
    }

    /// Ends a poll without data, so that the client can change transports.
    func endPoll() {
        guard polling.parked != nil else { return }
        if polling.outbox.isEmpty { queue(.noop) }
        answerPoll()
    }

    /// A POST, its body still to be read.
    func post(_ request: Request) async throws(EngineError) -> Response {
        switch state {
        case .closed: throw .sessionUnknown
        case .closing: return Self.postResponse
        case .open: break
        }
        guard webSocket == nil else { throw .mismatch(transport) }
        guard !polling.isPosting else { return refuseOverlap("data request overlap from client") }
        let isBinary = isBinary(request)
        guard version.isOld || !isBinary else {
            close(.transportError("invalid content type"))
            return .status(.badRequest)
        }
        polling.isPosting = true
        polling.cutPost = request.body.cut
        let result = await readBody(request)
        polling.isPosting = false
        polling.cutPost = nil
        switch result {
        case .success(let body): return try await receive(body, isBinary: isBinary)
        // An upgrade that did not wait for it has cut it off: the session lives on.
        case .failure where webSocket != nil: throw .mismatch(transport)
        case .failure(let error):
            close(.transportError("data request connection closed prematurely"))
            return .status(error.status)
        }
    }

    private static let postResponse = Response(
        headers: ["Content-Type": "text/html", "Cache-Control": "no-store"],
        body: Array("ok".utf8)
    )

    /// Engine.IO 4 has no binary bodies; a client that sends one would wait for its connection for
    /// ever.
    private func isBinary(_ request: Request) -> Bool {
        guard let type = request.headers["content-type"] else { return false }
        return type.lowercased().hasPrefix("application/octet-stream")
    }

    private func readBody(_ request: Request) async -> Result<[UInt8], HTTPError> {
        do {
            return .success(try await request.body.collect(upTo: options.maxPayload))
        } catch let error as HTTPError {
            return .failure(error)
        } catch {
            return .failure(HTTPError(.badRequest))
        }
    }

    /// "ok" is said after the packets were handled.
    private func receive(
        _ body: [UInt8],
        isBinary: Bool
    ) async throws(EngineError) -> Response {
        guard state == .open else { return Self.postResponse }
        guard webSocket == nil else { throw .mismatch(transport) }
        polling.isPosting = true
        defer { polling.isPosting = false }
        let (packets, failed) = self.packets(in: body, isBinary: isBinary)
        for packet in packets {
            // Like a WebSocket that is not read: the next packet waits until there is room for it.
            while !(mayRead && hasRoom), state == .open {
                await withCheckedContinuation { polling.pausePost($0) }
            }
            handle(packet)
        }
        // Whoever has this answer may rely on it that there is no such session any more.
        while state == .closing, polling.isLeaving {
            await withCheckedContinuation { polling.pausePost($0) }
        }
        guard failed else { return Self.postResponse }
        close(.parseError)
        return .status(.badRequest)
    }
}
