/// Changes of the state.
extension SessionSlot {
    /// The first write.
    func create<Result: Sendable>(
        _ id: SessionID,
        evenIfEmpty: Bool = false,
        _ body: @Sendable (inout SessionData) throws -> Result
    ) async throws -> Result {
        try checkOpen()
        if let entry { await entry.members.enter(id, as: entry.member) }
        let birth = birth(id)
        let (result, exists) = try await store.create(
            birth,
            entry?.members,
            evenIfEmpty: evenIfEmpty,
            body
        )
        guard exists else { return result }
        let isInTime = record.withLock { record in
            if case .unwritten(id) = record.state, !record.isSealed {
                record.state = .live(id)
                record.cookieIsDue = true
            }
            return record.state.liveID == id
        }
        guard isInTime else {
            try await store.end([id])
            throw Self.tooLate
        }
        return result
    }

    /// A visitor for whom nothing was written, where the policy keeps these too.
    func createForVisitor() async {
        guard !isBearer, !isGone else { return }
        let id = session.id
        guard isUnwritten(id) else { return }
        do {
            try await create(id, evenIfEmpty: true) { _ in }
        } catch {
            // Nothing was written, so nothing is lost: the page is answered all the same.
            store.options.log.warning("a visitor got no session", ["error": "\(error)"])
        }
    }

    private var isGone: Bool {
        record.withLock { record in
            guard case .ended = record.state else { return false }
            return true
        }
    }

    /// Begins a new session in the place of the present one, whose sockets are closed.
    ///
    /// The browser learns of it when the proof did not throw.
    func renew(
        to id: SessionID? = nil,
        keepingData: Bool,
        userID: String?,
        proof: () async throws -> Void = {},
        _ write: @Sendable (inout SessionData) -> Void
    ) async throws {
        let renewal = SessionRenewal(login: userID, keepingData: keepingData)
        try await replace(renewal, to: id, proof: proof, write)
    }

    /// Goes on with a session that another request of the same browser has just begun; false when
    /// it has ended, and nothing is changed when the proof throws.
    func join(_ id: SessionID, proof: () async throws -> Void) async throws -> Bool {
        try checkOpen()
        if let entry { await entry.members.enter(id, as: entry.member) }
        let visit = SessionVisit(address: origin.address, key: cookie.secrets.newest)
        let found = try await store.open(id, visit, members: entry?.members)
        guard found != nil else { return false }
        try await proof()
        return give(id)
    }

    /// From now on the response tells the browser of a session; false when it has gone.
    private func give(_ id: SessionID) -> Bool {
        record.withLock { record in
            guard !record.isSealed else { return false }
            record.state = .live(id)
            record.cookieIsDue = true
            return true
        }
    }

    /// Gives the session another id, or the visitor an empty session.
    func regenerate(keepingData: Bool) async throws {
        guard !isGone else { throw HTTPError.sessionEnded }
        guard liveID != nil else {
            let id = makeID()
            return record.withLock { record in
                if record.state.liveID == nil { record.state = .unwritten(id) }
            }
        }
        let renewal =
            keepingData ? .sameLogin : SessionRenewal(login: nil, keepingData: false)
        try await replace(renewal) { _ in }
    }

    private func replace(
        _ renewal: SessionRenewal,
        to id: SessionID? = nil,
        proof: () async throws -> Void = {},
        _ write: @Sendable (inout SessionData) -> Void
    ) async throws {
        try checkOpen()
        // Entered before the store knows of it, as everywhere.
        let birth = birth(id ?? makeID())
        if let entry { await entry.members.enter(birth.id, as: entry.member) }
        try await store.renew(liveID, by: birth, renewal, members: entry?.members, write)
        do {
            try await proof()
        } catch {
            // The one before is over, and of this one nobody ever hears.
            record.withLock { if $0.state.liveID != nil { $0.state = .ended } }
            await store.abandon(birth.id)
            throw error
        }
        guard give(birth.id) else {
            try await store.end([birth.id])
            throw Self.tooLate
        }
    }

    /// A change of a session moves the end of a cookie that has one.
    func noteChange(of id: SessionID) {
        guard cookie.policy.lifetime != nil else { return }
        noteVisit(of: id)
    }

    /// The cookie is set with this response, whatever else would say so.
    func noteVisit(of id: SessionID) {
        record.withLock { record in
            if record.state.liveID == id { record.cookieIsDue = true }
        }
    }

    func noteEnd(of id: SessionID) {
        // Logged out is logged out: the browser does not come back by a remembered login.
        if cookie.isShown(.remember, in: headers) { remove(.remember) }
        record.withLock { record in
            switch record.state {
            case .live(id): record.state = .ended
            // Nothing ends, but a cookie of an earlier session goes.
            case .unwritten(id): record.state = cookie.isShown(in: headers) ? .ended : .none
            default: break
            }
        }
    }

    private func birth(_ id: SessionID) -> SessionBirth {
        SessionBirth(
            id: id,
            origin: origin,
            key: cookie.secrets.newest,
            isNamedByApp: cookie.policy.makeID != nil,
            maker: makerTag
        )
    }

    /// The same for every write of this request, and no other request's.
    private var makerTag: UInt64 {
        record.withLock { record in
            if record.makerTag == 0 { record.makerTag = .random(in: 1 ... .max) }
            return record.makerTag
        }
    }

    private func checkOpen() throws {
        guard !record.withLock({ $0.isSealed }) else { throw Self.tooLate }
    }

    private static let tooLate = HTTPError(
        .internalServerError,
        "a session can not begin when the response has gone"
    )
}
