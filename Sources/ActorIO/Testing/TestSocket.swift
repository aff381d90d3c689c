public import ActorIO

/// A client in one namespace, as a test holds it.
///
/// ```swift
/// let tab = try await browser.connect()
/// let name = try await tab.call(Chat.whoami)
/// let text = try await tab.next(Chat.message)
/// ```
public actor TestSocket: LoopActor {
    package nonisolated let loop: EventLoop
    /// The loop of the test's clients.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }
    /// The id the server gave it in this namespace.
    public nonisolated let id: String
    /// The namespace.
    public nonisolated let namespace: String

    /// The secret by which it could come back; nil when the server keeps no state.
    public nonisolated let recoveryID: String?
    /// Whether it is the socket of before, in the eyes of the server and in its own.
    public nonisolated let isRecovered: Bool
    /// The last text at the end of an event: how far it has got, if the server keeps events.
    public private(set) var lastOffset: String?

    nonisolated let client: EngineClient
    private var queue: [(name: String, arguments: Arguments)] = []
    private var waiters: [Int: (name: String, resume: CheckedContinuation<Arguments, any Error>)] =
        [:]
    private var nextWaiter = 0
    private var acks: [Int: CheckedContinuation<Arguments, any Error>] = [:]
    private var nextAck = 0
    private var end: DisconnectReason?
    private var endWaiters: [CheckedContinuation<DisconnectReason, Never>] = []
    private var responders: [String: @Sendable (Arguments) throws -> any Encodable & Sendable] = [:]

    init(
        _ client: EngineClient,
        _ namespace: String,
        id: String,
        recoveryID: String? = nil,
        before: TestSocket.Memory? = nil
    ) {
        self.recoveryID = recoveryID
        isRecovered = recoveryID != nil && recoveryID == before?.recoveryID
        lastOffset = before?.offset
        self.client = client
        self.namespace = namespace
        self.id = id
        loop = client.loop
    }

    nonisolated var driver: Driver { client.driver }

    // Sending

    /// Sends an event.
    public nonisolated func emit<each Argument>(
        _ event: Event<repeat each Argument>,
        _ arguments: repeat each Argument
    ) async throws {
        try await emit(event.name, repeat each arguments)
    }

    /// Sends an event by its raw name.
    public nonisolated func emit<each Argument: Encodable & Sendable>(
        _ name: String,
        _ arguments: repeat each Argument
    ) async throws {
        let message = try ClientMessage.event(
            name,
            repeat each arguments,
            namespace: namespace,
            id: nil
        )
        let client = client
        try await driver.run("emitting \(name)") { try await client.send(message) }
    }

    /// Sends an event and waits for its answer.
    public nonisolated func call<Reply, each Argument>(
        _ call: Call<Reply, repeat each Argument>,
        _ arguments: repeat each Argument
    ) async throws -> Reply {
        try await self.call(call.name, repeat each arguments, as: Reply.self)
    }

    /// Sends an event by its raw name and waits for its answer, of which the first value counts.
    public nonisolated func call<Reply: Decodable & Sendable, each Argument: Encodable & Sendable>(
        _ name: String,
        _ arguments: repeat each Argument,
        as type: Reply.Type = Reply.self
    ) async throws -> Reply {
        let answer = try await ask(name, repeat each arguments)
        if let error = callError(in: answer) { throw error }
        return try answer.decode(0)
    }

    /// Sends an event by its raw name and waits for its answer, all values of it.
    public nonisolated func ask<each Argument: Encodable & Sendable>(
        _ name: String,
        _ arguments: repeat each Argument
    ) async throws -> Arguments {
        let id = await takeAckID()
        let message = try ClientMessage.event(
            name,
            repeat each arguments,
            namespace: namespace,
            id: id
        )
        return try await driver.run("the answer to \(name)") {
            try await self.wait(id, message)
        }
    }

    private func takeAckID() -> Int {
        defer { nextAck += 1 }
        return nextAck
    }

    private func wait(_ id: Int, _ message: ClientMessage) async throws -> Arguments {
        guard end == nil else { throw CallError(.disconnected) }
        return try await withCheckedThrowingContinuation { continuation in
            acks[id] = continuation
            do {
                try client.onLoop { try $0.send(message) }
            } catch {
                acks.removeValue(forKey: id)?.resume(throwing: error)
            }
        }
    }

    func answered(_ id: Int, _ arguments: Arguments) {
        acks.removeValue(forKey: id)?.resume(returning: arguments)
    }

    // Receiving

    /// The next event of that name; those that came before and were not taken come first.
    public nonisolated func next(_ name: String) async throws -> Arguments {
        try await driver.run("the event \(name)") { try await self.wait(for: name) }
    }

    /// The next event's only argument.
    public nonisolated func next<Argument>(_ event: Event<Argument>) async throws -> Argument {
        try await next(event.name).decode(0)
    }

    /// The names of the events that have come and were not taken.
    public var pending: [String] { queue.map(\.name) }

    /// Answers the server's calls of a name.
    public func answer<Reply: Encodable & Sendable>(
        _ name: String,
        _ body: @escaping @Sendable (Arguments) throws -> Reply
    ) {
        responders[name] = { try body($0) }
    }

    private func wait(for name: String) async throws -> Arguments {
        if let index = queue.firstIndex(where: { $0.name == name }) {
            return queue.remove(at: index).arguments
        }
        guard end == nil else { throw CallError(.disconnected) }
        let id = nextWaiter
        nextWaiter += 1
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiters[id] = (name, $0) }
        } onCancel: {
            soon { $0.cancel(id) }
        }
    }

    private func cancel(_ id: Int) {
        waiters.removeValue(forKey: id)?.resume.resume(throwing: CancellationError())
    }

    func received(_ name: String, _ arguments: Arguments, _ ack: Int?) {
        // As the clients of today do it: whatever the event, and whether or not it has an offset.
        if recoveryID != nil,
            let offset = try? arguments.decode(
                arguments.count - 1,
                as: String.self
            )
        {
            lastOffset = offset
        }
        if let ack, let body = responders[name] { return reply(ack, name, body, arguments) }
        let first = waiters.filter { $0.value.name == name }.min { $0.key < $1.key }
        guard let (id, waiter) = first else {
            queue.append((name, arguments))
            return
        }
        waiters[id] = nil
        waiter.resume.resume(returning: arguments)
    }

    private func reply(
        _ ack: Int,
        _ name: String,
        _ body: @Sendable (Arguments) throws -> any Encodable & Sendable,
        _ arguments: Arguments
    ) {
        guard let value = try? body(arguments),
            let message = try? ClientMessage.answer(value, id: ack, namespace: namespace)
        else { return }
        try? client.onLoop { try $0.send(message) }
    }

    // The end

    /// Whether the client believes itself connected.
    public nonisolated var isConnected: Bool {
        get async { (try? await driver.run("the state") { await self.end == nil }) ?? false }
    }

    /// Why it was disconnected, as the server recorded it if it did; nil when it is connected and
    /// nothing that is under way can change that.
    public nonisolated var disconnected: DisconnectReason? {
        get async { try? await driver.run("a disconnect") { await self.waitForEnd() } }
    }

    private func waitForEnd() async -> DisconnectReason {
        if let end { return end }
        return await withCheckedContinuation { endWaiters.append($0) }
    }

    func ended(_ reason: DisconnectReason) {
        guard end == nil else { return }
        let recorded = SocketID(id).flatMap { client.browser.door.reasons[$0] }
        let end = recorded ?? reason
        self.end = end
        for waiter in endWaiters { waiter.resume(returning: end) }
        endWaiters = []
        for waiter in waiters.values { waiter.resume.resume(throwing: CallError(.disconnected)) }
        waiters = [:]
        for ack in acks.values { ack.resume(throwing: CallError(.disconnected)) }
        acks = [:]
    }
}
