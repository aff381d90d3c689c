import ActorIO
import ActorIOTesting
import Synchronization

/// What one browser or device keeps, which its tabs share.
final class Jar: Sendable {
    /// Whether it shows a token and no cookie.
    let isDevice: Bool
    private let state = Mutex<(cookie: String?, token: String?)>((nil, nil))

    init(isDevice: Bool) {
        self.isDevice = isDevice
    }

    var cookie: String? { state.withLock { $0.cookie } }
    var token: String? { state.withLock { $0.token } }
    var isLoggedIn: Bool { state.withLock { (isDevice ? $0.token : $0.cookie) != nil } }
    func set(cookie: String?) { state.withLock { $0.cookie = cookie } }
    func set(token: String?) { state.withLock { $0.token = token } }
}

/// All tokens that anybody has got, those of ended sessions as well.
final class Wallet: Sendable {
    private let tokens = Mutex<[(user: String, token: String)]>([])
    func add(_ token: String, of user: String) { tokens.withLock { $0.append((user, token)) } }
    func all(of user: String) -> [String] {
        tokens.withLock { $0.filter { $0.user == user }.map(\.token) }
    }
    var all: [String] { tokens.withLock { $0.map(\.token) } }
}

/// One tab of a browser, and the hand that clicks in it.
actor Visitor {
    enum Deed: CaseIterable {
        case logIn, logOut, logOutOthers, logOutAll, renew, lock, vanish, leak
        case count, ask, wait, connect, use

        /// How often, of all the others'.
        var weight: Int {
            switch self {
            case .logIn, .logOutAll, .lock, .vanish, .leak, .ask: 1
            case .logOutOthers, .renew, .count, .wait: 2
            case .logOut: 3
            case .connect: 9
            case .use: 18
            }
        }

        /// Whether apps with a planted bug know of it.
        var isForPlants: Bool {
            switch self {
            case .renew, .lock, .vanish, .leak, .ask: false
            default: true
            }
        }
    }

    /// A socket, the browser it was opened by, and whether it has shown a token at CONNECT.
    struct Tab {
        let socket: TestSocket
        let browser: Browser
        let isByToken: Bool
    }

    let player: Player
    let user: String
    let jar: Jar
    let wallet: Wallet
    let browser: Browser
    /// Without cookie and header: a client that says at CONNECT who it is.
    let stranger: Browser
    let shape: Shape
    private let plant: Plant?
    private let deeds: [Deed]
    var tabs: [Tab] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { player.unownedExecutor }

    init(
        _ player: Player,
        _ user: String,
        _ jar: Jar,
        _ wallet: Wallet,
        _ server: SimulatedServer,
        _ shape: Shape,
        _ plant: Plant?
    ) {
        self.player = player
        self.user = user
        self.jar = jar
        self.wallet = wallet
        self.shape = shape
        self.plant = plant
        browser = player.browser(server)
        stranger = player.browser(server)
        let known = Deed.allCases.filter { plant == nil || $0.isForPlants }
        deeds = known.flatMap { Array(repeating: $0, count: $0.weight) }
    }

    func live(_ model: Model) async {
        for _ in 0..<(4 + player.draw(5)) {
            // Tabs that click at the same moment: without that each would find the others at rest.
            if player.chance(in: 2) { await player.meet(every: .seconds(5)) }
            show()
            do {
                try await act(model)
            } catch is HandshakeRefused where player.chance(in: 2) {
                // Nobody is at home there: a page would lead to the login.
                forget()
            } catch {
                // Refused, cut or done: the model knows what must not happen.
            }
        }
    }

    private func show() {
        guard jar.isDevice else { return browser.setCookie("connect.sid", jar.cookie) }
        browser.setCookie("connect.sid", nil)
        browser.setHeader("Authorization", jar.token.map { "Bearer \($0)" })
    }

    private func forget() {
        jar.set(cookie: nil)
        jar.set(token: nil)
    }

    private func act(_ model: Model) async throws {
        guard jar.isLoggedIn else {
            // One tab of a browser logs in, as a rule.
            if player.chance(in: 3) { return try await logIn() }
            return await player.meet(every: .seconds(5))
        }
        switch player.pick(deeds) ?? .use {
        case .logIn: try await logIn()
        case .logOut: try await page("/logout")
        case .logOutOthers: try await page("/logout-others")
        case .logOutAll: try await page("/logout-all")
        case .renew: try await renew()
        case .lock:
            try await page("/lock")
            await beAway(model)
        case .vanish:
            guard let id = Site.users[user] else { return }
            model.closeAccount(of: id)
            await beAway(model)
        case .leak:
            try await page("/rotate")
            if player.chance(in: 2) { await player.rest(for: .milliseconds(player.draw(8_000))) }
            show()
            try await page("/withdraw")
        case .ask: try await page("/ask")
        case .count: try await page(plant == .resurrectingSave ? "/cart" : "/count")
        case .wait: await player.rest(for: .milliseconds(player.draw(50_000)))
        case .connect: try await connect()
        case .use: try await use()
        }
    }

    /// Another id, while something is changed under the one before.
    private func renew() async throws {
        async let counted = player.chance(in: 2) ? page("/count") : nil
        try await takeToken(page("/sudo"))
        _ = try await counted
        show()
        try await page("/count")
    }

    /// Until the account is open again.
    private func beAway(_ model: Model) async {
        await player.rest(for: .milliseconds(player.draw(10_000)))
        if let id = Site.users[user] { model.openAccount(of: id) }
    }

    private func logIn() async throws {
        player.note("logs in")
        let before = browser.cookies["connect.sid"]
        let answer = try await browser.post(
            "/login?as=\(user)",
            form: ["username": user, "password": "changeit"]
        )
        keepCookie(before)
        takeToken(answer)
    }

    @discardableResult
    private func page(_ path: String) async throws -> TestResponse {
        player.note("POST \(path)")
        let before = browser.cookies["connect.sid"]
        let answer = try await browser.post(path)
        player.note("is answered \(answer.status)")
        keepCookie(before)
        let isOut = path == "/logout" || path == "/logout-all"
        if jar.isDevice, isOut, answer.status == 204 { jar.set(token: nil) }
        return answer
    }

    /// The other tabs have it as well from now on, if it is another one.
    private func keepCookie(_ before: String?) {
        guard !jar.isDevice else { return }
        let now = browser.cookies["connect.sid"]
        if now != before { jar.set(cookie: now) }
    }

    private func takeToken(_ answer: TestResponse) {
        guard answer.status == 200 else { return }
        jar.set(token: answer.text)
        wallet.add(answer.text, of: user)
    }
}
