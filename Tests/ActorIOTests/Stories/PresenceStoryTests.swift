import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Presence of a whole server beside the list of connections that the test itself keeps.
final class PresenceStoryTests: XCTestCase {
    func testItIsTheSetOfLiveConnectionsAtEveryStep() async throws {
        let clock = ManualClock()
        let (app, io, _) = makePresenceExample()
        try await withTestServer(app, io, clock: clock) { server in
            let diary = await PresenceDiary(server, io)
            let visitors = try await Visitors(server, io, clock)
            var told: [String: Bool] = [:]
            for step in 0..<400 {
                try await visitors.act(step)
                for user in 1...2 {
                    let found = try await server.presence(io, .user(user))
                    XCTAssertEqual(found, visitors.counts(user), "user \(user), step \(step)")
                }
                for line in diary.take() {
                    let (user, isOnline) = (String(line.dropFirst()), line.hasPrefix("+"))
                    XCTAssertEqual(told[user] ?? false, !isOnline, "twice after step \(step)")
                    told[user] = isOnline
                }
                for user in 1...2 where visitors.counts(user) != [0, 0, 0] {
                    XCTAssertEqual(told["\(user)"], true, "user \(user), step \(step)")
                }
            }
            await clock.advance(by: .seconds(60))
            for line in diary.take() { told[String(line.dropFirst())] = line.hasPrefix("+") }
            for user in 1...2 {
                XCTAssertEqual(told["\(user)"] ?? false, visitors.counts(user) != [0, 0, 0])
            }
        }
    }

    /// Presence says nobody is there from the moment the end of the session is known.
    func testALogoutAtEveryStepOfAWayInEndsWithNobodyOnline() async throws {
        for transport in Browser.Transport.allCases {
            let (app, io, store) = makePresenceExample()
            try await withTestServer(app, io) { server in
                let diary = await PresenceDiary(server, io)
                let late = Notes()
                let steps = try await Steps.each(of: server) {
                    let browser = server.browser()
                    try await browser.logIn()
                    _ = diary.take()
                    return browser
                } operation: { browser in
                    let tab = try await browser.connect(transport: transport)
                    _ = try await tab.join("/other")
                } intruder: { _ in
                    _ = try? await store.endAllSessions(of: 1)
                    let found = await io.presence(of: .user(1))
                    if found.isOnline { late.add("\(found)") }
                } check: { _, step in
                    let found = try await server.presence(io)
                    XCTAssertEqual(found, [0, 0, 0], "\(transport), step \(step)")
                    let told = diary.take()
                    XCTAssertTrue(told == [] || told == ["+1", "-1"], "\(told) at step \(step)")
                }
                XCTAssertGreaterThan(steps, 20)
                XCTAssertEqual(late.all, [])
            }
        }
    }

    func testOnSeveralLoopsItIsWhatIsConnected() async throws {
        let (app, io, _) = makePresenceExample()
        var options = Server.Options()
        options.loops = 3
        let heard = Notes()
        let reading = Task {
            for await change in io.presenceChanges {
                heard.add((change.isOnline ? "+" : "-") + change.userID)
            }
        }
        try await withServer(app, io, options: options) { server in
            for _ in 0..<5 {
                let browser = server.browser()
                try await browser.logIn()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<9 {
                        let transport = Browser.Transport.allCases[number % 3]
                        group.addTask {
                            let tab = try await browser.connect(transport: transport)
                            _ = try await tab.join("/other")
                        }
                    }
                    try await group.waitForAll()
                }
                let here = await io.presence(of: .user(1))
                XCTAssertEqual([here.sockets, here.connections, here.devices], [18, 9, 1])
                let answer = try await browser.post("/logout")
                XCTAssertEqual(answer.status, 204)
                let gone = await io.presence(of: .user(1))
                XCTAssertFalse(gone.isOnline)
            }
        }
        await reading.value
        XCTAssertEqual(heard.all, Array(repeating: ["+1", "-1"], count: 5).flatMap { $0 })
    }
}

/// Four browsers of two users that open and close tabs at random, and the list of these tabs.
private final class Visitors {
    private struct Tab {
        let socket: TestSocket
        let browser: Int
        var sockets = 1
        var user: Int { browser % 2 + 1 }
    }

    private let server: TestServer
    private let io: SocketIO
    private let clock: ManualClock
    private var browsers: [Browser] = []
    private var tabs: [Tab] = []
    private var dice = SplitMix64(8)

    init(_ server: TestServer, _ io: SocketIO, _ clock: ManualClock) async throws {
        (self.server, self.io, self.clock) = (server, io, clock)
        for number in 0..<4 {
            browsers.append(server.browser())
            try await logIn(number)
        }
    }

    /// Sockets, connections and devices of a user, counted one by one.
    func counts(_ user: Int) -> [Int] {
        let own = tabs.filter { $0.user == user }
        return [own.reduce(0) { $0 + $1.sockets }, own.count, Set(own.map(\.browser)).count]
    }

    func act(_ step: Int) async throws {
        let number = Int.random(in: 0..<4, using: &dice)
        switch Int.random(in: 0..<20, using: &dice) {
        case 0..<8: try await open(number, Browser.Transport.allCases[step % 3])
        case 8..<10: try await joinAnother()
        case 10..<13: await takeTab()?.close()
        case 13..<16: await takeTab()?.reset()
        case 16: try await logOut(number)
        case 17:
            try await server.act { [io] in try await io.disconnectSockets(close: true) }
            tabs = []
        default: await clock.advance(by: .seconds(3))
        }
    }

    private func logIn(_ number: Int) async throws {
        try await browsers[number].logIn(number % 2 == 0 ? "john" : "jane")
    }

    private func open(_ number: Int, _ transport: Browser.Transport) async throws {
        let socket = try await browsers[number].connect(transport: transport)
        tabs.append(Tab(socket: socket, browser: number))
    }

    private func joinAnother() async throws {
        let free = tabs.indices.filter { tabs[$0].sockets == 1 }
        guard let index = free.randomElement(using: &dice) else { return }
        _ = try await tabs[index].socket.join("/other")
        tabs[index].sockets += 1
    }

    private func takeTab() -> TestSocket? {
        tabs.indices.randomElement(using: &dice).map { tabs.remove(at: $0).socket }
    }

    private func logOut(_ number: Int) async throws {
        try await browsers[number].post("/logout")
        tabs.removeAll { $0.browser == number }
        try await logIn(number)
    }
}
