/// A frozen plan.
final class NamespaceRuntime: Sendable {
    let name: String
    let territory: Territory
    let isRoot: Bool
    let isForAdmins: Bool
    let handlers: EventTable
    let watchers: [EventStep]
    /// Whether nobody but admins sees events before their handlers.
    private let isWatchedByAdminsOnly: Bool
    let filters: [EventStep]
    private let hasWatchers: Bool
    let outgoing: [@Sendable (isolated Socket, OutgoingEvent) -> Void]
    let serverSide: [ByteString: Namespace.ServerStep]
    let middleware: [Namespace.SocketStep]
    let connected: [Namespace.SocketStep]
    let disconnecting: [Namespace.DisconnectStep]
    let disconnected: [Namespace.DisconnectStep]
    let options: SocketIO.Options
    let watch: DisconnectWatch
    /// Told of every socket; nil where nobody wants to know.
    let desk: AdminDesk?
    /// What a pattern found in the name of this namespace.
    let parameters: [(name: String, value: String)]
    /// Told when a socket of a dynamic namespace is gone; nil for a namespace that always is.
    let released: (@Sendable (_ wasConnected: Bool) -> Void)?
    private let failed: (@Sendable (any Error, FailedEvent) -> Void)?

    var registry: RoomRegistry { territory.registry }
    var space: ByteString { territory.name }

    init(
        _ plan: Namespace,
        as name: String? = nil,
        parameters: [(name: String, value: String)] = [],
        _ shared: NamespaceShared,
        ids: AnswerIDs = AnswerIDs(),
        released: (@Sendable (_ wasConnected: Bool) -> Void)? = nil
    ) {
        let name = name ?? plan.name
        let (own, desk) = (plan, shared.desk)
        let plan = desk?.instrument(own, as: name) ?? own
        self.desk = desk
        self.name = name
        isRoot = name.utf8.count == 1
        isForAdmins = shared.options.admin?.fullName == ByteString(name)
        handlers = EventTable(plan.handlers)
        watchers = plan.watchers
        filters = plan.filters
        hasWatchers = !(plan.watchers.isEmpty && plan.filters.isEmpty)
        isWatchedByAdminsOnly = hasWatchers && own.watchers.isEmpty && own.filters.isEmpty
        outgoing = plan.outgoing
        serverSide = plan.serverSide
        middleware = plan.middleware
        connected = plan.connected
        disconnecting = plan.disconnecting
        disconnected = plan.disconnected
        failed = plan.failed
        options = shared.options
        watch = shared.watch
        self.parameters = parameters
        self.released = released
        territory = Territory(
            ByteString(name),
            shared.registry,
            format: PacketFormat(shared.options.parser),
            ids: ids,
            showing: Self.showing(plan, own, desk),
            roomChanged: Self.joined(plan.roomChanged),
            adapter: shared.options.adapter
        )
    }

    /// Whether anybody sees events before their handlers now.
    @inline(__always)
    var isWatched: Bool {
        guard hasWatchers else { return false }
        return !isWatchedByAdminsOnly || desk?.isListening == true
    }

    /// Only while an admin is there, where nobody else wants to see what is sent.
    private static func showing(
        _ plan: Namespace,
        _ own: Namespace,
        _ desk: AdminDesk?
    ) -> Territory.Showing {
        guard !plan.outgoing.isEmpty else { return .toNobody }
        guard own.outgoing.isEmpty, let desk else { return .always }
        return .sometimes { desk.isListening }
    }

    private static func joined(
        _ steps: [@Sendable (RoomChange) -> Void]
    ) -> (@Sendable (RoomChange) -> Void)? {
        guard !steps.isEmpty else { return nil }
        return { change in
            for step in steps { step(change) }
        }
    }

    /// What came was no packet: told to those who ask for errors, and not to the log again.
    func reportBroken(_ error: any Error, _ socket: SocketID) {
        failed?(error, FailedEvent(socket: socket, namespace: name, name: "error"))
    }

    /// An error of a handler, or the refusal of an event by middleware.
    func report(
        _ error: any Error,
        _ socket: SocketID,
        _ event: String,
        isRefusal: Bool = false
    ) {
        guard !(error is CancellationError) else { return }
        let event = FailedEvent(socket: socket, namespace: name, name: event)
        if let failed { return failed(error, event) }
        // What a client sends may not fill the log.
        if isRefusal || error is DecodingError {
            return options.log.debug("an event was not taken", ["event": event.name])
        }
        options.log.error(
            "a handler failed",
            ["event": event.name, "socket": "\(socket)", "error": "\(error)"]
        )
    }
}

/// What all namespaces of one server have in common.
struct NamespaceShared: Sendable {
    let options: SocketIO.Options
    let registry: RoomRegistry
    let watch: DisconnectWatch
    /// Told of every socket, room and event; nil where nobody wants to know.
    let desk: AdminDesk?
}
