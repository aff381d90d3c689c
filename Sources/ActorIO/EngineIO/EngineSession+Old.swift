/// Where clients of protocol 3 are treated differently.
extension EngineSession {
    /// An old client has shown that it knows of its session: it joins the root namespace by that.
    ///
    /// Not at the handshake, whose chain may still refuse it behind our back.
    func welcome() {
        guard version.isOld, !isWelcomed, state == .open else { return }
        isWelcomed = true
        receiver?.opened(in: self)
    }

    /// A part of the heartbeat: in protocol 4 the server pings, in protocol 3 the client.
    func heard(_ packet: EnginePacket) {
        switch packet {
        case .pong(probe: true) where !version.isOld: break
        case .pong where !version.isOld:
            heartbeat.pong(at: loop.now)
            // With an interval below the timeout the next ping is due before the old deadline.
            arm()
            report(.heartbeat)
            receiver?.heard(in: self)
        case .clientPing(let payload) where version.isOld:
            heartbeat.pong(at: loop.now)
            report(.heartbeat)
            receiver?.heard(in: self)
            // As a message it counts against the budget of a client that pings and never reads.
            send(MessageGroup(text: [UInt8](ascii: "3") + payload))
        default: close(.transportError("invalid heartbeat direction"))
        }
    }

    /// What waits, as the answer to a poll.
    func takePoll(limit: Int = .max) -> Response {
        defer { pollTaken() }
        guard version.isOld else {
            return Self.pollResponse(polling.outbox.takePayload(limit: limit))
        }
        let payload = polling.outbox.takeOldPayload(limit: limit, isText: version == .v3Base64)
        return Self.pollResponse(payload.body, payload.type)
    }

    private func pollTaken() {
        guard state == .open else { return }
        if polling.outbox.isEmpty { report(.drained) }
        resumePosts()
    }

    /// One packet as the answer to a poll.
    func pollResponse(_ packet: EnginePacket) -> Response {
        guard version.isOld else { return Self.pollResponse(packet.text) }
        var writer = OldPayloadWriter(.text)
        writer.append(packet)
        return Self.pollResponse(writer.body)
    }

    /// The packets in the body of a POST.
    func packets(in body: [UInt8], isBinary: Bool) -> (packets: [EnginePacket], failed: Bool) {
        let limit = options.maxPacketsPerPayload
        guard version.isOld else { return PayloadParser.parse(body, maxPackets: limit) }
        return OldPayloadParser.parse(body, isBinary ? .binary : .text, maxPackets: limit)
    }

    /// The packet in a message of the WebSocket; nil when it is none.
    func packet(in message: [UInt8], isText: Bool) -> EnginePacket? {
        switch (isText, version.isOld) {
        case (true, false): try? .parse(text: message)
        case (false, false): .binary(message)
        case (true, true): try? .parse(oldText: message)
        case (false, true): try? .parse(oldBinary: message[...])
        }
    }
}

extension MessageGroup {
    /// The frames for a client of that protocol.
    func ready(for version: EngineVersion, isVolatile: Bool = false) -> ReadyFrames {
        guard version != .v4, !binary.isEmpty else {
            return ReadyFrames(storage: storage, start: start, isVolatile: isVolatile)
        }
        return ReadyFrames(storage: frames(for: version), start: 0, isVolatile: isVolatile)
    }

    /// The type in front of the bytes, or base64 in text frames.
    private func frames(for version: EngineVersion) -> [UInt8] {
        var frames: [UInt8] = []
        frames.reserveCapacity(byteCount + binary.count)
        if hasText { FrameWriter.append(.text, storage[text], to: &frames) }
        for range in binary {
            if let type = version.base64Type {
                var packet = type
                Base64.append(storage[range], to: &packet)
                FrameWriter.append(.text, packet, to: &frames)
            } else {
                FrameWriter.append(
                    .binary,
                    [EnginePacket.oldBinaryType] + storage[range],
                    to: &frames
                )
            }
        }
        return frames
    }
}
