/// One message of Engine.IO, as custom parsers read and write them.
///
/// A WebSocket carries it as a frame, polling as a packet of a payload; the engine's packet type is
/// not part of it.
public enum EngineMessage: Sendable, Hashable {
    /// A text.
    case text(String)
    /// Bytes, in Base64 when polling.
    case binary([UInt8])

    var byteCount: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .binary(let bytes): bytes.count
        }
    }
}
