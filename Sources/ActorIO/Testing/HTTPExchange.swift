internal import ActorIO

/// One request on a connection, and its response.
actor HTTPExchange: LoopActor {
    package nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    private let stream: ClientStream
    private var parser: ResponseParser
    private var waiter: CheckedContinuation<TestResponse, any Error>?
    private var result: Result<TestResponse, any Error>?
    private(set) var rest: [UInt8] = []

    init(_ stream: ClientStream, isHead: Bool = false) {
        loop = stream.loop
        self.stream = stream
        parser = ResponseParser(isHead: isHead)
    }

    func run(_ request: [UInt8]) async throws -> TestResponse {
        await stream.send(request)
        return try await response
    }

    /// The response to what was sent; listens from now on.
    var response: TestResponse {
        get async throws {
            await stream.listen { [self] bytes in
                onLoop { $0.received(bytes) }
            } ended: { [self] in
                onLoop { $0.ended() }
            }
            if let result { return try result.get() }
            return try await withCheckedThrowingContinuation { waiter = $0 }
        }
    }

    private func received(_ bytes: [UInt8]) {
        guard result == nil else {
            rest += bytes
            return
        }
        do {
            guard let (response, rest) = try parser.add(bytes) else { return }
            self.rest = rest
            finish(.success(response))
        } catch {
            finish(.failure(error))
        }
    }

    private func ended() {
        guard result == nil else { return }
        finish(Result { try parser.end() })
    }

    private func finish(_ result: Result<TestResponse, any Error>) {
        self.result = result
        waiter?.resume(with: result)
        waiter = nil
    }
}
