/// What one connection has above Engine.IO: its sockets by namespace, inside the session's
/// isolation.
final class Client: EngineReceiver {
    let plan: FrozenPlan
    var sockets: [Socket] = []
    var connecting: [Socket] = []
    /// How many namespaces are remembered that it has left.
    private static let maxLeft = 64
    /// How long the attachments of a packet may take.
    private static let attachmentTime = Duration.seconds(30)
    /// Decisions that are under way, those included whose client has turned away meanwhile.
    var deciding = 0
    /// What most clients at rest have nothing of, so that they need no room for it.
    private var seldom: Seldom?
    /// When the next event keeps its login session alive; see `touchLogin`.
    var nextTouch = LoopTime.distantFuture
    /// Nil where no token expires.
    var expiry: ExpiryWatch?

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
        watchLogin(in: session)
        // Who passed no chain has nothing that ends.
        if session.member != nil { watchExpiry(of: session.request, in: session) }
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
            let isDropped =
                left.contains { $0.utf8.elementsEqual(packet.namespace.utf8) }
                || isChoosing(packet.namespace)
            guard try socket(of: packet) != nil || isDropped else { return }
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
            if nextTouch != .distantFuture, nextTouch <= session.loop.now {
                touchLogin(in: session)
            }
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

    static func equal(_ socket: Socket, _ name: String) -> Bool {
        socket.runtime.space == ByteString(name)
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

    func drop(_ socket: Socket) {
        sockets = sockets.filter { $0 !== socket }
        connecting.removeAll { $0 === socket }
        remember(socket.runtime.name)
    }

    func remember(_ name: String) {
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
        for choice in exchange(&choosing, with: []) { choice.task?.cancel() }
        gathering = nil
        reader = nil
        if expiry != nil { stopExpiry(in: session) }
        for socket in ended { socket.onLoop { $0.end(DisconnectReason(reason)) } }
    }
}

extension Client {
    private final class Seldom {
        var choosing: [Choice] = []
        var left: [String] = []
        var gathering: Gathering?
        var reader: CheckedReader?
    }

    private var asked: Seldom {
        if let seldom { return seldom }
        let new = Seldom()
        seldom = new
        return new
    }

    /// Namespaces that may have to be made before it can enter them.
    var choosing: [Choice] {
        get { seldom?.choosing ?? [] }
        set { if seldom != nil || !newValue.isEmpty { asked.choosing = newValue } }
    }

    /// Namespaces it has been in: packets for them may still be on their way.
    var left: [String] {
        get { seldom?.left ?? [] }
        set { if seldom != nil || !newValue.isEmpty { asked.left = newValue } }
    }

    /// A binary packet under way.
    var gathering: Gathering? {
        get { seldom?.gathering }
        set { if seldom != nil || newValue != nil { asked.gathering = newValue } }
    }

    /// What reads instead of the text's parser, when the options have another.
    private var reader: CheckedReader? {
        get { seldom?.reader }
        set { if seldom != nil || newValue != nil { asked.reader = newValue } }
    }
}

/// A packet whose other messages have to follow; a custom parser's reader gathers them itself.
///
/// While it is there the session's timer is its own, and the time for the first namespace with it.
final class Gathering {
    var gatherer: AttachmentGatherer?
    var deadline = LoopTime.distantFuture
    /// When the first namespace has to be joined; nil once one is.
    var joinDeadline: LoopTime?

    init(_ gatherer: AttachmentGatherer? = nil) {
        self.gatherer = gatherer
    }

    var next: LoopTime { min(deadline, joinDeadline ?? .distantFuture) }
}
