import XCTest

@testable import ActorIO

/// Presence beside a model that knows nothing but the list of live connections, and counts it anew
/// at every step.
final class PresenceModelTests: XCTestCase {
    func testTenThousandRandomStepsAreWhatCountingTheConnectionsGives() async {
        for seed in [1, 2] as [UInt64] { await run(seed, grace: 5) }
    }

    func testWithoutGraceToo() async { await run(4, grace: 0) }

    private func run(_ seed: UInt64, grace: Int) async {
        let town = Town(seed, grace: grace)
        for step in 0..<10_000 {
            let what = town.step()
            let told = await town.read()
            for line in told where !town.told(line) {
                return XCTFail("seed \(seed), step \(step): \(line) twice, after \(what)")
            }
            if let difference = town.difference {
                return XCTFail("seed \(seed), step \(step), after \(what): \(difference)")
            }
        }
        town.everybodyLeaves()
        XCTAssertTrue(town.connections.isEmpty)
        XCTAssertTrue(town.connections.online.isEmpty)
        XCTAssertEqual(town.connections.watch?.noteCount, 0)
    }
}

/// Connections that come, go and end at random, and what somebody would count who looks at them.
private final class Town {
    /// One connection as the model knows it.
    struct Person {
        let member = HandshakeMember(id: .random(in: .min ... .max))
        var user: Int?
        var session: Int?
        var guests: [Guest] = []
        var shown: Set<SocketID> = []
        var isRevoked = false

        var counted: Int { isRevoked ? 0 : shown.count }
        var device: String { session.map { "session \($0)" } ?? "connection \(member.id)" }
    }

    var connections = Connections()
    private let territory = Territory(
        "/",
        RoomRegistry(roomLimit: 1, attachmentLimit: 1, log: .disabled)
    )
    private let reader = PresenceReader()
    private let clock: Clock
    private let grace: Int
    private var dice: SplitMix64
    private var people: [Person] = []
    /// When a device of a user was lost that is not back.
    private var lost: [String: (user: Int, device: String, at: Int)] = [:]
    private var heard: Set<String> = []
    private var nextSession = 0

    private final class Clock {
        var seconds = 0
        var alarm: Int?
        var now: LoopTime { LoopTime(nanoseconds: Int64(seconds) * 1_000_000_000) }
    }

    init(_ seed: UInt64, grace: Int) {
        let clock = Clock()
        self.clock = clock
        self.grace = grace
        dice = SplitMix64(seed)
        let limits = PresenceWatch.Limits(grace: .seconds(grace), buffer: 100)
        let watch = PresenceWatch(limits, now: { clock.now }) { deadline in
            clock.alarm = Int(deadline.nanoseconds / 1_000_000_000)
            return nil
        }
        watch.add(reader, online: [])
        connections.watch = watch
    }

    // What was told

    func read() async -> [String] {
        var lines: [String] = []
        while reader.noteCount > 0, let change = await reader.next() {
            lines.append((change.isOnline ? "+" : "-") + change.userID)
        }
        return lines
    }

    /// False when it was told before.
    func told(_ line: String) -> Bool {
        let user = String(line.dropFirst())
        return line.hasPrefix("+") ? heard.insert(user).inserted : heard.remove(user) != nil
    }

    // The truth

    /// Nil when presence is what counting gives.
    var difference: String? {
        for user in 0..<6 {
            let here = people.filter { $0.user == user && $0.counted > 0 }
            let found = connections.presence(of: .user(user))
            let expected = Presence(
                room: .user(user),
                sockets: here.reduce(0) { $0 + $1.counted },
                connections: here.count,
                devices: Set(here.map(\.device)).count
            )
            guard found == expected else { return "\(found) instead of \(expected)" }
            let isOnline = connections.online.contains(.user(user))
            guard isOnline == !here.isEmpty else { return "user \(user) is listed wrongly" }
            let isAwaited = lost.values.contains {
                $0.user == user && $0.at + grace > clock.seconds
            }
            let isToldOnline = heard.contains("\(user)")
            guard isToldOnline == (!here.isEmpty || isAwaited) else {
                return "user \(user) is told to be \(isToldOnline ? "online" : "offline")"
            }
        }
        for session in Set(people.compactMap(\.session)) {
            let here = people.filter { $0.session == session && $0.counted > 0 }
            let found = connections.presence(of: room(session))
            guard found.sockets == here.reduce(0, { $0 + $1.counted }),
                found.connections == here.count, found.devices == min(1, here.count)
            else { return "session \(session) is \(found)" }
        }
        return nil
    }

    private var devices: Set<String> {
        Set(
            people.filter { $0.counted > 0 }.compactMap { person in
                person.user.map { "\($0) \(person.device)" }
            }
        )
    }

    /// Notes, from the difference that a step made, who is waited for.
    private func noting(isFarewell: Bool, _ body: () -> Void) {
        let before = people
        let old = devices
        body()
        for key in old.subtracting(devices) where !isFarewell {
            guard let person = before.first(where: { "\($0.user ?? -1) \($0.device)" == key }),
                let user = person.user
            else { continue }
            lost[key] = (user, person.device, clock.seconds)
        }
        for key in devices { lost[key] = nil }
    }

    // Steps

    func step() -> String {
        switch Int.random(in: 0..<100, using: &dice) {
        case 0..<18: return arrive()
        case 18..<40: return with { $0.attach() }
        case 40..<62: return with { $0.show() }
        case 62..<72: return with { $0.hide() }
        case 72..<80: return with { $0.detach() }
        case 80..<83: return with { $0.identify() }
        case 83..<84: return with { $0.forgetUser() }
        case 84..<93: return with { $0.leave() }
        case 93..<96: return end()
        default: return pass(Int.random(in: 1...4, using: &dice))
        }
    }

    func everybodyLeaves() {
        while !people.isEmpty { _ = leave(0) }
        _ = pass(grace + 1)
    }

    private func with(_ body: (Visit) -> String) -> String {
        guard !people.isEmpty else { return "nothing" }
        return body(Visit(town: self, index: Int.random(in: people.indices, using: &dice)))
    }

    private struct Visit {
        let town: Town
        let index: Int

        func attach() -> String { town.attach(index) }
        func show() -> String { town.show(index) }
        func hide() -> String { town.hide(index) }
        func detach() -> String { town.detach(index) }
        func identify() -> String { town.identify(index) }
        func forgetUser() -> String { town.forgetUser(index) }
        func leave() -> String { town.leave(index) }
    }

    private func room(_ session: Int) -> Room { Room("session:\(session)") }

    /// A handshake: of a session and its user, of a token's user, or of nobody.
    private func arrive() -> String {
        guard people.count < 40 else { return "nothing" }
        var person = Person()
        if Int.random(in: 0..<4, using: &dice) > 0 {
            if nextSession == 0 || Int.random(in: 0..<3, using: &dice) == 0 { nextSession += 1 }
            let session = Int.random(in: max(0, nextSession - 6)...nextSession, using: &dice)
            person.session = session
            connections.enter(person.member, room(session))
        }
        if Int.random(in: 0..<6, using: &dice) > 0 {
            // Nearly always the same user has a session, and now and then somebody else.
            let other = Int.random(in: 0..<6, using: &dice)
            let isOwn = Int.random(in: 0..<8, using: &dice) > 0
            person.user = isOwn ? person.session.map { $0 % 6 } ?? other : other
            connections.enter(person.member, .user(person.user ?? 0))
        }
        // Whoever logged in as nobody and without a session is in no room.
        people.append(person)
        return "arrival"
    }

    private func attach(_ index: Int) -> String {
        let guest = Guest(people[index].member, territory)
        connections.attach(guest, "/")
        people[index].guests.append(guest)
        return "entry"
    }

    private func show(_ index: Int) -> String {
        let person = people[index]
        guard let guest = person.guests.randomElement(using: &dice) else { return "nothing" }
        noting(isFarewell: false) {
            connections.show(guest, true)
            if isAttached(guest, index) { people[index].shown.insert(guest.id) }
        }
        return "acceptance"
    }

    /// Who came before its connection was in any room is not known to it.
    private func isAttached(_ guest: Guest, _ index: Int) -> Bool {
        connections.records[people[index].member]?.sockets.contains { $0.id == guest.id } ?? false
    }

    private func hide(_ index: Int) -> String {
        guard let guest = people[index].guests.randomElement(using: &dice) else { return "nothing" }
        noting(isFarewell: false) {
            connections.show(guest, false)
            people[index].shown.remove(guest.id)
        }
        return "concealment"
    }

    private func detach(_ index: Int) -> String {
        guard let guest = people[index].guests.popLast() else { return "nothing" }
        noting(isFarewell: false) {
            connections.detach(guest)
            people[index].shown.remove(guest.id)
        }
        return "removal"
    }

    /// Somebody who is connected already shows a login, or the same one again.
    private func identify(_ index: Int) -> String {
        let person = people[index]
        if let user = person.user {
            connections.enter(person.member, .user(user))
            return "the same user again"
        }
        let user = Int.random(in: 0..<6, using: &dice)
        noting(isFarewell: false) {
            connections.enter(person.member, .user(user))
            people[index].user = user
        }
        guard person.session == nil, Bool.random(using: &dice) else { return "a user" }
        nextSession += 1
        let session = nextSession
        noting(isFarewell: true) {
            connections.enter(person.member, room(session))
            people[index].session = session
        }
        return "a user and a session"
    }

    /// It takes back who it is, or at least by which session.
    private func forgetUser(_ index: Int) -> String {
        let person = people[index]
        let rooms = person.session.map { [room($0)] } ?? []
        guard let user = person.user, Bool.random(using: &dice) else {
            noting(isFarewell: true) {
                connections.leave(person.member, rooms)
                people[index].session = nil
            }
            return "the loss of a session"
        }
        noting(isFarewell: false) {
            connections.leave(person.member, rooms + [.user(user)])
            people[index].session = nil
            people[index].user = nil
        }
        return "the loss of a login"
    }

    private func leave(_ index: Int) -> String {
        noting(isFarewell: false) {
            connections.forget(people[index].member)
            people.remove(at: index)
        }
        return "departure"
    }

    /// A session ends; with a farewell nobody waits for it, not even for what was lost before.
    private func end() -> String {
        guard let session = people.compactMap(\.session).randomElement(using: &dice) else {
            return "nothing"
        }
        let isFarewell = Int.random(in: 0..<3, using: &dice) > 0
        noting(isFarewell: isFarewell) {
            _ = connections.revoke(room(session), isFarewell: isFarewell)
            for index in people.indices where people[index].session == session {
                people[index].isRevoked = true
            }
        }
        if isFarewell { lost = lost.filter { $0.value.device != "session \(session)" } }
        return isFarewell ? "the end of a session" : "a session that may come back"
    }

    private func pass(_ seconds: Int) -> String {
        for _ in 0..<seconds {
            clock.seconds += 1
            guard let alarm = clock.alarm, alarm <= clock.seconds else { continue }
            clock.alarm = nil
            connections.watch?.expire(online: connections.online)
        }
        lost = lost.filter { $0.value.at + grace > clock.seconds }
        return "\(seconds) seconds"
    }
}

/// A socket that is only an id on a connection.
private final class Guest: Outlet {
    let loop: EventLoop
    let id = SocketID()
    let member: HandshakeMember?
    let request = Request.sample()
    let territory: Territory
    let recovery: SocketRecovery? = nil

    init(_ member: HandshakeMember, _ territory: Territory) {
        self.member = member
        self.territory = territory
        loop = territory.registry.lane.loop
    }

    func deliver(_ event: EncodedEvent, volatile: Bool) {}
    func arrived(_ event: EncodedEvent?) {}
    func ask(_ question: Question) {}
    func disconnect(close: Bool) async {}
}
