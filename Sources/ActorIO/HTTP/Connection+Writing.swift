/// Responses on their way out.
extension Connection {
    private static let fileChunk = 65_536

    func write(_ response: Response, _ body: [UInt8]) {
        let sendsBody = putHead(response, length: body.count)
        if sendsBody, !body.isEmpty {
            output.append(body, loop)
        }
        startWriting()
    }

    func write(_ response: Response, _ slice: FileSlice) {
        if putHead(response, length: slice.range.count) { exchange?.file = slice }
        startWriting()
    }

    /// True when the body follows the head.
    private func putHead(_ response: Response, length: Int) -> Bool {
        guard let exchange else { return false }
        // What is left of a body nobody read would be taken for the next request.
        if exchange.body != nil { self.exchange?.keepAlive = false }
        let keepAlive = self.exchange?.keepAlive ?? false
        output.append(loop) { out in
            ResponseWriter.appendHead(
                response.status,
                response.headers,
                contentLength: length,
                keepAlive: keepAlive,
                date: HTTPDate(loop.unixTime).text,
                minorVersion: exchange.head.minorVersion,
                to: &out
            )
        }
        return exchange.head.method != .head && !response.status.forbidsBody
    }

    private func startWriting() {
        phase = .writing
        disarm()
        pump()
    }

    /// Moves the answer into the queue, and on to the next request as soon as all of it is there:
    /// pipelined answers leave together at the end of the turn.
    private func pump() {
        while exchange?.file != nil, output.count < Self.fileChunk { readFile() }
        scheduleFlush()
        if phase == .writing, exchange?.file == nil, output.count < Self.fileChunk {
            finishExchange()
        }
    }

    private func readFile() {
        guard let slice = exchange?.file else { return }
        let count = min(slice.range.count, Self.fileChunk)
        let chunk = slice.file.read(at: slice.range.lowerBound, count: count)
        // A file that shrank can not keep its promised length: only cutting tells the peer.
        guard chunk.count == count else { return close() }
        if count > 0 { output.append(chunk, loop) }
        let rest = slice.range.dropFirst(count)
        exchange?.file = rest.isEmpty ? nil : FileSlice(file: slice.file, range: rest)
    }

    func flush() {
        guard let stream, !output.isEmpty else { return afterFlush() }
        let before = output.count
        switch output.flush(to: stream, loop) {
        case .done:
            if isWriteBlocked {
                isWriteBlocked = false
                armForPhase()
                listen(reading: !isReadingPaused)
            }
            afterFlush()
        case .blocked:
            if !isWriteBlocked || output.count < before { setTimer(context.deadlines.write) }
            isWriteBlocked = true
            listen(reading: !isReadingPaused)
        case .failed: close()
        }
    }

    private func afterFlush() {
        if phase == .writing { pump() }
        guard phase == .lingering, output.isEmpty else { return }
        hasPeerEnded ? close() : stream?.finishWriting()
    }

    func listen(reading: Bool) {
        isReadingPaused = !reading || hasPeerEnded
        // A peer that does not read its answers may not send more requests meanwhile.
        stream?.listen(reading: !isReadingPaused && !isWriteBlocked, writing: isWriteBlocked)
    }

    /// Says the end, and waits a moment for the peer to say it too: a close with unread bytes would
    /// be a reset, which can destroy the answer on its way (RFC 9112 9.6).
    func linger() {
        phase = .lingering
        arm(context.deadlines.linger)
        listen(reading: true)
        scheduleFlush()
    }
}
