/// How the length of a request's body is known.
enum BodyFraming: Sendable, Equatable {
    case none
    case length(Int)
    case chunked
}

/// The request line and headers of one request, already checked against RFC 9112.
struct RequestHead: Sendable {
    var method: Method
    /// The target in origin form, raw; its escapes are well formed and stand for UTF-8.
    var target: String
    /// 0 or 1.
    var minorVersion: Int
    var headers: Headers
    var framing: BodyFraming = .none
    var keepAlive = true
    var expectsContinue = false
    /// Whether `Connection` has the token `upgrade` and an `Upgrade` header exists.
    var wantsUpgrade = false

    /// The target before its "?", raw.
    var path: String {
        guard let mark = target.utf8.firstIndex(of: 0x3F) else { return target }
        return String(target[..<mark])
    }

    /// The target after its "?", raw; nil without one.
    var query: String? {
        guard let mark = target.utf8.firstIndex(of: 0x3F) else { return nil }
        return String(target[target.utf8.index(after: mark)...])
    }

    /// The authority the client asked for, "" when an HTTP/1.0 client named none.
    var host: String { headers["host"] ?? "" }
}
