/// Where a server listens, or where a peer is.
public enum SocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// An address in dotted form, and a port; port 0 lets the system choose.
    case ipv4(String, port: Int)
    /// An address in colon form without brackets, and a port.
    case ipv6(String, port: Int)
    /// The path of a unix socket.
    case unix(String)

    /// The port; 0 for a unix socket.
    public var port: Int {
        switch self {
        case .ipv4(_, let port), .ipv6(_, let port): port
        case .unix: 0
        }
    }

    /// The address without its port, as `Request.remoteAddress` shows it.
    public var host: String {
        switch self {
        case .ipv4(let host, _), .ipv6(let host, _): host
        case .unix(let path): path
        }
    }

    /// The form a URL would use: `127.0.0.1:3000`, `[::1]:3000`, or the path.
    public var description: String {
        switch self {
        case .ipv4(let host, let port): "\(host):\(port)"
        case .ipv6(let host, let port): "[\(host)]:\(port)"
        case .unix(let path): path
        }
    }

    /// Reads the host part of a server's options: an IP address of either family, or `localhost`.
    init(host: String, port: Int) {
        if host.utf8.contains(UInt8(ascii: ":")) {
            self = .ipv6(host, port: port)
        } else {
            self = .ipv4(host == "localhost" ? "127.0.0.1" : host, port: port)
        }
    }

    func with(port: Int) -> SocketAddress {
        switch self {
        case .ipv4(let host, _): .ipv4(host, port: port)
        case .ipv6(let host, _): .ipv6(host, port: port)
        case .unix: self
        }
    }
}
