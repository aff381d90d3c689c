/// A client comes: as one of before, or as somebody new.
extension NamespaceRuntime {
    /// Nil when recovery is off, for a client whose protocol does not know of it, and for admins,
    /// who log in again and get a new list of all sockets.
    ///
    /// Never an error, since whoever has nothing to recover is new.
    func recovery(
        _ auth: Arguments,
        _ who: SocketIdentity?,
        in session: isolated EngineSession
    ) -> SocketRecovery? {
        guard let store = territory.recovery, !session.version.isOld, !isForAdmins else {
            return nil
        }
        let login = who?.login ?? login(of: session.request)
        guard let wish = try? auth.decode(0, as: RecoveryWish.self),
            let pid = RecoveryID(wish.pid)
        else { return SocketRecovery(login) }
        let offset = wish.offset.flatMap { $0.isEmpty ? nil : $0 }
        let now = session.loop.now
        let found = store.take(pid, after: offset, in: space, as: login, now: now)
        return SocketRecovery(login, found)
    }

    private func login(of request: Request) -> SavedLogin {
        SavedLogin(request, identity: options.recovery?.identity?(request))
    }
}

/// What a client adds to its auth object: both are texts, or it is not meant.
///
/// A client that has got no event has no offset.
private struct RecoveryWish: Decodable {
    let pid: String
    let offset: String?
}

extension Socket {
    /// Whether this is the socket of before the connection was lost, with its id, rooms and values;
    /// see ``RecoveryOptions``.
    public nonisolated var isRecovered: Bool { recovery?.resumption != nil }

    nonisolated var skipsMiddleware: Bool {
        guard isRecovered else { return false }
        return runtime.options.recovery?.skipsMiddleware ?? false
    }

    // Events of its own

    /// Gets a number for an event, then sends it.
    ///
    /// Numbers come from the registry, so that one client gets them in order whoever sends; what is
    /// sent directly meanwhile waits, to stay behind the event.
    func keep(_ event: KeptEvent) {
        let registry = runtime.registry
        if registry.lane.loop.isCurrent {
            let numbered = registry.assumeIsolated { $0.keep(event, for: self) }
            if let numbered { send(numbered) }
            return
        }
        if state != .disconnected {
            let held = self.held ?? HeldMessages()
            held.expect()
            self.held = held
        }
        registry.lane.run {
            let numbered = registry.assumeIsolated { $0.keep(event, for: self) }
            guard !self.loop.isCurrent else { return self.arrived(numbered) }
            self.loop.execute { self.arrived(numbered) }
        }
    }

    nonisolated func arrived(_ event: EncodedEvent?) {
        onLoop { $0.release(event) }
    }

    /// One by one: whoever sees an event before it is sent may send something too, and that waits
    /// in the same row.
    private func release(_ event: EncodedEvent?) {
        guard let held else {
            if let event { pass(event) }
            return
        }
        held.arrived(event)
        guard !held.isDraining else { return }
        held.isDraining = true
        while let item = held.next() {
            switch item {
            case .event(let event, let isVolatile): pass(event, volatile: isVolatile)
            case .group(let group, let isVolatile): pass(group, volatile: isVolatile)
            case .awaited, .nothing: break
            }
        }
        held.isDraining = false
        if held.isEmpty, self.held === held { self.held = nil }
    }

    // Its end

    /// Who was never told that it is connected can not come back, but may try again.
    func wayBack(_ reason: DisconnectReason) -> RoomRegistry.Departure? {
        let isExpired = reason == .tokenExpired && runtime.options.tokens.mayReconnect
        guard let recovery, reason.isRecoverable || isExpired else { return nil }
        if isConnected { return isKnownToListen ? .saving(values) : nil }
        return recovery.resumption?.content.map { .returning($0.socket) }
    }

    /// Events that a client lacks for longer than that may have been forgotten: one whose pongs
    /// were not read, say.
    private var isKnownToListen: Bool {
        guard let limits = territory.recovery?.limits else { return false }
        return loop.now - session.onLoop { $0.heartbeat.confirmed } <= limits.silence
    }

    /// Between its last handlers: it is still in its rooms before, and nowhere after.
    func leaveRooms() {
        let departure = recovery.map { _ in RoomRegistry.Departure.saved(values) }
        runtime.registry.leave(self, runtime.space, keepingRooms: false, departure)
        identity?.release()
    }
}

/// Messages in the order in which they are to leave, from the first event that has no number yet.
final class HeldMessages {
    enum Item {
        /// An event that comes back with its number.
        case awaited
        case event(EncodedEvent, Bool)
        case group(MessageGroup, Bool)
        /// An event that is not to be sent from here.
        case nothing
    }

    private var items = Deque<Item>()
    /// What waits is being sent; nobody else may do so at the same time.
    var isDraining = false

    var isEmpty: Bool { items.isEmpty }

    func append(_ item: Item) { items.append(item) }

    /// An event is on its way to its number.
    func expect() { items.append(.awaited) }

    /// The first event that is waited for is back: they come in the order in which they went.
    func arrived(_ event: EncodedEvent?) {
        let place = items.firstIndex { if case .awaited = $0 { true } else { false } }
        guard let place else { return }
        items[place] = event.map { .event($0, false) } ?? .nothing
    }

    /// What may be sent now: nothing passes by an event that is waited for.
    func next() -> Item? {
        guard let item = items.first else { return nil }
        if case .awaited = item { return nil }
        return items.popFirst()
    }
}

extension DisconnectReason {
    /// Whether the client may not know of it: nobody asked for this end.
    var isRecoverable: Bool {
        switch self {
        case .forcedClose, .pingTimeout, .transportClose, .transportError, .serverShuttingDown:
            true
        case .clientDisconnect, .serverDisconnect, .parseError, .overBudget, .tokenExpired: false
        }
    }
}
