import ActorIO
import ActorIOTesting

extension Site {
    static func sockets(
        _ chain: Chain,
        _ store: SessionStore,
        _ model: Model,
        _ shape: Shape,
        _ plant: Plant?
    ) -> SocketIO {
        let login = shape.asksAtConnect ? chain.pages : chain.pages + [.require(User.self)]
        return SocketIO(
            handshake: [chain.mark] + (plant?.handshake(store) ?? login),
            connect: shape.asksAtConnect ? chain.connect : [],
            options: options(model, shape, plant)
        ) { root in
            plant?.connected(&root, store, model)
            handlers(&root, model)
            root.namespace("/other") { other in handlers(&other, model) }
        }
    }

    private static func options(
        _ model: Model,
        _ shape: Shape,
        _ plant: Plant?
    ) -> SocketIO.Options {
        var options = SocketIO.Options()
        options.log = .disabled
        if shape.recovers { options.recovery = RecoveryOptions() }
        let countsHandshakes = plant?.countsHandshakes ?? true
        options.engine.onEvent = { event, connection in
            guard let mark = connection.request[Mark.self] else { return }
            let key = ObjectIdentifier(mark)
            switch event {
            case .opened:
                guard countsHandshakes else { return }
                model.opened(key, under: connection.request[Belonging.self]?.id)
            case .received(.message, _): model.received(on: key)
            case .closed: model.closed(key)
            default: break
            }
        }
        return options
    }

    private static func handlers(_ space: inout Namespace, _ model: Model) {
        space.onConnection { socket in
            guard socket.isConnected, let seat = seat(of: socket) else { return }
            model.watch(socket)
            model.seated(ObjectIdentifier(socket), seat)
        }
        space.onDisconnect { socket, reason in model.unseated(ObjectIdentifier(socket), reason) }
        space.on("note") { socket in model.heard("an event", by: ObjectIdentifier(socket)) }
        space.on("count") { socket async throws -> Int in
            model.heard("a call", by: ObjectIdentifier(socket))
            let session = try socket.request.session
            let count = try await session.update { data in
                data[Visits.self].count += 1
                return data[Visits.self].count
            }
            model.counted(session.id, to: count)
            return count
        }
        space.on("ask me") { socket async throws -> Int in
            let key = ObjectIdentifier(socket)
            model.heard("a wish to be asked", by: key)
            let number = model.asked(.socket(key), timeout: .seconds(20))
            defer { model.isAnswered(number) }
            return try await socket.call("question", timeout: .seconds(20))
        }
        space.on("refresh") { (socket, token: String) async throws -> Bool in
            let key = ObjectIdentifier(socket)
            model.heard("a token", by: key)
            try await socket.reauthenticate(token)
            guard let seat = seat(of: socket) else { return false }
            model.moved(key, to: seat.session, until: seat.until)
            return true
        }
    }

    /// As whom a socket is here.
    private static func seat(of socket: Socket) -> Model.Seat? {
        let request = socket.request
        guard let mark = request[Mark.self], let id = request[Belonging.self]?.id else {
            return nil
        }
        return Model.Seat(
            connection: ObjectIdentifier(mark),
            user: request.user(User.self)?.id,
            session: id,
            until: request[GoodUntil.self]?.moment
        )
    }
}
