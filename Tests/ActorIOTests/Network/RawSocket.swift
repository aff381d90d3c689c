import XCTest

@testable import ActorIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A client of a real port that does exactly what its test says, and waits only where it says so.
final class RawSocket {
    private(set) var descriptor: Int32

    struct TimedOut: Error {}

    init(_ address: SocketAddress) throws {
        descriptor = try SystemCalls.connect(address)
    }

    deinit { close() }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            switch SystemCalls.send(descriptor, bytes, from: offset) {
            case .bytes(let count): offset += count
            case .again: try wait(for: Int16(POLLOUT))
            case .failed(let number): throw SystemError(call: "send", number: number)
            }
        }
    }

    /// The next bytes; none at the end.
    func read() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            switch SystemCalls.receive(descriptor, into: &buffer) {
            case .bytes(let count): return Array(buffer[..<count])
            case .again: try wait(for: Int16(POLLIN))
            case .failed(let number): throw SystemError(call: "receive", number: number)
            }
        }
    }

    func readToEnd() throws -> String {
        var all: [UInt8] = []
        while true {
            let next = try read()
            guard !next.isEmpty else { return String(decoding: all, as: UTF8.self) }
            all += next
        }
    }

    /// Reads until the text has come.
    func read(until text: String) throws -> String {
        var all = ""
        while !all.contains(text) {
            let next = try read()
            guard !next.isEmpty else { throw SystemError(call: "end before \(text)", number: 0) }
            all += String(decoding: next, as: UTF8.self)
        }
        return all
    }

    private func wait(for event: Int16) throws {
        var entry = pollfd(fd: descriptor, events: event, revents: 0)
        guard unsafe poll(&entry, 1, 10_000) == 1 else { throw TimedOut() }
    }

    func finishWriting() { SystemCalls.finishWriting(descriptor) }

    func reset() {
        SystemCalls.reset(descriptor)
        descriptor = -1
    }

    func close() {
        guard descriptor >= 0 else { return }
        SystemCalls.closeDescriptor(descriptor)
        descriptor = -1
    }
}
