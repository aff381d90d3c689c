/// The body of a request, pulled by whoever wants it; only its beginning is buffered before.
///
/// ```swift
/// for try await chunk in request.body { hash.update(chunk) }
/// let all = try await request.body.collect(upTo: 10_000)
/// ```
public struct RequestBody: Sendable {
    enum Source: Sendable {
        case empty
        case bytes([UInt8])
        /// Each call gives the next piece, nil after the last.
        case stream(@Sendable () async throws -> [UInt8]?)
    }

    let source: Source
    /// Ends the connection: for who waits for a body that nobody wants any more.
    let cut: (@Sendable () -> Void)?

    init(_ source: Source, cut: (@Sendable () -> Void)? = nil) {
        self.source = source
        self.cut = cut
    }

    /// The whole body; more than `limit` bytes are answered 413.
    ///
    /// Without a limit of your own the server's applies.
    public func collect(upTo limit: Int? = nil) async throws -> [UInt8] {
        let limit = limit ?? .max
        switch source {
        case .empty:
            return []
        case .bytes(let bytes):
            guard bytes.count <= limit else { throw HTTPError(.contentTooLarge) }
            return bytes
        case .stream(let next):
            var all: [UInt8] = []
            while let chunk = try await next() {
                guard chunk.count <= limit - all.count else { throw HTTPError(.contentTooLarge) }
                all += chunk
            }
            return all
        }
    }
}

extension RequestBody: AsyncSequence {
    /// Walks the body piece by piece, as it arrives.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var source: Source

        /// The next piece, nil after the last.
        public mutating func next() async throws -> [UInt8]? {
            switch source {
            case .empty:
                return nil
            case .bytes(let bytes):
                source = .empty
                return bytes.isEmpty ? nil : bytes
            case .stream(let next):
                return try await next()
            }
        }
    }

    /// Starts to read the body.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(source: source)
    }
}
