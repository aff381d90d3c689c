import XCTest

@testable import ActorIO

/// A store on a loop that runs when it is cranked, on time that passes when it is told to.
final class SessionBench: Sendable {
    struct Stuck: Error {}

    let loop = EventLoop(manualAt: LoopTime(nanoseconds: 1_000_000_000))
    let store: SessionStore
    let members = FakeMembers()

    init(
        backing: (any SessionBacking)? = nil,
        clock: SessionClock = SessionClock(),
        _ configure: @Sendable (inout SessionStore.Options) -> Void = { _ in }
    ) {
        store = SessionStore(backing: backing, clock: clock) { options in
            options.log = .disabled
            configure(&options)
        }
        store.lane.bind(to: loop)
        settle()
    }

    /// Runs a piece of work and everything it needs on this thread.
    @discardableResult
    func run<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
        let result = Start(self, body)
        settle()
        return try result.value()
    }

    /// Begins a piece of work and runs nothing yet.
    func begin<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) -> Start<Value> {
        Start(self, body)
    }

    /// Runs a single job; false when there is none.
    func step() -> Bool {
        loop.claim()
        defer { loop.release() }
        return loop.step()
    }

    /// Begins a piece of work and runs it as far as it goes.
    func start<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) -> Start<Value> {
        let result = Start(self, body)
        settle()
        return result
    }

    func settle() {
        loop.claim()
        while loop.crank() {}
        loop.release()
    }

    /// Lets time pass, one deadline after the other.
    func advance(by duration: Duration) {
        let target = loop.now + duration
        while let next = loop.nextDeadline, next <= target {
            loop.setVirtualTime(next)
            settle()
        }
        loop.setVirtualTime(target)
        settle()
    }
}

/// Work that was begun, and its result when there is one.
final class Start<Value: Sendable>: Sendable {
    private let result = Locked<Result<Value, any Error>?>(nil)
    private let task = Locked<Task<Void, Never>?>(nil)

    init(_ bench: SessionBench, _ body: @escaping @Sendable () async throws -> Value) {
        let task = Task(executorPreference: bench.loop.preference) {
            do {
                let value = try await body()
                self.result.withLock { $0 = .success(value) }
            } catch {
                self.result.withLock { $0 = .failure(error) }
            }
        }
        self.task.withLock { $0 = task }
    }

    func cancel() { task.withLock { $0 }?.cancel() }

    var isDone: Bool { result.withLock { $0 != nil } }

    func value() throws -> Value {
        guard let result = result.withLock({ $0 }) else { throw SessionBench.Stuck() }
        return try result.get()
    }
}

/// Connections of sessions, as a registry would keep them.
final class FakeMembers: SessionMembers {
    private struct State {
        var log: [String] = []
        var open: [SessionID: Int] = [:]
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Locked(State())

    var log: [String] { state.withLock { $0.log } }

    func count(_ session: SessionID) -> Int {
        state.withLock { $0.open[session] ?? 0 }
    }

    func enter(_ session: SessionID, as member: HandshakeMember) async {
        state.withLock { state in
            state.log.append("enter \(member.id)")
            state.open[session, default: 0] += 1
        }
    }

    func close(_ session: SessionID, mayReconnect: Bool) async -> Int {
        await waitWhileHeld()
        return state.withLock { state in
            let count = state.open.removeValue(forKey: session) ?? 0
            if count > 0 { state.log.append("close \(count)" + (mayReconnect ? ", again" : "")) }
            return count
        }
    }

    /// Makes every `close` wait.
    func hold() {
        state.withLock { $0.isHeld = true }
    }

    func letGo() {
        let held = state.withLock { state in
            state.isHeld = false
            return exchange(&state.held, with: [])
        }
        for continuation in held { continuation.resume() }
    }

    private func waitWhileHeld() async {
        guard state.withLock({ $0.isHeld }) else { return }
        await withCheckedContinuation { continuation in
            state.withLock { $0.held.append(continuation) }
        }
    }
}

/// Requests of one browser: it keeps cookies.
struct FakeBrowser: Sendable {
    var cookies: [String: String] = [:]
    var address = "192.0.2.1"

    func request(
        _ method: ActorIO.Method = .get,
        _ target: String = "/",
        form: String? = nil,
        _ more: [(String, String)] = []
    ) -> Request {
        var headers: Headers = ["Host": "example.org", "User-Agent": "Browser/1"]
        if !cookies.isEmpty {
            let pairs = cookies.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            headers["Cookie"] = pairs.joined(separator: "; ")
        }
        if form != nil { headers["Content-Type"] = "application/x-www-form-urlencoded" }
        for (name, value) in more { headers.add(name, value) }
        let head = RequestHead(method: method, target: target, minorVersion: 1, headers: headers)
        let body = RequestBody(form.map { .bytes(Array($0.utf8)) } ?? .empty)
        return Request(head: head, remoteAddress: address, body: body)
    }

    mutating func take(_ response: Response) {
        for cookie in response.headers.values("set-cookie") {
            let pair = cookie.prefix { $0 != ";" }.split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            let isGone = cookie.contains("Expires=Thu, 01 Jan 1970 00:00:00 GMT")
            cookies[String(pair[0])] = isGone ? nil : String(pair[1])
        }
    }
}

struct Cart: SessionKey, Codable, Equatable, Sendable {
    static let name = "cart"
    static let initial = Cart()
    var items: [String] = []
}

enum Visits: SessionKey {
    static let name = "visits"
    static let initial = 0
}

/// Takes a session out of its request.
final class SessionHolder: Sendable {
    private let held = Locked<Session?>(nil)

    var session: Session? { held.withLock { $0 } }

    func hold(_ session: Session) {
        held.withLock { $0 = session }
    }
}

/// What the store is asked by requests, in short.
extension SessionStore {
    @discardableResult
    func renew(
        _ old: SessionID?,
        members: (any SessionMembers)? = nil,
        keepingData: Bool,
        userID: String?,
        _ origin: SessionOrigin,
        _ write: @Sendable (inout SessionData) -> Void
    ) async throws -> SessionID {
        let birth = SessionBirth(origin: origin)
        let renewal = SessionRenewal(login: userID, keepingData: keepingData)
        try await renew(old, by: birth, renewal, members: members, write)
        return birth.id
    }

    func create<Result: Sendable>(
        _ id: SessionID,
        _ origin: SessionOrigin,
        _ members: (any SessionMembers)?,
        _ body: @Sendable (inout SessionData) throws -> Result
    ) async throws -> (result: Result, exists: Bool) {
        try await create(SessionBirth(id: id, origin: origin), members, body)
    }

    func open(
        _ id: SessionID,
        address: String,
        members: (any SessionMembers)?
    ) async throws -> OpenedSession? {
        try await open(id, SessionVisit(address: address), members: members)
    }
}
