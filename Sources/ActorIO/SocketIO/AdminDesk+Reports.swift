/// What sockets, rooms and connections report; nobody hears it in production, or without an admin.
///
/// Events are dropped for an admin who can not take them at once: a broadcast is one for each of
/// its receivers. What the picture of sockets and rooms is made of is not.
extension AdminDesk {
    /// Looks at everything in a namespace.
    ///
    /// Of the admins' own namespace only the sockets and rooms are told, or what they are told
    /// would have to be told too.
    nonisolated func instrument(_ plan: Namespace, as name: String) -> Namespace {
        var plan = plan
        plan.roomChanged.append { self.report($0, in: name) }
        guard ByteString(name) != self.name else { return plan }
        plan.watchers.insert(
            .direct { socket, event in
                self.report("event_received", event.name, event.arguments, socket)
            },
            at: 0
        )
        plan.outgoing.insert(
            { socket, event in
                self.report("event_sent", event.name, event.arguments, socket)
            },
            at: 0
        )
        return plan
    }

    private func report(
        _ what: String,
        _ event: String,
        _ arguments: Arguments,
        _ socket: isolated Socket
    ) {
        guard isListening, let passage = flow.begin(arguments.byteCount + 256) else { return }
        let time = Self.time(socket.loop.unixMilliseconds)
        let event = encode(what) {
            .wrapping(event, arguments, socket.namespaceName, socket.id, time)
        }
        guard let event else { return }
        lane.run { self.assumeIsolated { $0.publish(event, volatile: passage) } }
    }

    private nonisolated func report(_ change: RoomChange, in namespace: String) {
        guard isListening else { return }
        let time = Self.time(lane.loop.unixMilliseconds)
        switch change {
        case .created, .deleted: break
        case .joined(let room, let id):
            send("room_joined") { try .list(namespace, room.description, id.description, time) }
        case .left(let room, let id):
            send("room_left") { try .list(namespace, room.description, id.description, time) }
        }
    }

    func connected(_ socket: isolated Socket) {
        guard isListening else { return }
        let (details, reference) = (socket.details, socket as Socket)
        let time = Self.time(socket.loop.unixMilliseconds)
        lane.run {
            self.assumeIsolated { desk in
                let rooms = desk.registry.assumeIsolated {
                    $0.rooms(of: reference.id, reference.runtime.space)
                }
                let shown = AdminSocket(reference, rooms, details)
                let event = desk.encode("socket_connected") { try .list(shown, time) }
                if let event { desk.publish(event) }
            }
        }
    }

    /// Asks on the lane whether anybody listens: an admin may come between here and there, and find
    /// the socket in the registry still.
    func disconnected(_ socket: isolated Socket, _ reason: DisconnectReason) {
        let (namespace, id) = (socket.namespaceName, socket.id)
        let milliseconds = socket.loop.unixMilliseconds
        lane.run {
            guard self.isListening else { return }
            let time = Self.time(milliseconds)
            self.send("socket_disconnected") {
                try .list(namespace, id.description, reason.rawValue, time)
            }
        }
    }

    /// A value of the socket has been set.
    func updated(_ socket: isolated Socket) {
        guard isListening, socket.isConnected else { return }
        var update = AdminSocketUpdate(id: socket.id.description, nsp: socket.namespaceName)
        update.data = socket.shownValues
        send("socket_updated", isChange: true) { [update] in try .reply(update) }
    }

    /// Options with a view of what happens on the connections.
    nonisolated func watching(_ options: EngineOptions) -> EngineOptions {
        let others = options.onEvent
        var options = options
        options.onEvent = { event, connection in
            self.note(event, on: connection)
            others?(event, connection)
        }
        return options
    }

    private nonisolated func note(_ event: EngineEvent, on connection: EngineConnection) {
        meter.note(event, on: connection.transport)
        guard case .upgraded = event, isListening else { return }
        let transport = connection.transport.rawValue
        let sockets = connection.session.onLoop { ($0.receiver as? Client)?.sockets ?? [] }
        for socket in sockets {
            var update = AdminSocketUpdate(id: socket.id.description, nsp: socket.namespaceName)
            update.transport = transport
            send("socket_updated", isChange: true) { [update] in try .reply(update) }
        }
    }

    /// Encodes where it happens, tells on the lane.
    private nonisolated func send(
        _ name: String,
        isChange: Bool = false,
        _ arguments: () throws -> EncodedArguments
    ) {
        guard let event = encode(name, arguments) else { return }
        lane.run {
            self.assumeIsolated { desk in
                if isChange { desk.noteChange() }
                desk.publish(event)
            }
        }
    }

    /// The time as JavaScript writes it.
    private static func time(_ milliseconds: Int64) -> String {
        let text = ISO8601.text(milliseconds: milliseconds) ?? []
        return String(decoding: text, as: UTF8.self)
    }
}

extension Arguments {
    /// How much memory they take.
    var byteCount: Int { attachments.reduce(range.count) { $0 + $1.count } }
}

extension EncodedArguments {
    /// `"/","id"",["event",…],"time"`, with the arguments of the event passed on as they came.
    static func wrapping(
        _ event: String,
        _ arguments: Arguments,
        _ namespace: String,
        _ socket: SocketID,
        _ time: String
    ) -> EncodedArguments {
        var json: [UInt8] = []
        json.reserveCapacity(arguments.range.count + 96)
        JSONWriter.append(namespace, to: &json)
        json.append(UInt8(ascii: ","))
        JSONWriter.append(socket.description, to: &json)
        json.append(",[")
        JSONWriter.append(event, to: &json)
        if !arguments.isEmpty {
            json.append(UInt8(ascii: ","))
            json.append(contentsOf: arguments.bytes[arguments.range])
        }
        json.append("],")
        JSONWriter.append(time, to: &json)
        let attachments = arguments.attachments
        let range = 0..<json.count
        return EncodedArguments(Arguments(bytes: json, range: range, attachments: attachments))
    }
}
