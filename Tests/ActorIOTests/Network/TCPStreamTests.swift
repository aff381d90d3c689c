import XCTest

@testable import ActorIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Streams and listeners on the loopback interface.
final class TCPStreamTests: XCTestCase {
    func testBytesGoBothWaysOverEveryFamilyAndPoller() async throws {
        let path = "/tmp/actorio-\(Token.text(bytes: 9))"
        let addresses: [SocketAddress] = [
            .ipv4("127.0.0.1", port: 0), .ipv6("::1", port: 0), .unix(path),
        ]
        try await withEveryPoller { loop in
            for address in addresses {
                guard Self.exists(address) else { continue }
                let echo = EchoServer(loop)
                let bound = try await echo.open(address).get()
                if case .unix = bound {} else { XCTAssertNotEqual(bound.port, 0) }
                let socket = try RawSocket(bound)
                try socket.send("hello")
                XCTAssertEqual(try socket.read(until: "hello"), "hello")
                socket.finishWriting()
                XCTAssertEqual(try socket.readToEnd(), "")
                await echo.close()
                XCTAssertEqual(echo.ends.all, ["end"], "\(bound)")
            }
        }
    }

    func testAnAcceptedConnectionDoesNotHoldSmallSegmentsBack() throws {
        let loopback = SocketAddress.ipv4("127.0.0.1", port: 0)
        let listener = try SystemCalls.listen(loopback, backlog: 1, shared: false)
        defer { SystemCalls.closeDescriptor(listener) }
        let client = try RawSocket(try XCTUnwrap(SystemCalls.localAddress(listener)))
        try client.send("hello")
        var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        XCTAssertEqual(unsafe poll(&waiting, 1, 10_000), 1)
        let accepted = try XCTUnwrap(try SystemCalls.accept(listener).get()).0
        defer { SystemCalls.closeDescriptor(accepted) }
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        _ = unsafe getsockopt(accepted, Int32(IPPROTO_TCP), TCP_NODELAY, &value, &length)
        XCTAssertNotEqual(value, 0)
    }

    func testThisMachineHasIPv6() throws {
        guard Self.exists(.ipv6("::1", port: 0)) else { throw XCTSkip("no IPv6 loopback here") }
    }

    private static func exists(_ address: SocketAddress) -> Bool {
        guard let descriptor = try? SystemCalls.listen(address, backlog: 1, shared: false) else {
            return false
        }
        SystemCalls.closeDescriptor(descriptor)
        return true
    }

    func testAnIPv4ClientOfADualStackListenerIsShownAsWhatItIs() async throws {
        guard Self.exists(.ipv6("::", port: 0)) else { throw XCTSkip("no IPv6 here") }
        let loop = EventLoop()
        let echo = EchoServer(loop)
        let bound = try await echo.open(.ipv6("::", port: 0)).get()
        let socket = try RawSocket(.ipv4("127.0.0.1", port: bound.port))
        try socket.send("a")
        _ = try socket.read(until: "a")
        XCTAssertEqual(echo.peers.all.map(\.host), ["127.0.0.1"])
        await echo.close()
        await loop.stop()
    }

    func testAResetPeerIsAFailedStream() async throws {
        try await withEveryPoller { loop in
            let echo = EchoServer(loop)
            let socket = try RawSocket(try await echo.open(.ipv4("127.0.0.1", port: 0)).get())
            try socket.send("a")
            _ = try socket.read(until: "a")
            socket.reset()
            await eventually("the end") { echo.ends.all == ["failed"] }
            await echo.close()
        }
    }

    func testAWriterWaitsForASlowReaderAndGoesOn() async throws {
        try await withEveryPoller { loop in
            let echo = EchoServer(loop)
            let socket = try RawSocket(try await echo.open(.ipv4("127.0.0.1", port: 0)).get())
            let size = 12_000_000
            await echo.greet(with: [UInt8](repeating: 0x61, count: size))
            try socket.send("a")
            await eventually("a full stream") { echo.blocked.count > 0 }
            var left = size + 1
            while left > 0 { left -= try socket.read().count }
            XCTAssertEqual(left, 0)
            await echo.close()
        }
    }

    func testTwoLoopsShareAPort() async throws {
        let (first, second) = (EventLoop(), EventLoop())
        let (one, two) = (EchoServer(first), EchoServer(second))
        let bound = try await one.open(.ipv4("127.0.0.1", port: 0), shared: true).get()
        let again = try await two.open(bound, shared: true).get()
        XCTAssertEqual(again, bound)
        for _ in 0..<128 {
            let socket = try RawSocket(bound)
            try socket.send("a")
            _ = try socket.read(until: "a")
        }
        XCTAssertEqual(one.peers.count + two.peers.count, 128)
        XCTAssertGreaterThan(one.peers.count, 10)
        XCTAssertGreaterThan(two.peers.count, 10)
        await one.close()
        await two.close()
        await first.stop()
        await second.stop()
    }

    func testAnEndedListenerIsNotConnectedTo() async throws {
        let loop = EventLoop()
        let echo = EchoServer(loop)
        let bound = try await echo.open(.ipv4("127.0.0.1", port: 0)).get()
        await echo.close()
        XCTAssertThrowsError(
            try {
                let socket = try RawSocket(bound)
                try socket.send("a")
                _ = try socket.read(until: "a")
            }()
        )
        await loop.stop()
    }

    func testAUnixSocketOfADeadServerIsReplacedAndAFileIsNot() async throws {
        let path = "/tmp/actorio-\(Token.text(bytes: 9))"
        let dead = try SystemCalls.listen(.unix(path), backlog: 1, shared: false)
        SystemCalls.closeDescriptor(dead)
        let loop = EventLoop()
        let echo = EchoServer(loop)
        let bound = try await echo.open(.unix(path)).get()
        XCTAssertEqual(bound, .unix(path))
        XCTAssertThrowsError(try SystemCalls.listen(bound, backlog: 1, shared: false))
        let socket = try RawSocket(bound)
        try socket.send("a")
        _ = try socket.read(until: "a")
        // The one who asked whether somebody lives there was a peer as well.
        XCTAssertEqual(echo.peers.all, [.unix("unix"), .unix("unix")])
        await echo.close()
        XCTAssertNotEqual(unsafe access(path, F_OK), 0)
        try withFile(of: [1]) { file in
            XCTAssertThrowsError(try SystemCalls.listen(.unix(file), backlog: 1, shared: false))
            XCTAssertEqual(unsafe access(file, F_OK), 0)
        }
        await loop.stop()
    }

    func testAcceptingRestsWhileThereAreNoDescriptorsAndGoesOn() async throws {
        try await withEveryPoller { loop in
            let echo = EchoServer(loop)
            let bound = try await echo.open(.ipv4("127.0.0.1", port: 0), starts: false).get()
            let socket = try RawSocket(bound)
            try socket.send("a")
            // Descriptors are numbered from the lowest free one: a limit there refuses the next.
            let old = await on(loop) {
                let old = DescriptorLimit.shrink()
                echo.start()
                return old
            }
            await eventually("the pause") { await on(loop) { loop.timerCount } == 1 }
            XCTAssertEqual(echo.peers.count, 0)
            DescriptorLimit.set(old)
            XCTAssertEqual(try socket.read(until: "a"), "a")
            await echo.close()
        }
    }

    func testAStoppedLoopClosesWhatItsOwnersHaveLeftOpen() async throws {
        let before = openDescriptors()
        do {
            let loop = EventLoop()
            let echo = EchoServer(loop)
            let socket = try RawSocket(try await echo.open(.ipv4("127.0.0.1", port: 0)).get())
            try socket.send("a")
            _ = try socket.read(until: "a")
            await loop.stop()
            XCTAssertEqual(try socket.readToEnd(), "")
        }
        await eventually("all closed") { openDescriptors() <= before }
    }
}

/// The soft limit of this process on descriptors.
private enum DescriptorLimit {
    static func shrink() -> rlimit {
        var old = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        _ = unsafe getrlimit(resource, &old)
        let next = dup(0)
        close(next)
        set(rlimit(rlim_cur: rlim_t(next), rlim_max: old.rlim_max))
        return old
    }

    static func set(_ limit: rlimit) {
        var limit = limit
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        _ = unsafe setrlimit(resource, &limit)
    }
}

/// Sends everybody back what it gets; lives on one loop.
private final class EchoServer: @unchecked Sendable {
    private let loop: EventLoop
    private var listener: Listener?
    private var owners: [Owner] = []
    fileprivate var greeting: [UInt8] = []
    let peers = Recorder<SocketAddress>()
    let ends = Recorder<String>()
    let blocked = Recorder<Bool>()

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    func open(
        _ address: SocketAddress,
        shared: Bool = false,
        starts: Bool = true
    ) async -> Result<SocketAddress, any Error> {
        await on(loop) { [self] in
            Result {
                let listener = try Listener(
                    address,
                    backlog: 128,
                    shared: shared,
                    on: loop
                ) { [unowned self] stream in
                    peers.add(stream.peer)
                    owners.append(Owner(stream, self, loop))
                }
                self.listener = listener
                if starts { start() }
                return listener.address
            }
        }
    }

    func start() { XCTAssertEqual(listener?.start(), true) }
    func greet(with bytes: [UInt8]) async { await on(loop) { [self] in greeting = bytes } }

    func close() async {
        await on(loop) { [self] in
            listener?.close()
            for owner in owners { owner.stream.close() }
            owners = []
        }
    }

    private final class Owner: StreamOwner, @unchecked Sendable {
        let stream: TCPStream
        private unowned let server: EchoServer
        private var output = WriteQueue()
        private let loop: EventLoop

        init(_ stream: TCPStream, _ server: EchoServer, _ loop: EventLoop) {
            (self.stream, self.server, self.loop) = (stream, server, loop)
            XCTAssertTrue(stream.attach(to: self, on: loop))
        }

        func streamReady(reading: Bool, writing: Bool, ended: Bool) {
            if writing { flush() }
            guard reading else { return }
            var buffer = [UInt8](repeating: 0, count: 1_000)
            switch stream.read(into: &buffer) {
            case .bytes(let count):
                output.append(Array(buffer[..<count]) + server.greeting, loop)
                flush()
            case .again: break
            case .end: finish("end")
            case .failed: finish("failed")
            }
        }

        private func flush() {
            switch output.flush(to: stream, loop) {
            case .done: stream.listen(reading: true, writing: false)
            case .blocked:
                server.blocked.add(true)
                stream.listen(reading: true, writing: true)
            case .failed: finish("failed")
            }
        }

        private func finish(_ end: String) {
            server.ends.add(end)
            stream.close()
        }
    }
}
