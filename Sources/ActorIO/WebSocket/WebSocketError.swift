/// A peer broke the rules of WebSocket: the code to close with, and why.
///
/// The reason is our own fixed text; it never repeats what the peer sent.
struct WebSocketError: Error, Equatable {
    var code: CloseCode
    var reason: String

    static func broken(_ rule: String) -> WebSocketError {
        WebSocketError(code: .protocolError, reason: rule)
    }

    static let notUTF8 = WebSocketError(code: .invalidPayload, reason: "text is not UTF-8")
    static let tooBig = WebSocketError(code: .messageTooBig, reason: "message is too big")
    static let tooManyFragments = WebSocketError(
        code: .policyViolation,
        reason: "message has too many fragments"
    )
}
