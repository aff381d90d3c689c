@testable import ActorIO
@testable import ActorIOTesting

/// Options of a server that takes clients of protocol 3 and logs nothing.
let old: SocketIO.Options = {
    var options = quiet
    options.engine.allowsEIO3 = true
    return options
}()

/// The payload of protocol 3 for texts of ASCII.
func payload(_ packets: String...) -> String {
    packets.map { "\($0.utf8.count):\($0)" }.joined()
}

/// A session of protocol 3 by polling, spoken by hand.
struct OldSession: Sendable {
    let browser: Browser
    let sid: String
    private let extra: String

    init(_ browser: Browser, extra: String = "") async throws {
        self.browser = browser
        self.extra = extra
        let path = "/socket.io/?EIO=3&transport=polling\(extra)"
        let answer = try await browser.request("GET", path)
        struct Open: Decodable { var sid: String }
        sid = try decodeJSON(Open.self, Array(answer.body.drop { $0 != 0x7B })).sid
    }

    private var query: String { "EIO=3&transport=polling&sid=\(sid)\(extra)" }

    func poll() async throws -> Wire { try await browser.wire("GET", query) }

    func post(_ body: String) async throws -> Wire {
        let headers: Headers = ["Content-Type": "text/plain;charset=UTF-8"]
        return try await browser.wire("POST", query, headers: headers, body: Array(body.utf8))
    }

    func post(binary body: [UInt8]) async throws -> Wire {
        let headers: Headers = ["Content-Type": "application/octet-stream"]
        return try await browser.wire("POST", query, headers: headers, body: body)
    }

    func upgrade(_ version: String = "EIO=3&") async throws -> Wire {
        try await browser.webSocket("\(version)transport=websocket&sid=\(sid)\(extra)")
    }

    /// Takes the answer to the root namespace, which was not asked for.
    func join() async throws { _ = try await poll() }
}

extension Browser {
    /// Opens a session of protocol 3 on WebSocket, in the root namespace.
    func oldJoined(_ extra: String = "") async throws -> Wire {
        let wire = try await webSocket("EIO=3&transport=websocket\(extra)")
        _ = wire.take()
        return wire
    }
}
