/// What the connections of one server share.
final class ConnectionContext: Sendable {
    let handler: Handler
    let limits: HTTPLimits
    let deadlines: HTTPDeadlines
    let trustedProxies: TrustedProxies
    let log: Log
    /// Called on the connection's loop when it is gone, or has become something else.
    let left: @Sendable (Connection) -> Void

    init(
        handler: @escaping Handler,
        limits: HTTPLimits,
        deadlines: HTTPDeadlines,
        trustedProxies: TrustedProxies,
        log: Log,
        left: @escaping @Sendable (Connection) -> Void
    ) {
        self.handler = handler
        self.limits = limits
        self.deadlines = deadlines
        self.trustedProxies = trustedProxies
        self.log = log
        self.left = left
    }
}

/// How long a peer may take for each step of a request and its answer.
public struct HTTPDeadlines: Sendable {
    /// From the first byte of a request, or from accepting the connection, to the end of its
    /// headers.
    public var head: Duration = .seconds(10)
    /// For a whole request body.
    public var body: Duration = .seconds(30)
    /// Between two requests of a connection that is kept alive.
    public var idle: Duration = .seconds(75)
    /// For a peer that does not take what is written to it.
    public var write: Duration = .seconds(30)
    /// For a peer to close after it was told that the connection ends.
    public var linger: Duration = .seconds(2)

    /// Makes the deadlines people can live with.
    public init() {}
}

/// The addresses whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; nobody's by default.
public struct TrustedProxies: Sendable, ExpressibleByArrayLiteral {
    private let addresses: Set<String>

    /// Lists addresses as the kernel shows them: `127.0.0.1`, `::1`, or `unix` for a unix socket.
    public init(arrayLiteral elements: String...) {
        addresses = Set(elements)
    }

    /// Lists addresses as the kernel shows them.
    public init(_ addresses: some Sequence<String>) {
        self.addresses = Set(addresses)
    }

    /// Who a request really comes from: the last address in the chain that is no trusted proxy, and
    /// the scheme that the proxy saw which that address spoke to.
    func client(peer: String, headers: Headers) -> (address: String, isSecure: Bool) {
        guard addresses.contains(peer) else { return (peer, false) }
        let chain = headers.values("x-forwarded-for").flatMap { Self.parts($0) }
            .map { Self.withoutPort($0) }
        let found = chain.lastIndex { !addresses.contains($0) }
        // Each proxy that is trusted, beside the one that is our peer, vouches for a step further.
        let steps = chain.count - (found ?? -1) - 1
        let isSecure = Self.isSecure(headers, steps)
        let address = found.map { chain[$0] }
        // What does not look like an address is no address: it would end in logs and limits.
        let usable = address.map {
            !$0.isEmpty && $0.utf8.count <= 45 && $0.utf8.allSatisfy(Self.isAddress)
        }
        return (usable == true ? address ?? peer : peer, isSecure)
    }

    /// What the proxy said that stands so many steps before our peer.
    ///
    /// Proxies that do not add to the list, but put their word in its place or let another's
    /// stand, leave fewer words than there are steps; then the first one counts.
    private static func isSecure(_ headers: Headers, _ steps: Int) -> Bool {
        let schemes = schemes(headers)
        guard !schemes.isEmpty else { return false }
        return schemes[max(0, schemes.count - 1 - steps)] == "https"
    }

    /// What all proxies said, the nearest last, in lower case.
    static func schemes(_ headers: Headers) -> [String] {
        headers.values("x-forwarded-proto").flatMap { parts($0) }.map { $0.lowercased() }
    }

    private static func parts(_ list: String) -> [String] {
        list.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
            part in
            let text = part.drop { $0 == 0x20 || $0 == 0x09 }
            let end = text.lastIndex { $0 != 0x20 && $0 != 0x09 }
            return end.map { String(decoding: text[...$0], as: UTF8.self) } ?? ""
        }
    }

    /// Some proxies write `1.2.3.4:5678` or `[2001:db8::7]:5678`; a port does not say who it is.
    private static func withoutPort(_ text: String) -> String {
        let bytes = text.utf8
        if bytes.first == UInt8(ascii: "["), let end = bytes.firstIndex(of: UInt8(ascii: "]")) {
            return String(text[text.index(after: text.startIndex)..<end])
        }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            bytes[..<colon].contains(UInt8(ascii: ".")),
            bytes[bytes.index(after: colon)...].allSatisfy(Grammar.isDigit)
        else { return text }
        return String(text[..<colon])
    }

    private static func isAddress(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "."), UInt8(ascii: ":"):
            true
        default: false
        }
    }
}
