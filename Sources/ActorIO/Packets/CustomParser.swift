/// Another way to put packets on the wire than the text of the protocol.
///
/// ```swift
/// var options = SocketIO.Options()
/// options.parser = MessagePackParser()
/// ```
/// Both ends must use the same one, for nothing on the wire says which it is. What arrives is held
/// to the same rules as the text, whoever has read it: shapes, reserved names, limits.
public protocol CustomParser: Sendable {
    /// The messages of a packet, at least one; only the first may be text.
    ///
    /// Called once for a broadcast, whatever the number of its receivers. An error is thrown to
    /// whoever emits; for a packet of the server's own it ends the connection.
    func write(_ packet: Packet) throws -> [EngineMessage]

    /// A reader for one connection.
    func makeReader(_ limits: PacketLimits) -> any PacketReader
}

/// Reads what one client sends, for a ``CustomParser``.
public protocol PacketReader: Sendable {
    /// Takes the next message: the packet it completes, or nil when others have to follow.
    ///
    /// An error closes the connection. What follows the first message of a packet counts against
    /// the greatest number of attachments and against the greatest payload, and has to come within
    /// 30 seconds.
    mutating func read(_ message: EngineMessage) throws -> Packet?
}
