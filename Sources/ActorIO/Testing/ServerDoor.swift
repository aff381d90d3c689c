internal import ActorIO

/// How clients of a test reach its server: through memory, or through a real port.
struct ServerDoor: Sendable {
    let driver: Driver
    let host: String
    let connect: @Sendable (EventLoop) throws -> LoopBound<any ByteStream>
    /// What the server itself knows of why a socket was disconnected.
    let reasons: Reasons

    func open() async throws -> ClientStream {
        let stream = ClientStream(loop: driver.loop)
        try await stream.open(connect)
        return stream
    }
}
