/// How much of a request is read before it is refused.
public struct HTTPLimits: Sendable {
    /// Bytes of request line and headers together; more is answered 431.
    public var maxHeaderBytes = 16_384
    /// Bytes of the request target; more is answered 414.
    public var maxTargetBytes = 8_192
    /// Number of header fields; more is answered 431.
    public var maxHeaderCount = 100
    /// Number of cookies in one request; more is answered 431.
    public var maxCookieCount = 200
    /// Bytes of a request body; more is answered 413.
    ///
    /// A server with sockets raises it to their `maxPayload` when that is more.
    public var maxBody = 1_000_000

    /// Makes the limits people can live with.
    public init() {}
}
