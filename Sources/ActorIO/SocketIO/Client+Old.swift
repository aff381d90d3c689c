/// What clients of Socket.IO 1 and 2 are told, and do not have to say.
extension Client {
    /// Socket.IO protocol 4: the server joins a client to the root namespace by itself.
    func opened(in session: isolated EngineSession) {
        do {
            try connect(OldPackets.connect("/"), in: session)
        } catch {
            reject(error, in: session)
        }
    }

    func parse(
        _ text: [UInt8],
        _ limits: PacketParser.Limits,
        of version: EngineVersion
    ) throws(PacketError) -> SocketPacket {
        guard version.isOld else { return try PacketParser.parse(text, from: 1, limits: limits) }
        return try OldPackets.parse(text, from: 1, limits: limits)
    }

    func acceptance(of socket: Socket, _ format: PacketFormat) throws -> MessageGroup {
        let name = socket.runtime.name
        guard socket.session.version.isOld else {
            let pid = socket.recovery?.pid.text
            return try format.connect(sid: "\(socket.id)", pid: pid, namespace: name)
        }
        return try OldPackets.accepted(name, format)
    }

    func refusal(
        _ error: ConnectError,
        _ name: String,
        _ version: EngineVersion,
        _ format: PacketFormat
    ) throws -> MessageGroup {
        guard version.isOld else {
            return try format.connectError(
                message: error.message,
                data: error.data,
                namespace: name
            )
        }
        return try OldPackets.refused(error.message, data: error.oldData, namespace: name, format)
    }
}
