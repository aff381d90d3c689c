/// How a session of Engine.IO reaches the server.
public enum EngineTransport: String, Sendable, Hashable, CaseIterable {
    /// Pairs of HTTP requests: a GET that waits for data, and POSTs.
    case polling
    /// One WebSocket.
    case webSocket = "websocket"
}

/// The limits and timings of Engine.IO, with the defaults every official client expects.
///
/// ```swift
/// var options = EngineOptions()
/// options.pingInterval = .seconds(10)
/// options.transports = [.webSocket]
/// ```
/// A value outside its range counts as the nearest one inside.
public struct EngineOptions: Sendable {
    /// The path clients connect to; compared exactly, with or without a slash at its end.
    public var path = "/socket.io"

    /// How long after a pong (or the opening) the next ping is sent: 1 ms to 24 hours.
    public var pingInterval: Duration = .seconds(25)

    /// How long a pong may take before the peer counts as gone: 1 ms to 24 hours.
    ///
    /// A proxy in front must allow silence for longer than `pingInterval` and this together.
    public var pingTimeout: Duration = .seconds(20)

    /// How long an upgrade from polling to WebSocket may take: 1 ms to 1 hour.
    public var upgradeTimeout: Duration = .seconds(10)

    /// The size of one message, and of one POST, in bytes: 1 to 1 GB; clients are told of it.
    public var maxPayload = 1_000_000

    /// How many packets one POST may carry: 1 to 1,000,000.
    public var maxPacketsPerPayload = 10_000

    /// How many packets the answer to one poll carries: 1 to 1,000,000.
    ///
    /// python-engineio reads no more than 16 and closes the connection; what is left waits for the
    /// next poll.
    public var maxPacketsPerPoll = 16

    /// How many bytes may wait for one slow client before it is closed: 1 to 1 GB.
    ///
    /// From half of it on, a WebSocket is not read until a quarter is left, and a POST goes on when
    /// polls have fetched some: who asks for more answers than it takes is slowed down.
    public var outgoingBytes = 1_000_000

    /// How many packets may wait for one slow client before it is closed: 1 to 1,000,000.
    public var outgoingPackets = 1_000

    /// How many clients may be connected at once: 1 to 10,000,000; the next is answered 503.
    public var maxSessions = 100_000

    /// The transports a client may use; the others are answered as unknown.
    public var transports: Set<EngineTransport> = [.polling, .webSocket]

    /// Whether a session may move from polling to WebSocket; if not, none is offered or taken.
    public var allowUpgrades = true

    /// Whether clients of Socket.IO 1 and 2, which speak Engine.IO protocol 3, may connect.
    ///
    /// They join the root namespace by themselves, and their `auth` is the query of a namespace's
    /// name. What such a client calls `socket.id` is the secret id of its connection and not
    /// ``Socket/id``: a page that tells others of it hands them its connection, as long as it
    /// polls and no login session guards it.
    public var allowsEIO3 = false

    /// A cookie that the first answer of polling carries; nil for none.
    public var cookie: EngineCookie?

    /// The text of a message that every client is sent together with its handshake, before any
    /// other; nil for none.
    ///
    /// It is a packet of Socket.IO as it stands on the wire, without the `4` of Engine.IO. A text
    /// with U+001E in it, which polling can not carry, counts as none.
    public var initialMessage: String?

    /// Makes the id of a new session instead of the server: a secret of 1 to 256 bytes without
    /// control characters, never twice at one time.
    ///
    /// Whoever can guess it can read and write the session: put at least 12 random bytes into it.
    /// A failure, and an id that can not be taken, is answered 400 with code 3.
    public var makeID: (@Sendable (Request) async throws -> String)?

    /// Told of every request that is refused; not of answers that middleware gave itself.
    ///
    /// It runs before the answer is sent, on the loop of the connection, and must not block.
    public var onRefusal: (@Sendable (EngineRefusal) -> Void)?

    /// Told of what happens on every connection, in order for each of them.
    ///
    /// It runs on the loop of the connection, in the midst of what it tells, and must not block.
    public var onEvent: (@Sendable (EngineEvent, EngineConnection) -> Void)?

    /// Makes the defaults.
    public init() {}
}

extension EngineOptions {
    /// The transports a session on `transport` is told it may move to.
    func upgrades(from transport: EngineTransport) -> [EngineTransport] {
        let mayMove = allowUpgrades && transport == .polling && transports.contains(.webSocket)
        return mayMove ? [.webSocket] : []
    }

    /// The same options with every value inside its range.
    ///
    /// Sub-millisecond durations would be told to clients as 0.
    func bounded() -> EngineOptions {
        var options = self
        options.pingInterval = Self.bounded(pingInterval, to: .seconds(86_400))
        options.pingTimeout = Self.bounded(pingTimeout, to: .seconds(86_400))
        options.upgradeTimeout = Self.bounded(upgradeTimeout, to: .seconds(3_600))
        options.maxPayload = min(max(maxPayload, 1), 1_000_000_000)
        options.maxPacketsPerPayload = min(max(maxPacketsPerPayload, 1), 1_000_000)
        options.maxPacketsPerPoll = min(max(maxPacketsPerPoll, 1), 1_000_000)
        options.maxSessions = min(max(maxSessions, 1), 10_000_000)
        options.outgoingBytes = min(max(outgoingBytes, 1), 1_000_000_000)
        options.outgoingPackets = min(max(outgoingPackets, 1), 1_000_000)
        return options
    }

    private static func bounded(_ duration: Duration, to longest: Duration) -> Duration {
        min(max(duration, .milliseconds(1)), longest)
    }
}
