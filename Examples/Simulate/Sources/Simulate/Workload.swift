import ActorIO
import ActorIOTesting
import Synchronization

/// Three users with several browsers, whose tabs come and go while logins end.
struct Workload: Sendable {
    let plant: Plant?

    init(_ plant: Plant?) {
        self.plant = plant
    }

    func begin(_ world: World) async throws {
        let model = Model(world)
        let site = Site(world, model, plant)
        let server = try await world.serve(site.app, site.io)
        // Two tabs each share what a browser knows.
        for (user, tabs) in [("john", 3), ("john", 1), ("jane", 2), ("joe", 1)] {
            let jar = Jar()
            for _ in 0..<tabs {
                let plant = plant
                world.spawn(user) { player in
                    await Visitor(player, user, jar, player.browser(server), plant).live()
                }
            }
        }
        world.always("nobody outlives their session") { model.isSound }
        if plant == nil {
            world.atRest("a user is present by the sockets that are open, and no other") {
                Site.users.values.allSatisfy { user in
                    server.presence(of: .user(user))?.sockets == model.socketCount(of: user)
                }
            }
        }
        world.finally("every connection has said that it closed") { model.openCount == 0 }
        guard let backing = site.backing else { return }
        world.finally("nothing of an ended session is kept") {
            await backing.ids.allSatisfy { !model.endedIDs.contains($0) }
        }
    }
}

/// The cookies of one browser, which several tabs share.
final class Jar: Sendable {
    private let cookie = Mutex<String?>(nil)
    var sid: String? { cookie.withLock { $0 } }
    func set(_ value: String?) { cookie.withLock { $0 = value } }
}

/// One tab of a browser, and the hand that clicks in it.
actor Visitor {
    private let player: Player
    private let user: String
    private let jar: Jar
    private let browser: Browser
    private let plant: Plant?
    private var sockets: [TestSocket] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { player.unownedExecutor }

    init(_ player: Player, _ user: String, _ jar: Jar, _ browser: Browser, _ plant: Plant?) {
        self.player = player
        self.user = user
        self.jar = jar
        self.browser = browser
        self.plant = plant
    }

    func live() async {
        for _ in 0..<(4 + player.draw(6)) {
            // Tabs that click at the same moment: without that each would find the others at rest.
            if player.chance(in: 2) { await player.meet(every: .seconds(5)) }
            browser.setCookie("connect.sid", jar.sid)
            // Refused, cut or done: the model knows what must not happen.
            try? await act()
        }
    }

    private func act() async throws {
        guard jar.sid != nil else {
            // One tab of a browser logs in, as a rule.
            if player.chance(in: 3) { return try await logIn() }
            return await player.meet(every: .seconds(5))
        }
        switch player.draw(plant == nil ? 16 : 18) {
        case 0: try await logIn()
        case 1, 2: try await page("/logout")
        case 3: try await page("/logout-others")
        case 4: try await page("/logout-all")
        case 5: try await page("/count")
        case 6: await player.rest(for: .milliseconds(player.draw(50_000)))
        case 7, 8, 9, 10: try await connect()
        case 16, 17: try await plant == .resurrectingSave ? page("/cart") : connect()
        default: try await use()
        }
    }

    private func logIn() async throws {
        player.note("logs in")
        let before = browser.cookies["connect.sid"]
        try await browser.post("/login", form: ["username": user, "password": "changeit"])
        keepCookie(before)
    }

    private func page(_ path: String) async throws {
        player.note("POST \(path)")
        let before = browser.cookies["connect.sid"]
        let answer = try await browser.post(path)
        player.note("is answered \(answer.status)")
        keepCookie(before)
    }

    /// The other tabs have it as well from now on, if it is another one.
    private func keepCookie(_ before: String?) {
        let now = browser.cookies["connect.sid"]
        if now != before { jar.set(now) }
    }

    private func connect() async throws {
        let transport = player.pick(Browser.Transport.allCases) ?? .webSocket
        player.note("connects by \(transport)")
        // A connection that joins nothing is one as well.
        guard !player.chance(in: 4) else {
            _ = try await browser.open(transport)
            return
        }
        sockets.append(try await browser.connect(transport: transport))
    }

    private func use() async throws {
        guard let socket = player.pick(sockets) else { return try await connect() }
        switch player.draw(8) {
        case 0, 1:
            player.note("calls")
            _ = try await socket.call("count", as: Int.self)
        case 2, 3:
            player.note("emits")
            try await socket.emit("note")
        case 4:
            player.note("joins another namespace")
            sockets.append(try await socket.join("/other"))
        case 5:
            player.note("closes a tab")
            await socket.close()
        case 6:
            player.note("loses a connection")
            await socket.reset()
        default:
            player.note("comes back")
            let transport = player.pick(Browser.Transport.allCases) ?? .webSocket
            sockets.append(try await browser.reconnect(socket, transport: transport))
        }
    }
}
