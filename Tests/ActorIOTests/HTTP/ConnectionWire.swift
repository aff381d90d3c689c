import Foundation
import Synchronization
import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Connections of the library's on a manual loop, with their clients held by hand.
///
/// Everything runs on the test's own thread: `run` cranks until nothing is ready, `advance` lets
/// exactly so much time pass.
final class ConnectionWire {
    let loop: EventLoop
    let context: ConnectionContext
    let logged: Recorder<String>
    private let gone: Recorder<ObjectIdentifier>
    private(set) var connections: [Connection] = []

    init(
        limits: HTTPLimits = HTTPLimits(),
        deadlines: HTTPDeadlines = HTTPDeadlines(),
        trustedProxies: TrustedProxies = [],
        _ handler: @escaping Handler
    ) {
        loop = EventLoop(manualAt: LoopTime(nanoseconds: 1_000))
        let (gone, logged) = (Recorder<ObjectIdentifier>(), Recorder<String>())
        (self.gone, self.logged) = (gone, logged)
        context = ConnectionContext(
            handler: handler,
            limits: limits,
            deadlines: deadlines,
            trustedProxies: trustedProxies,
            log: Log { logged.add($0.line) },
            left: { gone.add(ObjectIdentifier($0)) }
        )
        loop.claim()
    }

    /// A new connection; what the client is sent waits in at most `capacity` bytes.
    func connect(from address: String = "127.0.0.1", capacity: Int = 65_536) -> Peer {
        let pair = MemoryStream.pair(on: loop, peer: address, capacity: capacity)
        let connection = Connection(loop: loop, context: context)
        connections.append(connection)
        let bound = LoopBound<any ByteStream>(pair.server, on: loop)
        connection.onLoop { $0.start(bound) }
        return Peer(pair.client, self)
    }

    /// Lets go of the connections, so that only what is alive keeps them.
    func forget() { connections = [] }

    /// How many connections have said that they are gone.
    var goneCount: Int { gone.count }

    func run() {
        while loop.crank() {}
    }

    func advance(_ duration: Duration) {
        let end = loop.now + duration
        run()
        while let next = loop.nextDeadline, next <= end {
            loop.setVirtualTime(next)
            run()
        }
        loop.setVirtualTime(end)
        run()
    }

    /// The answers to one text sent on a connection of its own.
    func answers(_ text: String) throws -> [TestResponse] {
        let peer = connect()
        peer.send(text)
        run()
        return try peer.responses()
    }
}

/// A client that does what its test says and nothing else.
final class Peer: StreamOwner, @unchecked Sendable {
    let stream: MemoryStream
    private let wire: ConnectionWire
    private(set) var received: [UInt8] = []
    private(set) var hasEnded = false
    private var outgoing: [UInt8] = []
    private var isReading = true

    init(_ stream: MemoryStream, _ wire: ConnectionWire) {
        self.stream = stream
        self.wire = wire
        _ = stream.attach(to: self, on: wire.loop)
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        outgoing += bytes
        flush()
    }

    /// Sends and lets everything happen.
    func tell(_ text: String) {
        send(text)
        wire.run()
    }

    private func flush() {
        var offset = 0
        while offset < outgoing.count {
            guard case .taken(let count) = stream.write(outgoing, from: offset) else { break }
            offset += count
        }
        outgoing.removeFirst(offset)
        stream.listen(reading: isReading, writing: !outgoing.isEmpty)
    }

    func setReading(_ reading: Bool) {
        isReading = reading
        stream.listen(reading: reading, writing: !outgoing.isEmpty)
    }

    /// Takes at most so many bytes of what waits.
    func read(_ count: Int) {
        var buffer = [UInt8](repeating: 0, count: count)
        if case .bytes(let got) = stream.read(into: &buffer) { received += buffer[..<got] }
    }

    func streamReady(reading: Bool, writing: Bool, ended: Bool) {
        if writing { flush() }
        guard reading else { return }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        switch stream.read(into: &buffer) {
        case .bytes(let count): received += buffer[..<count]
        case .again: break
        case .end, .failed:
            hasEnded = true
            setReading(false)
        }
    }

    var text: String { String(decoding: received, as: UTF8.self) }

    /// All complete responses so far.
    func responses(isHead: Bool = false) throws -> [TestResponse] {
        var all: [TestResponse] = []
        var rest = received
        while !rest.isEmpty {
            var parser = ResponseParser(isHead: isHead)
            guard let next = try parser.add(rest) else { break }
            all.append(next.response)
            rest = next.rest
        }
        return all
    }

    var statuses: [Int] { (try? responses().map(\.status)) ?? [-1] }
}

/// The text of a GET.
func get(_ path: String, _ lines: String...) -> String {
    (["GET \(path) HTTP/1.1", "Host: a"] + lines + ["", ""]).joined(separator: "\r\n")
}

/// A file that a test writes and removes.
func withFile<Result>(of bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
    let file = FileManager.default.temporaryDirectory
        .appendingPathComponent("actorio-\(Token.text(bytes: 9))")
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try body(file.path)
}
