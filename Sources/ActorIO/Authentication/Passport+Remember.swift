extension Passport {
    /// Remembers logins beyond their session, when the login form asks for it.
    ///
    /// ```swift
    /// let passport = Passport<Account>.local { … }
    ///     .remembering(in: sessions) { id in await accounts[id] }
    /// app.use(session, passport.session, passport.remembered)
    /// app.post("/login", passport.authenticate(success: "/", failure: "/login"))
    /// ```
    /// A form with the field `remember` leaves a cookie with a token that is good once: each use
    /// begins a session and gives the next token. Only hashes are kept. A token that comes a second
    /// time was stolen, and then every session and remembered login of the user ends, sockets
    /// included. Logging out forgets the login, and so does every end of its session but expiry;
    /// `endAllSessions` forgets all of a user's.
    ///
    /// Several passports may remember in one store. A browser has one session and one such cookie,
    /// which each of them leaves alone when another one knows it; those that are given the same
    /// `logins` must know the same users.
    ///
    /// `find` gives the user of an id, or nil when the account is gone.
    public func remembering(
        in store: SessionStore,
        logins: any RememberedLogins = MemoryRememberedLogins(),
        _ options: RememberOptions = RememberOptions(),
        _ find: @escaping @Sendable (User.ID) async throws -> User?
    ) -> Passport {
        let keeper = RememberedKeeper(logins, options)
        store.remembered.withLock { $0.append(keeper) }
        var copy = self
        copy.memory = Memory(keeper: keeper, find: find)
        return copy
    }

    /// Logs users in whose login is remembered and who have no session; comes after ``session``.
    ///
    /// Put it before pages, not into a handshake: a page comes first, and a WebSocket that fails
    /// after its 101 would have used a token up.
    public var remembered: Middleware {
        Middleware { request, next in
            // Whoever is somebody already, by another passport perhaps, needs no other login.
            guard let memory, request[User.self] == nil, request.userID == nil else {
                return try await next(request)
            }
            guard let user = try await recall(request, memory) else {
                return try await next(request)
            }
            var request = request
            request.enter(user)
            return try await next(request)
        }
    }

    private func recall(_ request: Request, _ memory: Memory) async throws -> User? {
        let slot = try request.sessionSlot
        switch try await memory.keeper.recall(request) {
        case .nothing:
            return nil
        case .useless:
            slot.remove(.remember)
            return nil
        case .stolen(let userID):
            slot.remove(.remember)
            // Told also when not everything could be ended.
            defer { memory.keeper.options.onTheft?(userID) }
            try await slot.store.endAllSessions(of: userID)
            return nil
        case .user(let userID, let recalled, let sessionID):
            // The token is spent: whatever fails from here on, the browser must get the next.
            hand(recalled, to: request, slot)
            guard let id = User.ID(userID), let user = try await memory.find(id) else {
                // The account is gone, and so is what was remembered of it.
                slot.remove(.remember)
                _ = try await memory.keeper.forget(series: recalled.series)
                return nil
            }
            let joined = sessionID.flatMap { SessionID($0) }
            return try await enter(user, recalled, joined, request) ? user : nil
        }
    }

    private func enter(
        _ user: User,
        _ recalled: Recalled,
        _ begun: SessionID?,
        _ request: Request
    ) async throws -> Bool {
        let slot = try request.sessionSlot
        var (isIn, isRemembered) = (false, false)
        // Entered, then checked: all sessions of the user may have been ended meanwhile. And only
        // then given out: of a session that could not be checked the browser does not hear.
        let check = {
            isRemembered = try await memory?.keeper.remembers(recalled.series) ?? false
        }
        if let begun { isIn = try await slot.join(begun, proof: check) }
        if !isIn {
            let kept = try await keep.body(user)
            let userID = user.id.description
            try await slot.renew(
                to: recalled.id,
                keepingData: false,
                userID: userID,
                proof: check
            ) { data in
                data.set(LoggedInUser.key, kept)
                data.set(SessionData.remembered, recalled.series)
            }
        }
        if !isRemembered { try await request.logout() }
        return isRemembered
    }

    private func hand(_ recalled: Recalled, to request: Request, _ slot: SessionSlot) {
        guard let next = recalled.next else { return }
        let left = Duration.seconds(recalled.expiresAt - request.unixTime)
        slot.set(.remember, next.text, lifetime: left)
    }

    /// The keeper when the form of this login asks for it.
    func keeper(_ request: Request) async throws -> RememberedKeeper? {
        guard let keeper = memory?.keeper,
            MediaType.essence(request.headers["content-type"] ?? "") == MediaType.form,
            let value = try await request.form()[keeper.options.field], !value.isEmpty
        else { return nil }
        return keeper
    }
}

extension Request {
    /// Forgets the login that the browser's cookie would bring back.
    func forgetRememberedLogin() async throws {
        let slot = try sessionSlot
        guard let text = slot.side(.remember) else { return }
        slot.remove(.remember)
        guard let shown = RememberToken(text) else { return }
        _ = try await slot.store.forget([shown.series], mayReconnect: false)
    }
}
