/// What a WebSocket received: a whole message, or one of the control frames.
enum WebSocketMessage: Sendable, Equatable {
    /// Bytes that are known to be UTF-8.
    case text([UInt8])
    case binary([UInt8])
    /// To be answered by a pong with the same bytes.
    case ping([UInt8])
    case pong([UInt8])
    /// The code is nil when the frame was empty.
    case close(CloseCode?, reason: String)
}
