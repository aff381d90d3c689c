/// Who may open a session: the doors that the rooms above give to the handshake.
struct HandshakeDoors: Sendable {
    /// Where a handshake is entered before its login session is looked up; see `SessionMembers`.
    let members: any SessionMembers
    /// Makes the connection a member of its rooms; false when its login session ended meanwhile.
    let admit: @Sendable (EngineSession) async -> Bool
    /// Forgets a handshake that came to nothing.
    let forget: @Sendable (HandshakeMember) async -> Void
}

/// The HTTP side of Engine.IO: one handler for everything below the path.
///
/// ```
/// every request ─► everyRequest chain ─► transport, origin ─┬─ sid ──► its session
///                                                           └─ none ─► handshake chain ─► admit
/// ```
final class EngineHandler: Sendable {
    let shared: EngineShared
    let doors: HandshakeDoors
    let handshake: [Middleware]
    let everyRequest: [Middleware]
    /// Whether clients say who they are when they join a namespace.
    let asksLater: Bool
    let origins: OriginGuard

    init(
        shared: EngineShared,
        doors: HandshakeDoors,
        handshake: [Middleware],
        everyRequest: [Middleware],
        asksLater: Bool,
        allowedOrigins: [String]
    ) {
        self.shared = shared
        self.doors = doors
        self.handshake = handshake
        self.everyRequest = everyRequest
        self.asksLater = asksLater
        let trusted = (handshake + everyRequest).flatMap(\.trustedOrigins)
        origins = OriginGuard(
            allowed: allowedOrigins + trusted,
            allowsAll: allowedOrigins.contains { $0.utf8.elementsEqual("*".utf8) }
        )
    }

    /// The door to HTTP.
    func handler() -> Handler {
        let last = refusing { request in try await self.answer(request) }
        let chain = everyRequest.reversed().reduce(last) { next, step in
            refusing { request in try await step(request, next: next) }
        }
        let isOpen = handshake.isEmpty && everyRequest.isEmpty && !asksLater
        let doors = doors
        return { request in
            guard !isOpen, !request.query.contains("sid") else {
                return try await chain(request)
            }
            // Both chains see it: wherever the session middleware stands, it enters before it asks.
            let admission = Admission()
            var entered = request
            entered[Admission.self] = admission
            entered[HandshakeEntry.self] = HandshakeEntry(
                members: doors.members,
                member: admission.member
            )
            let response = try await chain(entered)
            await self.conclude(admission, response)
            return response
        }
    }

    /// Refusals pass the chain as responses, so that CORS headers are on them too.
    private func refusing(_ handler: @escaping Handler) -> Handler {
        { request in
            do {
                return try await handler(request)
            } catch {
                request[Admission.self]?.discard()
                return self.refusal(error, request)
            }
        }
    }

    /// Nothing may be left of a handshake whose client is not told of a session.
    private func conclude(_ admission: Admission, _ response: Response) async {
        let (session, isTold) = admission.outcome(response)
        guard let session else { return await doors.forget(admission.member) }
        if !isTold { await session.finish(.forcedClose) }
    }

    private func answer(_ request: Request) async throws -> Response {
        let query = request.query
        guard let transport = query["transport"].flatMap(EngineTransport.init(rawValue:)),
            shared.options.transports.contains(transport)
        else { throw EngineError.transportUnknown }
        let isUpgrade =
            request.head.wantsUpgrade && request.headers.lists("websocket", in: "Upgrade")
        if isUpgrade, transport == .polling {
            throw EngineError.badRequest("TRANSPORT_MISMATCH")
        }
        try checkOrigin(request)
        guard query.contains("sid") else {
            let isSpoken = shared.options.allowsEIO3 || query.says("4", under: "EIO")
            guard isSpoken || request.method != .get else {
                throw EngineError.unsupportedProtocolVersion
            }
            return try await open(request, transport, isUpgrade)
        }
        guard let id = query["sid"].flatMap(shared.id(named:)),
            let session = await within(shared.server, { $0.session(id) })
        else { throw EngineError.sessionUnknown }
        return try await session.answer(request, transport, isUpgrade)
    }

    /// A WebSocket carries cookies from any page; only this keeps foreign pages out.
    private func checkOrigin(_ request: Request) throws(EngineError) {
        let origin = request.headers["origin"] ?? ""
        guard origin.utf8.allSatisfy({ $0 == 0x09 || (0x20..<0x7F).contains($0) }) else {
            throw .badRequest("INVALID_ORIGIN")
        }
        guard origins.allows(request) else { throw .forbidden("foreign origin") }
    }

    private func open(
        _ request: Request,
        _ transport: EngineTransport,
        _ isUpgrade: Bool
    ) async throws -> Response {
        guard request.method == .get else { throw EngineError.badHandshakeMethod }
        let accept = transport == .webSocket ? try accept(request, isUpgrade) : nil
        guard !handshake.isEmpty else { return try await admit(request, accept) }
        let chain = Middleware.chain(handshake) { request in try await self.admit(request, accept) }
        return try await chain(request)
    }

    /// What the 101 must carry.
    private func accept(_ request: Request, _ isUpgrade: Bool) throws -> [UInt8] {
        guard isUpgrade else { throw EngineError.badRequest("TRANSPORT_HANDSHAKE_ERROR") }
        return try UpgradeReply.check(request.head)
    }

    /// The chain has let the request through: from here on there is a session.
    private func admit(
        _ request: Request,
        _ accept: [UInt8]?
    ) async throws -> Response {
        let admission = request[Admission.self]
        guard admission?.begin() != false else {
            throw EngineError.badRequest("a handshake was admitted twice")
        }
        guard let loop = request.loop else {
            throw EngineError.badRequest("no event loop")
        }
        let kept = request.cleaned()
        if admission != nil { try checkExpiry(of: kept, loop) }
        let id = shared.options.makeID == nil ? EngineID() : try await makeID(kept)
        // Whoever has been cut off meanwhile would be waited for until the heartbeat gives up.
        try Task.checkCancellation()
        let session = EngineSession(
            id: id,
            loop: loop,
            shared: shared,
            request: kept,
            member: admission?.member,
            version: EngineVersion(kept.query)
        )
        switch await within(shared.server, { $0.add(session) }) {
        case .done: break
        case .noRoom:
            throw HTTPError(.serviceUnavailable, "no room", headers: ["Retry-After": "5"])
        case .taken: throw Self.badID("the id is in use")
        }
        if admission != nil {
            guard await doors.admit(session) else {
                shared.removed(session)
                throw HTTPError.sessionEnded
            }
        }
        let greeting = try await session.greet(accept)
        admission?.confirm(session, greeting)
        return greeting
    }

    /// What was good when the chain began may have come to its end in it.
    private func checkExpiry(of request: Request, _ loop: EventLoop) throws(HTTPError) {
        guard let until = request[AuthenticatedUntil.self] else { return }
        guard until.left(loop.unixMilliseconds) > .zero else { throw .tokenExpired }
    }

    private func makeID(_ request: Request) async throws(EngineError) -> EngineID {
        guard let make = shared.options.makeID else { return EngineID() }
        let text: String
        do {
            text = try await make(request)
        } catch {
            throw Self.badID("\(error)")
        }
        guard let id = EngineID(custom: text) else {
            throw Self.badID("empty, too long, or with control characters")
        }
        return id
    }

    private static func badID(_ error: String) -> EngineError {
        .badRequest("ID_GENERATION_ERROR", ["error": error])
    }
}
