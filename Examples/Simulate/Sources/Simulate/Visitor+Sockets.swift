import ActorIO
import ActorIOTesting

/// What a visitor does with sockets.
extension Visitor {
    func connect() async throws {
        let transport = player.pick(Browser.Transport.allCases) ?? .webSocket
        player.note("connects by \(transport)")
        let isByToken = shape.asksAtConnect && !player.chance(in: 3)
        // With a cookie or header of its own beside the token in some cases.
        let door = isByToken && !player.chance(in: 4) ? stranger : browser
        let connection = try await door.open(transport)
        // A connection that joins nothing is one as well.
        guard !player.chance(in: 4) else { return }
        let socket =
            if isByToken, let token = token() {
                try await connection.join(token: token)
            } else {
                try await connection.join()
            }
        await keep(Tab(socket: socket, browser: door, isByToken: isByToken))
    }

    private func keep(_ tab: Tab) async {
        tabs.append(tab)
        guard player.chance(in: 2) else { return }
        await tab.socket.answer("question") { _ in 42 }
    }

    /// One of the user's, as a rule; it may be that of an ended session.
    private func token() -> String? {
        if player.chance(in: 12) { return player.pick(wallet.all) }
        return player.chance(in: 3) ? player.pick(wallet.all(of: user)) : jar.token
    }

    func use() async throws {
        var living: [Tab] = []
        for tab in tabs where await tab.socket.isConnected { living.append(tab) }
        // Where there is nobody to talk to, somebody comes back or comes anew.
        guard let tab = player.pick(living), !player.chance(in: 8) else {
            guard let tab = player.pick(tabs), player.chance(in: 2) else {
                return try await connect()
            }
            return try await comeBack(tab)
        }
        try await use(tab)
    }

    private func use(_ tab: Tab) async throws {
        let socket = tab.socket
        if tab.isByToken, player.chance(in: 3) { return try await refresh(tab) }
        switch player.draw(9) {
        case 0, 1:
            player.note("calls")
            _ = try await socket.call("count", as: Int.self)
        case 2, 3:
            player.note("emits")
            try await socket.emit("note")
        case 4:
            player.note("joins another namespace")
            try await join(tab)
        case 5:
            player.note("closes a tab")
            await socket.close()
        case 6:
            player.note("loses a connection")
            await socket.reset()
        case 7:
            player.note("wants to be asked")
            try await socket.emit("ask me")
        default:
            player.note("leaves a namespace")
            await socket.disconnect()

        }
    }

    private func refresh(_ tab: Tab) async throws {
        guard let token = token() else { return }
        player.note("shows another token")
        _ = try await tab.socket.call("refresh", token, as: Bool.self)
    }

    private func join(_ tab: Tab) async throws {
        let socket =
            if tab.isByToken, let token = token() {
                try await tab.socket.connection.join("/other", token: token)
            } else {
                try await tab.socket.join("/other")
            }
        await keep(Tab(socket: socket, browser: tab.browser, isByToken: tab.isByToken))
    }

    private func comeBack(_ tab: Tab) async throws {
        player.note("comes back")
        let transport = player.pick(Browser.Transport.allCases) ?? .webSocket
        let socket =
            if tab.isByToken, let token = token() {
                try await tab.browser.reconnect(
                    tab.socket,
                    transport: transport,
                    auth: ["token": token]
                )
            } else {
                try await tab.browser.reconnect(tab.socket, transport: transport)
            }
        await keep(Tab(socket: socket, browser: tab.browser, isByToken: tab.isByToken))
    }
}
