/// Answers a request; the door through which the connection reaches whatever is above it.
///
/// A thrown ``HTTPError`` is answered with its status, any other error with 500.
public typealias Handler = @Sendable (Request) async throws -> Response
