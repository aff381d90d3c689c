/// What one connection has above Engine.IO: its sockets by namespace, inside the session's
/// isolation.
final class Client: EngineReceiver {
    private let plan: FrozenPlan
    private(set) var sockets: [Socket] = []
    private var connecting: [Socket] = []
    /// How many namespaces are remembered that it has left.
    private static let maxLeft = 64
    /// How long the attachments of a packet may take.
    private static let attachmentTime = Duration.seconds(30)
    /// Decisions that are under way, those included whose client has turned away meanwhile.
    private var deciding = 0
    /// Namespaces that may have to be made before it can enter them.
    private var choosing: [String] = []
    /// Namespaces it has been in: packets for them may still be on their way.
    private var left: [String] = []
    /// A binary packet under way; apart, because a client at rest should not have room for one.
    private var gathering: Gathering?
    /// What reads instead of the text's parser, when the options have another.
    private var reader: CheckedReader?

    init(_ plan: FrozenPlan, in session: isolated EngineSession) {
        self.plan = plan
        if let parser = plan.format.parser {
            let maxBytes = plan.options.engine.maxPayload
            reader = CheckedReader(
                parser,
                limits: plan.limits,
                maxBytes: maxBytes,
                isOld: session.version.isOld
            )
        }
        session.armReceiverTimer(max(.milliseconds(1), plan.options.connectTimeout))
    }

    /// No namespace was joined in time, or the attachments of a packet did not come.
    func timerFired(in session: isolated EngineSession) {
        if let gathering, gathering.deadline <= session.loop.now {
            return reject(PacketError("attachments that did not come"), in: session)
        }
        session.close(.connectTimeout)
    }

    // Packets

    func received(text: [UInt8], in session: isolated EngineSession) {
        guard reader == nil else {
            let message = String(decoding: text.dropFirst(), as: UTF8.self)
            return received(.text(message), in: session)
        }
        do {
            guard gathering == nil else { throw PacketError("a message between attachments") }
            let packet = try parse(text, plan.limits, of: session.version)
            try take(packet, in: session)
        } catch {
            reject(error, in: session)
        }
    }

    func received(binary: [UInt8], in session: isolated EngineSession) {
        guard reader == nil else { return received(.binary(binary), in: session) }
        do {
            guard gathering != nil else { throw PacketError("a binary message nobody waits for") }
            guard let (packet, attachments) = try gathering?.gatherer?.add(binary) else { return }
            endGathering(in: session)
            try deliver(packet, attachments, in: session)
        } catch {
            reject(error, in: session)
        }
    }

    /// A message for the custom parser.
    private func received(_ message: EngineMessage, in session: isolated EngineSession) {
        do {
            guard let (packet, attachments) = try reader?.read(message) else {
                if gathering == nil { begin(Gathering(), in: session) }
                return
            }
            if gathering != nil { endGathering(in: session) }
            try take(packet, attachments, in: session)
        } catch {
            reject(error, in: session)
        }
    }

    private func begin(_ gathering: Gathering, in session: isolated EngineSession) {
        gathering.deadline = session.loop.now + Self.attachmentTime
        gathering.joinDeadline = session.receiverDeadline
        self.gathering = gathering
        session.armReceiverTimer(until: gathering.next)
    }

    private func endGathering(in session: isolated EngineSession) {
        session.armReceiverTimer(until: exchange(&gathering, with: nil)?.joinDeadline)
    }

    func reject(_ error: any Error, in session: isolated EngineSession) {
        plan.options.log.info("a client broke the protocol", ["error": "\(error)"])
        gathering = nil
        for socket in sockets { socket.runtime.reportBroken(error, socket.id) }
        session.close(.forcedClose)
    }

    private func take(
        _ packet: SocketPacket,
        _ attachments: [[UInt8]] = [],
        in session: isolated EngineSession
    ) throws(PacketError) {
        switch packet.kind {
        case .event, .ack: try deliver(packet, attachments, in: session)
        case .binaryEvent, .binaryAck:
            // Nothing is kept for a namespace that was never joined.
            guard try socket(of: packet) != nil || left.contains(packet.namespace) else { return }
            var gatherer = AttachmentGatherer(maxBytes: plan.options.engine.maxPayload)
            try gatherer.begin(packet)
            begin(Gathering(gatherer), in: session)
        case .connect: try connect(packet, attachments, in: session)
        case .disconnect: try disconnected(packet, in: session)
        case .connectError: throw PacketError("CONNECT_ERROR from a client")
        }
    }

    private func deliver(
        _ packet: SocketPacket,
        _ attachments: [[UInt8]],
        in session: isolated EngineSession
    ) throws(PacketError) {
        guard let socket = try socket(of: packet) else { return }
        let arguments = packet.arguments(with: attachments)
        let id = packet.id
        if packet.kind.isEvent {
            let event = IncomingEvent(name: packet.event, arguments: arguments, ack: id)
            Socket.receiving(socket, event)
        } else if let id {
            socket.onLoop { $0.resolve(id, .success(arguments)) }
        }
    }

    /// Nil for a namespace it has left, whose last packets are no offence; never joined is one.
    ///
    /// A socket that is still being decided about keeps its events until it is connected.
    private func socket(of packet: SocketPacket) throws(PacketError) -> Socket? {
        // Nearly every client is in the root namespace and in no other.
        if let first = sockets.first, first.runtime.isRoot, packet.namespace.utf8.count == 1 {
            return first
        }
        if let socket = sockets.first(where: { Self.equal($0, packet.namespace) }) { return socket }
        if let early = connecting.first(where: { Self.equal($0, packet.namespace) }) {
            return early
        }
        guard
            left.contains(where: { $0.utf8.elementsEqual(packet.namespace.utf8) })
                || isChoosing(packet.namespace)
        else {
            throw PacketError("a packet for a namespace that is not joined")
        }
        return nil
    }

    private static func equal(_ socket: Socket, _ name: String) -> Bool {
        socket.runtime.space == ByteString(name)
    }

    // Joining

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
        let auth =
            packet.payload.isEmpty ? Arguments() : packet.payloadArgument(with: attachments)
        if let runtime = plan.namespaces.enter(ByteString(name)) {
            enter(runtime, auth, in: session)
        } else if plan.namespaces.isOpen {
            choose(name, auth, in: session)
        } else {
            refuse(name, ConnectError("Invalid namespace"), in: session)
        }
    }

    private func enter(
        _ runtime: NamespaceRuntime,
        _ auth: Arguments,
        in session: isolated EngineSession
    ) {
        let socket = Socket(runtime, session, auth: auth, runtime.recovery(auth, in: session))
        connecting.append(socket)
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

    /// The namespace is made when somebody's rule says so, and the client is still there then.
    private func choose(_ name: String, _ auth: Arguments, in session: isolated EngineSession) {
        choosing.append(name)
        let request = NamespaceRequest(name: name, request: session.request, authentication: auth)
        _ = decide(in: session) {
            var refusal = ConnectError("Invalid namespace")
            var runtime: NamespaceRuntime?
            do {
                try await self.plan.checkLogin(session)
                runtime = try await self.plan.namespaces.make(request)
            } catch {
                refusal = ConnectError(telling: error)
            }
            guard self.stopChoosing(name), session.state == .open else {
                runtime?.released?()
                return
            }
            if let runtime {
                self.enter(runtime, auth, in: session)
            } else {
                self.refuse(name, refusal, in: session)
            }
        }
    }

    private func isChoosing(_ name: String) -> Bool {
        choosing.contains { $0.utf8.elementsEqual(name.utf8) }
    }

    private func stopChoosing(_ name: String) -> Bool {
        guard let index = choosing.firstIndex(where: { $0.utf8.elementsEqual(name.utf8) }) else {
            return false
        }
        choosing.remove(at: index)
        if choosing.isEmpty { choosing = [] }
        return true
    }

    private func refuse(
        _ name: String,
        _ error: ConnectError,
        in session: isolated EngineSession
    ) {
        let version = session.version
        tell(in: session) { try refusal(error, name, version, $0) }
    }

    /// Sends a packet of the server's own; without it the client could not go on.
    private func tell(
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
            if !runtime.middleware.isEmpty, !socket.skipsMiddleware {
                await within(plan.registry) { $0.enter(socket, runtime.space) }
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
        if session.state == .open, isConnecting(socket) {
            guard let found = await connect(socket) else { return giveUp(socket, in: session) }
            missed = found
        }
        guard session.state == .open, stopConnecting(socket) else { return await forget(socket) }
        sockets.append(socket)
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

    /// What it missed was dropped while it was being decided about: it has to come anew.
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

    private func isConnecting(_ socket: Socket) -> Bool {
        connecting.contains { $0 === socket }
    }

    private func stopConnecting(_ socket: Socket) -> Bool {
        guard let index = connecting.firstIndex(where: { $0 === socket }) else { return false }
        connecting.remove(at: index)
        if connecting.isEmpty { connecting = [] }
        return true
    }

    // Leaving

    private func disconnected(
        _ packet: SocketPacket,
        in session: isolated EngineSession
    ) throws(PacketError) {
        guard !stopChoosing(packet.namespace) else { return remember(packet.namespace) }
        guard let socket = try socket(of: packet) else { return }
        drop(socket)
        socket.onLoop { $0.end(.clientDisconnect) }
    }

    private func drop(_ socket: Socket) {
        sockets.removeAll { $0 === socket }
        connecting.removeAll { $0 === socket }
        remember(socket.runtime.name)
    }

    private func remember(_ name: String) {
        guard !left.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else { return }
        if left.count >= Self.maxLeft { left.removeFirst() }
        left.append(name)
    }

    func disconnect(_ socket: Socket, in session: isolated EngineSession) {
        if stopConnecting(socket) {
            refuse(socket.runtime.name, ConnectError("disconnected"), in: session)
        } else if sockets.contains(where: { $0 === socket }) {
            tell(in: session) { try $0.disconnect(namespace: socket.runtime.name) }
        }
        drop(socket)
        socket.onLoop { $0.end(.serverDisconnect) }
    }

    /// Leaves every namespace by its name, then closes the connection.
    func disconnectAll(in session: isolated EngineSession) {
        for socket in sockets + connecting { disconnect(socket, in: session) }
        session.close(.forcedClose)
    }

    func farewells(in session: isolated EngineSession) -> [MessageGroup] {
        sockets.compactMap { try? plan.format.disconnect(namespace: $0.runtime.name) }
    }

    func closed(_ reason: EngineCloseReason, in session: isolated EngineSession) {
        let ended = sockets + connecting
        sockets = []
        connecting = []
        choosing = []
        gathering = nil
        reader = nil
        for socket in ended { socket.onLoop { $0.end(DisconnectReason(reason)) } }
    }
}

/// A packet whose other messages have to follow; a custom parser's reader gathers them itself.
///
/// While it is there the session's timer is its own, and the time for the first namespace with it.
private final class Gathering {
    var gatherer: AttachmentGatherer?
    var deadline = LoopTime.distantFuture
    /// When the first namespace has to be joined; nil once one is.
    var joinDeadline: LoopTime?

    init(_ gatherer: AttachmentGatherer? = nil) {
        self.gatherer = gatherer
    }

    var next: LoopTime { min(deadline, joinDeadline ?? .distantFuture) }
}
