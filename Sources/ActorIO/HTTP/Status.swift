/// The status of a response; two are equal when their codes are, whatever the reason says.
public struct Status: Sendable {
    /// The three-digit code.
    public let code: Int
    /// The text after the code; clients ignore it.
    public var reason: String

    /// Makes a status; without a reason the standard one is used.
    public init(_ code: Int, _ reason: String? = nil) {
        self.code = code
        self.reason = reason ?? Status.standardReason(code)
    }
}

extension Status: Hashable, CustomStringConvertible, ExpressibleByIntegerLiteral {
    /// Compares the codes only.
    public static func == (left: Status, right: Status) -> Bool {
        left.code == right.code
    }

    /// Hashes the code only.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
    }

    /// Makes a status from its code.
    public init(integerLiteral value: Int) {
        self.init(value)
    }

    /// Code and reason, as in the status line.
    public var description: String { "\(code) \(reason)" }

    /// Whether a response with this status can have no body (RFC 9110 6.4.1).
    var forbidsBody: Bool {
        code < 200 || code == 204 || code == 304
    }
}

extension Status {
    /// 100 Continue.
    public static let `continue` = Status(100)
    /// 101 Switching Protocols.
    public static let switchingProtocols = Status(101)
    /// 200 OK.
    public static let ok = Status(200)
    /// 201 Created.
    public static let created = Status(201)
    /// 202 Accepted.
    public static let accepted = Status(202)
    /// 204 No Content.
    public static let noContent = Status(204)
    /// 206 Partial Content.
    public static let partialContent = Status(206)
    /// 301 Moved Permanently.
    public static let movedPermanently = Status(301)
    /// 302 Found.
    public static let found = Status(302)
    /// 303 See Other.
    public static let seeOther = Status(303)
    /// 304 Not Modified.
    public static let notModified = Status(304)
    /// 307 Temporary Redirect.
    public static let temporaryRedirect = Status(307)
    /// 308 Permanent Redirect.
    public static let permanentRedirect = Status(308)
    /// 400 Bad Request.
    public static let badRequest = Status(400)
    /// 401 Unauthorized.
    public static let unauthorized = Status(401)
    /// 403 Forbidden.
    public static let forbidden = Status(403)
    /// 404 Not Found.
    public static let notFound = Status(404)
    /// 405 Method Not Allowed.
    public static let methodNotAllowed = Status(405)
    /// 408 Request Timeout.
    public static let requestTimeout = Status(408)
    /// 409 Conflict.
    public static let conflict = Status(409)
    /// 410 Gone.
    public static let gone = Status(410)
    /// 411 Length Required.
    public static let lengthRequired = Status(411)
    /// 412 Precondition Failed.
    public static let preconditionFailed = Status(412)
    /// 413 Content Too Large.
    public static let contentTooLarge = Status(413)
    /// 414 URI Too Long.
    public static let uriTooLong = Status(414)
    /// 415 Unsupported Media Type.
    public static let unsupportedMediaType = Status(415)
    /// 416 Range Not Satisfiable.
    public static let rangeNotSatisfiable = Status(416)
    /// 417 Expectation Failed.
    public static let expectationFailed = Status(417)
    /// 421 Misdirected Request.
    public static let misdirectedRequest = Status(421)
    /// 422 Unprocessable Content.
    public static let unprocessableContent = Status(422)
    /// 426 Upgrade Required.
    public static let upgradeRequired = Status(426)
    /// 429 Too Many Requests.
    public static let tooManyRequests = Status(429)
    /// 431 Request Header Fields Too Large.
    public static let headerFieldsTooLarge = Status(431)
    /// 500 Internal Server Error.
    public static let internalServerError = Status(500)
    /// 501 Not Implemented.
    public static let notImplemented = Status(501)
    /// 503 Service Unavailable.
    public static let serviceUnavailable = Status(503)
    /// 505 HTTP Version Not Supported.
    public static let versionNotSupported = Status(505)

    private static let reasons: [Int: String] = [
        100: "Continue", 101: "Switching Protocols",
        200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content",
        301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
        307: "Temporary Redirect", 308: "Permanent Redirect",
        400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 406: "Not Acceptable", 408: "Request Timeout",
        409: "Conflict", 410: "Gone", 411: "Length Required", 412: "Precondition Failed",
        413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type",
        416: "Range Not Satisfiable", 417: "Expectation Failed", 421: "Misdirected Request",
        422: "Unprocessable Content", 426: "Upgrade Required", 429: "Too Many Requests",
        431: "Request Header Fields Too Large",
        500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
        503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
    ]

    /// The standard reason as a name: `too_many_requests`.
    var name: String {
        let words = Status.standardReason(code).lowercased().split(separator: " ")
        return words.joined(separator: "_")
    }

    private static func standardReason(_ code: Int) -> String {
        reasons[code] ?? "Status"
    }
}
