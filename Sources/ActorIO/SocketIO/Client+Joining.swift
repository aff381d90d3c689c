/// Into a namespace: every decision is looked at again after each wait.
extension Client {
    func connect(
        _ packet: SocketPacket,
        _ attachments: [[UInt8]] = [],
        in session: isolated EngineSession
    ) throws(PacketError) {
        let name = packet.namespace
        guard !(sockets + connecting).contains(where: { Self.equal($0, name) }),
            !isChoosing(name)
        else {
            // Old clients may say it again before they are answered, and mean it once.
            guard !session.version.isOld else { return }
            throw PacketError("CONNECT to a namespace twice")
        }
        guard sockets.count + deciding < max(1, plan.options.maxNamespaces) else {
            return refuse(name, ConnectError("too many namespaces"), in: session)
        }
        // The socket keeps it, and every namespace has one of its own.
        let size = attachments.reduce(packet.bytes.count) { $0 + $1.count }
        guard size <= max(1, plan.options.maxAuth) else {
            return refuse(name, ConnectError("auth too large"), in: session)
        }
        let auth =
            packet.payload.isEmpty ? Arguments() : packet.payloadArgument(with: attachments)
        if let runtime = plan.namespaces.enter(ByteString(name)) {
            // Admins log in in a way of their own.
            if plan.connect == nil || runtime.isForAdmins {
                enter(runtime, auth, in: session)
            } else {
                choose(name, auth, runtime, in: session)
            }
        } else if plan.namespaces.isOpen {
            choose(name, auth, in: session)
        } else {
            refuse(name, ConnectError("Invalid namespace"), in: session)
        }
    }

    private func enter(
        _ runtime: NamespaceRuntime,
        _ auth: Arguments,
        _ identity: SocketIdentity? = nil,
        in session: isolated EngineSession
    ) {
        let recovery = runtime.recovery(auth, identity, in: session)
        let socket = Socket(runtime, session, auth: auth, recovery, identity)
        connecting.append(socket)
        if let identity { watchExpiry(of: identity.request, in: session) }
        let decision = decide(in: session) { await self.admit(socket, in: session) }
        if isConnecting(socket) { socket.onLoop { $0.decision = decision } }
    }

    private func decide(
        in session: isolated EngineSession,
        _ body: @escaping () async -> Void
    ) -> Task<Void, Never> {
        deciding += 1
        session.loop.taskBegan()
        return Task.immediate(executorPreference: session.loop.preference) {
            _ = session
            await body()
            self.deciding -= 1
            session.loop.taskEnded()
        }
    }

    /// The chain says who the client is, and somebody's rule that the namespace is made; the client
    /// is still there then.
    ///
    /// Not before there is a socket: which one of before it is depends on who comes.
    private func choose(
        _ name: String,
        _ auth: Arguments,
        _ known: NamespaceRuntime? = nil,
        in session: isolated EngineSession
    ) {
        let choice = Choice(name)
        choosing.append(choice)
        let task = decide(in: session) {
            var (runtime, identity, refusal) = (known, SocketIdentity?.none, ConnectError?.none)
            do {
                try await self.plan.checkLogin(session)
                try self.checkExpiry(in: session)
                if self.plan.connect != nil {
                    identity = try await self.identify(auth, in: session)
                }
                if runtime == nil {
                    let request = identity?.request ?? session.request
                    runtime = try await self.plan.namespaces.make(
                        NamespaceRequest(name: name, request: request, authentication: auth)
                    )
                }
            } catch {
                refusal = ConnectError(telling: error)
            }
            let isWanted = self.end(choice) && session.state == .open
            if isWanted, refusal == nil, let runtime {
                return self.enter(runtime, auth, identity, in: session)
            }
            runtime?.released?(false)
            identity?.release()
            guard isWanted else { return }
            self.refuse(name, refusal ?? ConnectError("Invalid namespace"), in: session)
        }
        if choosing.contains(where: { $0 === choice }) { choice.task = task }
    }

    private func identify(
        _ auth: Arguments,
        in session: isolated EngineSession
    ) async throws -> SocketIdentity? {
        guard let chain = plan.connect else { return nil }
        let proof = try await chain.prove(chain.token(in: auth), in: session)
        return SocketIdentity(proof, chain, plan.registry)
    }

    /// A wish for a namespace that may have to be made, while it is looked at.
    final class Choice {
        let name: String
        var task: Task<Void, Never>?

        init(_ name: String) {
            self.name = name
        }
    }

    func isChoosing(_ name: String) -> Bool {
        choosing.contains { $0.name.utf8.elementsEqual(name.utf8) }
    }

    /// The client does not want it any more.
    func stopChoosing(_ name: String) -> Bool {
        guard let choice = choosing.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
            return false
        }
        choice.task?.cancel()
        return end(choice)
    }

    /// False when it was over already.
    private func end(_ choice: Choice) -> Bool {
        guard let index = choosing.firstIndex(where: { $0 === choice }) else { return false }
        choosing.remove(at: index)
        if choosing.isEmpty { choosing = [] }
        return true
    }

    func refuse(
        _ name: String,
        _ error: ConnectError,
        in session: isolated EngineSession
    ) {
        let version = session.version
        tell(in: session) { try refusal(error, name, version, $0) }
    }

    /// Sends a packet of the server's own; without it the client could not go on.
    func tell(
        in session: isolated EngineSession,
        _ packet: (PacketFormat) throws -> MessageGroup
    ) {
        do {
            session.send(try packet(plan.format))
        } catch {
            plan.options.log.error("a packet that can not be written", ["error": "\(error)"])
            session.close(.forcedClose)
        }
    }

    /// The socket is in the registry before anything is decided, and looked at again after every
    /// wait: whatever ended meanwhile has already taken it out.
    private func admit(_ socket: Socket, in session: isolated EngineSession) async {
        let runtime = socket.runtime
        do {
            try await plan.checkLogin(session)
            try checkExpiry(in: session)
            if !runtime.middleware.isEmpty, !socket.skipsMiddleware, isAwaited(socket, in: session)
            {
                let isIn = await within(plan.registry) { $0.enter(socket, runtime.space) }
                if !isIn { giveUp(socket, in: session) }
                guard isAwaited(socket, in: session) else { return await forget(socket) }
                try await socket.decide()
            }
        } catch {
            let wasConnecting = stopConnecting(socket)
            if wasConnecting, session.state == .open {
                if !(error is ConnectError), !(error is HTTPError) {
                    runtime.report(error, socket.id, "connect")
                }
                refuse(runtime.name, ConnectError(telling: error), in: session)
            }
            return await forget(socket)
        }
        var missed: [MessageGroup] = []
        if isAwaited(socket, in: session) {
            guard let found = await connect(socket) else { return giveUp(socket, in: session) }
            missed = found
        }
        guard session.state == .open, stopConnecting(socket) else { return await forget(socket) }
        sockets = sockets + [socket]
        if socket.identity != nil { watchLogin(of: socket.request, in: session) }
        if expiry != nil { watchExpiry(in: session) }
        left.removeAll { $0.utf8.elementsEqual(runtime.name.utf8) }
        gathering?.joinDeadline = nil
        session.armReceiverTimer(until: gathering?.deadline)
        for group in missed { session.send(group) }
        tell(in: session) { try acceptance(of: socket, $0) }
        socket.onLoop { $0.begin() }
    }

    private func connect(_ socket: Socket) async -> [MessageGroup]? {
        let space = socket.runtime.space
        guard let recovery = socket.recovery else {
            await within(plan.registry) { $0.connect(socket, space) }
            return []
        }
        return await within(plan.registry) { $0.connect(socket, space, recovery) }
    }

    /// What it missed was dropped while it was being decided about, or somebody sent it away on its
    /// way back: it has to come anew.
    private func giveUp(_ socket: Socket, in session: isolated EngineSession) {
        drop(socket)
        socket.onLoop { $0.end(.serverDisconnect) }
        session.close(.forcedClose)
    }

    /// Again, if its end came while it was being entered; nobody is refused who may come back.
    private func forget(_ socket: Socket) async {
        socket.onLoop { $0.end(.serverDisconnect) }
        await within(plan.registry) { $0.remove(socket, socket.runtime.space) }
    }

    /// Whether its client is still there and wants to come in.
    private func isAwaited(_ socket: Socket, in session: isolated EngineSession) -> Bool {
        session.state == .open && isConnecting(socket)
    }

    private func isConnecting(_ socket: Socket) -> Bool {
        connecting.contains { $0 === socket }
    }

    func stopConnecting(_ socket: Socket) -> Bool {
        guard let index = connecting.firstIndex(where: { $0 === socket }) else { return false }
        connecting.remove(at: index)
        if connecting.isEmpty { connecting = [] }
        return true
    }
}
