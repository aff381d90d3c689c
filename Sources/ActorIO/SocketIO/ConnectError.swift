/// Refuses a socket in a namespace's middleware; clients get it as `connect_error`.
///
/// An ``HTTPError`` refuses as well: its client finds its ``HTTPError/code`` and its status in
/// `error.data`, as `{"code": "unauthorized", "status": 401}`.
///
/// ```swift
/// root.use { socket in
///     guard banned.contains(socket.request.remoteAddress) else { return }
///     throw try ConnectError("banned", data: ["until": "2030-01-01"])
/// }
/// ```
public struct ConnectError: Error, Sendable {
    /// The text clients show.
    public let message: String
    /// What else clients are told.
    let data: [UInt8]?
    /// The same for old clients, which are told nothing beside it.
    let oldData: [UInt8]?

    /// Refuses with a text.
    public init(_ message: String) {
        self.message = message
        data = nil
        oldData = nil
    }

    /// Refuses with a text and a value, which clients find as `error.data`.
    public init(_ message: String, data: some Encodable) throws {
        self.message = message
        self.data = try PayloadEncoder.encode(data)
        oldData = self.data
    }

    /// What a client is told of an error; the insides of other errors are not for it.
    init(telling error: any Error) {
        switch error {
        case let error as ConnectError: self = error
        case let error as HTTPError: self.init(error)
        default: self.init("internal error")
        }
    }

    /// A name that programs know, and the status.
    private struct Facts: Encodable {
        var message: String?
        let code: String
        let status: Int
    }

    private init(_ error: HTTPError) {
        var facts = Facts(code: error.name, status: error.status.code)
        message = error.text
        data = try? PayloadEncoder.encode(facts)
        facts.message = message
        oldData = try? PayloadEncoder.encode(facts)
    }
}
