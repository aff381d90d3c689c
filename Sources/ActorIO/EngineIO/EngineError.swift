/// A refusal of Engine.IO: one of six codes clients know, and a text.
///
/// The codes are closed, clients switch over them. `context` says more, to logs only.
struct EngineError: Error, Sendable, Equatable {
    /// The numbers on the wire.
    enum Code: Int, Sendable {
        case transportUnknown = 0
        case sessionUnknown = 1
        case badHandshakeMethod = 2
        case badRequest = 3
        case forbidden = 4
        case unsupportedProtocolVersion = 5
    }

    var code: Code
    var message: String
    var context = ""
    var details: [String: String] = [:]
    /// How programs know a refusal of the app's that has a name of its own.
    var name = ""

    static let transportUnknown = EngineError(
        code: .transportUnknown,
        message: "Transport unknown"
    )
    static let sessionUnknown = EngineError(
        code: .sessionUnknown,
        message: "Session ID unknown"
    )
    static let badHandshakeMethod = EngineError(
        code: .badHandshakeMethod,
        message: "Bad handshake method"
    )
    static let unsupportedProtocolVersion = EngineError(
        code: .unsupportedProtocolVersion,
        message: "Unsupported protocol version"
    )

    /// A request that does not fit; `context` is one of the reference's names, such as
    /// `TRANSPORT_MISMATCH`.
    static func badRequest(
        _ context: String,
        _ details: [String: String] = [:]
    ) -> EngineError {
        EngineError(
            code: .badRequest,
            message: "Bad request",
            context: context,
            details: details
        )
    }

    /// A request by another transport than its session has, or may change to now.
    static func mismatch(_ current: EngineTransport) -> EngineError {
        badRequest("TRANSPORT_MISMATCH", ["previousTransport": current.rawValue])
    }

    /// The app refused the client, with words of its own or without.
    static func forbidden(_ message: String = "Forbidden") -> EngineError {
        EngineError(code: .forbidden, message: message)
    }

    /// The status of the answer: only a refusal by the app is 403.
    var status: Status { code == .forbidden ? .forbidden : .badRequest }

    /// The body of the answer: `{"code":1,"message":"Session ID unknown"}`.
    ///
    /// Behind it stands the name of a refusal that has one: `"data":{"code":"session_ended"}`.
    var json: [UInt8] {
        var out = Array("{\"code\":\(code.rawValue),\"message\":\"".utf8)
        for byte in message.utf8 { Self.append(byte, to: &out) }
        out.append(UInt8(ascii: "\""))
        if !name.isEmpty {
            out.append(contentsOf: ",\"data\":{\"code\":\"".utf8)
            for byte in name.utf8 { Self.append(byte, to: &out) }
            out.append(contentsOf: "\"}".utf8)
        }
        out.append(UInt8(ascii: "}"))
        return out
    }

    /// RFC 8259 7: quotes, backslashes and control bytes must be escaped.
    private static func append(_ byte: UInt8, to out: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            out.append(UInt8(ascii: "\\"))
            out.append(byte)
        case ..<0x20:
            let digits = Array("0123456789abcdef".utf8)
            out.append(contentsOf: "\\u00".utf8)
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 0xF)])
        default:
            out.append(byte)
        }
    }
}
