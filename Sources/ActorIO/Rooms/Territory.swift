/// What all sockets of one namespace share below their handlers.
final class Territory: Sendable {
    /// The name of the namespace.
    let name: ByteString
    let registry: RoomRegistry
    /// How its packets leave.
    let format: PacketFormat
    /// Who wants to see what is sent; see ``EncodedEvent``.
    enum Showing: Sendable {
        case toNobody
        case always
        /// While this says so.
        case sometimes(@Sendable () -> Bool)
    }
    private let showing: Showing
    /// Told of every change of its rooms, on the registry's lane.
    let roomChanged: (@Sendable (RoomChange) -> Void)?
    /// The other nodes; nil when there are none.
    let adapter: (any Adapter)?
    /// What is kept for sockets that are away; nil when recovery is off.
    let recovery: RecoveryStore?
    private let ids: AnswerIDs

    init(
        _ name: ByteString,
        _ registry: RoomRegistry,
        format: PacketFormat = PacketFormat(),
        ids: AnswerIDs = AnswerIDs(),
        showing: Showing = .toNobody,
        roomChanged: (@Sendable (RoomChange) -> Void)? = nil,
        adapter: (any Adapter)? = nil
    ) {
        self.name = name
        self.registry = registry
        self.format = format
        self.ids = ids
        recovery = registry.recovery
        self.showing = showing
        self.roomChanged = roomChanged
        self.adapter = adapter
    }

    /// Whether somebody wants to see what is sent now.
    var showsOutgoing: Bool {
        switch showing {
        case .toNobody: false
        case .always: true
        case .sometimes(let isWanted): isWanted()
        }
    }

    /// The id under which an event is answered.
    func makeID() -> Int { ids.make() }

    /// Encodes an event for any number of receivers.
    func encode(
        _ name: String,
        _ arguments: EncodedArguments,
        id: Int? = nil
    ) throws -> EncodedEvent {
        try check(name, arguments)
        let group = try format.event(name, arguments, namespace: self.name.text, id: id)
        return show(group, name, arguments)
    }

    /// Encodes an event that is kept for sockets that are away; clients get its number behind its
    /// arguments.
    func encode(
        _ name: String,
        _ arguments: EncodedArguments,
        offset: String
    ) throws -> EncodedEvent {
        var numbered = arguments
        numbered.append(text: offset)
        let group = try format.event(name, numbered, namespace: self.name.text)
        return show(group, name, arguments)
    }

    /// Throws what makes it no event for clients.
    func check(_ name: String, _ arguments: EncodedArguments) throws {
        guard !SocketPacket.isReserved(name) else { throw ReservedEventName(name: name) }
        try arguments.checkAttachments(upTo: registry.attachmentLimit)
    }

    private func show(
        _ group: MessageGroup,
        _ name: String,
        _ arguments: EncodedArguments
    ) -> EncodedEvent {
        guard showsOutgoing else { return EncodedEvent(group: group) }
        let event = OutgoingEvent(name: name, arguments: Arguments(arguments))
        return EncodedEvent(group: group, shown: .init(event))
    }
}

extension EncodedArguments {
    /// Refuses what would make its receiver close the connection.
    func checkAttachments(upTo limit: Int) throws {
        guard attachments.count > limit else { return }
        throw TooManyAttachments(count: attachments.count, limit: limit)
    }
}

/// An event or an answer had more binary values than the options' `maxAttachments`.
///
/// Nothing of it was sent: clients of today close a connection that brings them more than 10.
public struct TooManyAttachments: Error, Sendable {
    /// How many there were.
    public let count: Int
    /// How many there may be.
    public let limit: Int
}

/// An event was emitted under a name that the protocol keeps for itself, such as `connect`.
public struct ReservedEventName: Error, Sendable {
    /// The name.
    public let name: String
}
