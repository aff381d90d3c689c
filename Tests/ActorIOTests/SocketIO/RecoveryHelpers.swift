import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Options of a server that keeps state, and logs nothing.
func keeping(_ configure: (inout RecoveryOptions) -> Void = { _ in }) -> SocketIO.Options {
    var recovery = RecoveryOptions()
    configure(&recovery)
    var options = quiet
    options.recovery = recovery
    return options
}

/// A value for a socket to keep.
struct Color: Sendable, Equatable {
    var name: String
}

/// A client that recovers, spoken by hand.
struct Recoverer: Sendable {
    let wire: Wire
    let sid: String
    let pid: String

    /// Reads the answer to CONNECT, which must be the last message.
    init(_ wire: Wire, _ answer: String, namespace: String = "") throws {
        self.wire = wire
        let head = namespace.isEmpty ? "40" : "40\(namespace),"
        guard answer.hasPrefix(head) else { throw NotConnected(answer: answer) }
        struct Answer: Decodable { var sid: String, pid: String }
        let json = Array(answer.utf8.dropFirst(head.utf8.count))
        let answer = try decodeJSON(Answer.self, json)
        (sid, pid) = (answer.sid, answer.pid)
    }

    /// A new one, in the root namespace.
    static func join(_ browser: Browser) async throws -> Recoverer {
        let wire = try await browser.webSocket()
        await wire.say("40")
        return try Recoverer(wire, try XCTUnwrap(wire.take().last))
    }

    /// What a new connection hears that says this.
    static func hear(_ browser: Browser, _ connect: String) async throws -> [String] {
        let wire = try await browser.webSocket()
        _ = wire.take()
        await wire.say(connect)
        return wire.take()
    }

    /// What a new connection hears that wants this socket back.
    func back(_ browser: Browser, after offset: String?) async throws -> [String] {
        let offset = offset.map { ",\"offset\":\"\($0)\"" } ?? ""
        return try await Self.hear(browser, "40{\"pid\":\"\(pid)\"\(offset)}")
    }

    /// The answer to CONNECT that gives this socket back.
    var answer: String { "40{\"sid\":\"\(sid)\",\"pid\":\"\(pid)\"}" }

    struct NotConnected: Error { let answer: String }
}

/// The text that ends an event: its offset.
func offset(of message: String?) throws -> String {
    let parts = try XCTUnwrap(message).split(separator: "\"")
    return String(try XCTUnwrap(parts.dropLast().last))
}

/// The offsets of so many messages; another number of them is a failure.
func offsets(of messages: [String], _ count: Int) throws -> [String] {
    guard messages.count == count else { throw OtherMessages(messages: messages) }
    return try messages.map { try offset(of: $0) }
}

struct OtherMessages: Error { let messages: [String] }

extension TestServer {
    /// Sends something to everybody, on the server's time.
    func tell(_ io: SocketIO, _ name: String, in room: Room? = nil) async throws {
        try await act {
            if let room {
                try await io.in(room).emit(name)
            } else {
                try await io.emit(name)
            }
        }
    }
}
