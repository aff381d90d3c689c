/// Refuses a socket in a namespace's middleware; clients get it as `connect_error`.
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

    /// Refuses with a text.
    public init(_ message: String) {
        self.message = message
        data = nil
    }

    /// Refuses with a text and a value, which clients find as `error.data`.
    public init(_ message: String, data: some Encodable) throws {
        self.message = message
        self.data = try PayloadEncoder.encode(data)
    }

    /// What a client is told of an error; the insides of other errors are not for it.
    init(telling error: any Error) {
        switch error {
        case let error as ConnectError: self = error
        case let error as HTTPError:
            self.init(error.reason.isEmpty ? error.status.reason : error.reason)
        default: self.init("internal error")
        }
    }
}
