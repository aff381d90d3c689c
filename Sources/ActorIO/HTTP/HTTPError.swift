/// A refusal of a request, thrown anywhere below the app and answered with its status.
public struct HTTPError: Error, Sendable {
    /// The status of the answer.
    public var status: Status
    /// What the client is told beside the status; never put secrets here.
    public var reason: String
    /// A fixed name by which programs know this refusal, such as `token_expired`.
    ///
    /// Sockets are told it where they are refused. When it is empty, they are told one after the
    /// status: `unauthorized`, `too_many_requests`.
    public var code: String
    /// Headers of the answer, such as `Allow` or `Retry-After`.
    public var headers: Headers

    /// Makes an error that is answered with a status.
    public init(
        _ status: Status,
        _ reason: String = "",
        code: String = "",
        headers: Headers = [:]
    ) {
        self.status = status
        self.reason = reason
        self.code = code
        self.headers = headers
    }
}

extension HTTPError: CustomStringConvertible {
    /// Status and reason in one line.
    public var description: String {
        reason.isEmpty ? status.description : "\(status.description): \(reason)"
    }
}

extension HTTPError {
    /// What people read.
    var text: String { reason.isEmpty ? status.reason : reason }
    /// What programs compare.
    var name: String { code.isEmpty ? status.name : code }
}
