/// Why a WebSocket closes, as the number in a close frame (RFC 6455 7.4).
struct CloseCode: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt16

    init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    static let normal = CloseCode(rawValue: 1000)
    static let goingAway = CloseCode(rawValue: 1001)
    static let protocolError = CloseCode(rawValue: 1002)
    static let unsupportedData = CloseCode(rawValue: 1003)
    static let invalidPayload = CloseCode(rawValue: 1007)
    static let policyViolation = CloseCode(rawValue: 1008)
    static let messageTooBig = CloseCode(rawValue: 1009)
    static let internalError = CloseCode(rawValue: 1011)
    static let serviceRestart = CloseCode(rawValue: 1012)
    static let tryAgainLater = CloseCode(rawValue: 1013)

    /// Whether the code may stand in a frame.
    ///
    /// 1004 has no meaning; 1005, 1006 and 1015 are only ever reported by an API, never sent;
    /// 3000–4999 belong to libraries and applications (RFC 6455 7.4.1 and 7.4.2).
    var mayBeSent: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
