import ActorIO
import ActorIOTesting
import Foundation

/// A server whose sessions are in a directory, and browsers that keep it busy until it is killed.
///
/// The cookies of sessions that others have begun come through the standard input.
struct Worker: Sendable {
    private let directory: String
    private let settings: Settings
    private static let browsers = 8

    init(_ directory: String, _ settings: Settings) {
        self.directory = directory
        self.settings = settings
    }

    func run() async throws {
        // Nobody is left behind when whoever would kill us has died.
        alarm(60)
        let cookies = Self.cookies()
        let backing = try await FileBacking.open(directory: directory)
        Fact.ready.tell()
        let app = makeApp(SessionStore(backing: planted(backing)))
        try await withTestServer(app) { [settings] server in
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<Self.browsers {
                    let cookie = number < cookies.count ? cookies[number] : nil
                    let dice = Dice(seed: settings.seed &+ UInt64(number))
                    group.addTask {
                        var visitor = Visitor(server.browser(), cookie, dice)
                        await visitor.run()
                    }
                }
            }
        }
    }

    private func planted(_ backing: FileBacking) -> any SessionBacking {
        settings.plant.map { PlantedBacking(backing, $0, directory) } ?? backing
    }

    private static func cookies() -> [String] {
        var cookies: [String] = []
        while let line = readLine(), !line.isEmpty { cookies.append(line) }
        return cookies
    }
}

/// How often a session was visited.
enum Visits: SessionKey {
    static let name = "visits"
    static let initial = 0
}

struct Member: Codable, Identifiable, Sendable {
    var id: Int
}

/// Visits, logins and logouts.
private func makeApp(_ store: SessionStore) -> App {
    let passport = Passport<Member>.local { _, _ in nil }
    var app = App()
    app.use(.session(store, secret: "changeit"), passport.session)
    app.post("/count") { request in
        let count = try await request.session.update { data in
            data[Visits.self] += 1
            return data[Visits.self]
        }
        return .text("\(count)")
    }
    app.post("/login") { request in
        try await passport.login(Member(id: 7), request)
        return .status(.noContent)
    }
    app.post("/logout") { request in
        try await request.session.destroy()
        return .status(.noContent)
    }
    return app
}

/// One browser: says what it asks for before, and what it was answered after.
private struct Visitor {
    private let browser: Browser
    private var dice: Dice

    init(_ browser: Browser, _ cookie: String?, _ dice: Dice) {
        self.browser = browser
        self.dice = dice
        browser.setCookie(Cookie.name, cookie)
    }

    mutating func run() async {
        while true {
            do {
                try await step()
            } catch {
                FileHandle.standardError.write(Data("worker: \(error)\n".utf8))
                exit(3)
            }
        }
    }

    private mutating func step() async throws {
        let before = browser.cookies[Cookie.name]
        switch dice.roll(10) {
        case 0:
            guard let before else { return }
            Fact.ending(before).tell()
            try await ask("/logout", 204)
            Fact.ended(before).tell()
        case 1:
            guard let before else { return }
            Fact.renewing(before).tell()
            try await ask("/login", 204)
            guard let after = browser.cookies[Cookie.name] else {
                throw Odd(what: "a login without cookie")
            }
            Fact.renewed(before, after).tell()
        default:
            if let before { Fact.counting(before).tell() }
            let text = try await ask("/count", 200)
            guard let count = Int(text), let after = browser.cookies[Cookie.name] else {
                throw Odd(what: "a visit without cookie")
            }
            Fact.counted(after, count).tell()
        }
    }

    @discardableResult
    private func ask(_ path: String, _ status: Int) async throws -> String {
        let response = try await browser.post(path)
        guard response.status == status else {
            throw Odd(what: "\(path) was answered \(response.status) \(response.text)")
        }
        return response.text
    }
}

struct Odd: Error, CustomStringConvertible {
    let what: String
    var description: String { what }
}

/// The session cookie, `s%3A<id>.<signature>`.
enum Cookie {
    static let name = "connect.sid"

    static func session(_ cookie: String) throws -> SessionID {
        let text = cookie.removingPercentEncoding ?? cookie
        let id = text.dropFirst(2).split(separator: ".").first.flatMap { SessionID(String($0)) }
        guard let id else { throw Odd(what: "the cookie \(cookie)") }
        return id
    }
}
