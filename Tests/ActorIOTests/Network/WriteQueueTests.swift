import XCTest

@testable import ActorIO

final class WriteQueueTests: XCTestCase {
    private let loop = EventLoop(manualAt: LoopTime(nanoseconds: 0))

    func testOneChunkIsWrittenAsItIsWithoutACopy() {
        let stream = FakeStream()
        var queue = WriteQueue()
        let shared = [UInt8](repeating: 7, count: 1_000)
        queue.append(shared, from: 10, loop)
        XCTAssertEqual(queue.count, 990)
        XCTAssertEqual(queue.flush(to: stream, loop), .done)
        XCTAssertEqual(stream.places, [address(of: shared)])
        XCTAssertEqual(stream.taken, Array(shared[10...]))
        XCTAssertTrue(queue.isEmpty)
        XCTAssertEqual(loop.spareBuffers.count, 0)
    }

    func testSeveralChunksLeaveInOneWrite() {
        let stream = FakeStream()
        var queue = WriteQueue()
        queue.append([1, 2], loop)
        queue.append([9, 3, 4], from: 1, loop)
        queue.append(loop) { $0.append(5) }
        XCTAssertEqual(queue.chunks, 3)
        XCTAssertEqual(queue.count, 5)
        XCTAssertEqual(queue.flush(to: stream, loop), .done)
        XCTAssertEqual(stream.taken, [1, 2, 3, 4, 5])
        XCTAssertEqual(stream.places.count, 1)
        XCTAssertEqual(queue.chunks, 0)
        XCTAssertEqual(queue.count, 0)
    }

    func testASharedChunkStaysAsItIsWhenMoreFollows() {
        let stream = FakeStream()
        var queue = WriteQueue()
        let shared: [UInt8] = [1, 2, 3]
        queue.append(shared, loop)
        queue.append(loop) { $0.append(4) }
        queue.append([5], loop)
        XCTAssertEqual(shared, [1, 2, 3])
        XCTAssertEqual(queue.flush(to: stream, loop), .done)
        XCTAssertEqual(stream.taken, [1, 2, 3, 4, 5])
    }

    func testABlockedStreamGoesOnWhereItStopped() {
        let stream = FakeStream()
        var queue = WriteQueue()
        stream.room = 4
        queue.append([1, 2, 3, 4, 5, 6], loop)
        XCTAssertEqual(queue.flush(to: stream, loop), .blocked)
        XCTAssertEqual(queue.count, 2)
        queue.append([7, 8], loop)
        XCTAssertEqual(queue.count, 4)
        XCTAssertEqual(queue.flush(to: stream, loop), .blocked)
        stream.room = 3
        XCTAssertEqual(queue.flush(to: stream, loop), .blocked)
        XCTAssertEqual(queue.count, 1)
        stream.room = .max
        XCTAssertEqual(queue.flush(to: stream, loop), .done)
        XCTAssertEqual(stream.taken, [1, 2, 3, 4, 5, 6, 7, 8])
        XCTAssertEqual(queue.chunks, 0)
    }

    func testAFailedStreamIsReported() {
        let stream = FakeStream()
        stream.isBroken = true
        var queue = WriteQueue()
        queue.append([1], loop)
        XCTAssertEqual(queue.flush(to: stream, loop), .failed)
        queue.clear(loop)
        XCTAssertTrue(queue.isEmpty)
    }

    func testAnEmptyQueueIsDone() {
        var queue = WriteQueue()
        XCTAssertEqual(queue.flush(to: FakeStream(), loop), .done)
        queue.append(loop) { _ in }
        XCTAssertEqual(queue.flush(to: FakeStream(), loop), .done)
        XCTAssertTrue(queue.isEmpty)
    }

    func testBuffersAreLentAgainUnlessABurstHasBlownThemUp() {
        var queue = WriteQueue()
        for size in [100, 200_000] {
            queue.append(loop) { $0.append(contentsOf: [UInt8](repeating: 1, count: size)) }
            XCTAssertEqual(queue.flush(to: FakeStream(), loop), .done)
        }
        XCTAssertEqual(loop.spareBuffers.count, 0)
        queue.append(loop) { $0.append(1) }
        queue.clear(loop)
        XCTAssertEqual(loop.spareBuffers.count, 1)
        XCTAssertEqual(loop.spareBuffers.first?.count, 0)
    }

    /// A reader that is always a little behind must not make us keep all it has read already.
    func testWhatTheStreamHasTakenIsNotKeptWhileMoreKeepsComing() {
        let stream = FakeStream()
        var queue = WriteQueue()
        let chunk = [UInt8](repeating: 1, count: 10_000)
        queue.append(chunk, loop)
        for _ in 0..<500 {
            queue.append(chunk, loop)
            stream.room = chunk.count
            XCTAssertEqual(queue.flush(to: stream, loop), .blocked)
            XCTAssertEqual(queue.count, chunk.count)
        }
        XCTAssertLessThan(stream.largest, 300_000)
        XCTAssertEqual(stream.taken.count, 5_000_000)
    }

    func testChunksThatWereTakenDoNotCount() {
        let stream = FakeStream()
        var queue = WriteQueue()
        for _ in 0..<100 { queue.append([UInt8](repeating: 1, count: 10), loop) }
        stream.room = 0
        XCTAssertEqual(queue.flush(to: stream, loop), .blocked)
        XCTAssertEqual(queue.chunks, 100)
        stream.room = 700
        XCTAssertEqual(queue.flush(to: stream, loop), .blocked)
        XCTAssertEqual(queue.chunks, 30)
        stream.room = 299
        XCTAssertEqual(queue.flush(to: stream, loop), .blocked)
        XCTAssertEqual(queue.chunks, 1)
        stream.room = .max
        XCTAssertEqual(queue.flush(to: stream, loop), .done)
        XCTAssertEqual(queue.chunks, 0)
    }

    private func address(of bytes: [UInt8]) -> UInt {
        unsafe bytes.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
    }
}

/// Takes as much as it has room for.
private final class FakeStream: ByteStream {
    let peer = SocketAddress.unix("fake")
    var room = Int.max
    var isBroken = false
    private(set) var taken: [UInt8] = []
    /// Where the bytes of each write that took some lay in memory.
    private(set) var places: [UInt] = []
    /// The largest buffer that was ever handed over.
    private(set) var largest = 0

    func attach(to owner: any StreamOwner, on loop: EventLoop) -> Bool { true }
    func detach() {}
    func read(into buffer: inout [UInt8]) -> StreamInput { .again }
    func listen(reading: Bool, writing: Bool) {}
    func finishWriting() {}
    func close() {}

    func write(_ bytes: [UInt8], from offset: Int) -> StreamOutput {
        guard !isBroken else { return .failed }
        largest = max(largest, bytes.count)
        let count = min(room, bytes.count - offset)
        guard count > 0 else { return .full }
        unsafe bytes.withUnsafeBufferPointer { buffer in
            places.append(UInt(bitPattern: buffer.baseAddress))
        }
        taken += bytes[offset..<offset + count]
        room -= room == .max ? 0 : count
        return .taken(count)
    }
}
