/// What reading a stream gave.
package enum StreamInput: Equatable {
    case bytes(Int)
    /// Nothing now: the owner is told when there is.
    case again
    /// The peer will write no more.
    case end
    /// The stream is broken.
    case failed
}

/// What writing to a stream did.
package enum StreamOutput: Equatable {
    case taken(Int)
    /// Nothing was taken: the owner is told when there is room.
    case full
    case failed
}

/// A two-way stream of bytes that belongs to one loop and, there, to one owner.
package protocol ByteStream: AnyObject {
    var peer: SocketAddress { get }
    /// Makes `owner` the one who is told of readiness, on `loop`; both may change later.
    func attach(to owner: any StreamOwner, on loop: EventLoop) -> Bool
    /// Leaves the loop, so that the stream can move to another one.
    func detach()
    func read(into buffer: inout [UInt8]) -> StreamInput
    func write(_ bytes: [UInt8], from offset: Int) -> StreamOutput
    /// What the owner wants to hear of; the end of the stream is told in any case.
    func listen(reading: Bool, writing: Bool)
    func finishWriting()
    func close()
}

/// Whoever a stream belongs to; told on the stream's loop.
package protocol StreamOwner: AnyObject, Sendable {
    func streamReady(reading: Bool, writing: Bool, ended: Bool)
}

/// What a stream tells its owner, on the way into the owner's isolation.
struct StreamReadiness: Sendable {
    let reading: Bool
    let writing: Bool
    let ended: Bool
}
