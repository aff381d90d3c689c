/// What a connection has said and the kernel has not taken yet.
///
/// At rest it holds nothing. One chunk is kept as it is, so that a broadcast's bytes are shared by
/// all its receivers; from the second on, the turn's chunks are put together in a buffer lent by
/// the loop and leave in one write.
struct WriteQueue {
    enum Progress {
        case done
        case blocked
        case failed
    }

    private var bytes: [UInt8] = []
    private var offset = 0
    private var isBorrowed = false
    /// How many chunks wait, of which the kernel may have taken a part: by their mean size.
    private(set) var chunks = 0

    /// Bytes not yet taken.
    var count: Int { bytes.count - offset }
    var isEmpty: Bool { bytes.isEmpty }

    mutating func append(_ chunk: [UInt8], from start: Int = 0, _ loop: EventLoop) {
        chunks += 1
        if bytes.isEmpty {
            bytes = chunk
            offset = start
        } else {
            borrow(loop)
            forgetTaken()
            bytes.append(contentsOf: chunk[start...])
        }
    }

    /// Lets `write` add to the bytes in place.
    mutating func append(_ loop: EventLoop, _ write: (inout [UInt8]) -> Void) {
        chunks += 1
        borrow(loop)
        write(&bytes)
    }

    private mutating func borrow(_ loop: EventLoop) {
        guard !isBorrowed else { return }
        var buffer = loop.lendBuffer()
        if !bytes.isEmpty { buffer.append(contentsOf: bytes[offset...]) }
        bytes = buffer
        offset = 0
        isBorrowed = true
    }

    /// A reader that is always a little behind must not make us keep what it has already read.
    private mutating func forgetTaken() {
        guard offset > 65_536, offset > count else { return }
        bytes.removeFirst(offset)
        offset = 0
    }

    /// What is queued, for somebody else to write; the queue is empty afterwards.
    mutating func takeAll(_ loop: EventLoop) -> [UInt8] {
        let rest = Array(bytes[offset...])
        clear(loop)
        return rest
    }

    /// Writes until all is taken or the stream is full.
    mutating func flush(to stream: any ByteStream, _ loop: EventLoop) -> Progress {
        let before = count
        while offset < bytes.count {
            switch stream.write(bytes, from: offset) {
            case .taken(let count): offset += count
            case .full:
                if count < before { chunks = max(1, chunks * count / before) }
                return .blocked
            case .failed: return .failed
            }
        }
        clear(loop)
        return .done
    }

    mutating func clear(_ loop: EventLoop) {
        if isBorrowed { loop.takeBack(&bytes) }
        bytes = []
        offset = 0
        isBorrowed = false
        chunks = 0
    }
}

extension EventLoop {
    func lendBuffer() -> [UInt8] {
        spareBuffers.popLast() ?? []
    }

    /// Keeps a few buffers of ordinary size; what a burst has blown up is let go.
    func takeBack(_ buffer: inout [UInt8]) {
        guard spareBuffers.count < 64, buffer.capacity <= 65_536 else { return }
        buffer.removeAll(keepingCapacity: true)
        spareBuffers.append(buffer)
    }
}
