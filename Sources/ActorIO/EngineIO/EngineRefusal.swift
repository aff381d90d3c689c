/// A request that Engine.IO refused, as `EngineOptions.onRefusal` is told of it.
///
/// | `code` | `message` | `context` |
/// | --- | --- | --- |
/// | 0 | `Transport unknown` | `transport` |
/// | 1 | `Session ID unknown` | `sid` |
/// | 2 | `Bad handshake method` | `method` |
/// | 3 | `Bad request` | `name`, and what belongs to it |
/// | 4 | `Forbidden`, or the refusal's own words | `message` |
/// | 5 | `Unsupported protocol version` | `protocol` |
///
/// The names of code 3 are `INVALID_ORIGIN` (with `origin`), `TRANSPORT_MISMATCH` (with `transport`
/// and, where there is one, `previousTransport`), `TRANSPORT_HANDSHAKE_ERROR`, `MIDDLEWARE_FAILURE`
/// and `ID_GENERATION_ERROR` (both with `error`). A malformed upgrade, and a 400 of the chain's
/// own, have no name, and their own words as the message.
public struct EngineRefusal: Sendable {
    /// The refused request, without its body.
    public let request: Request
    /// The status of the answer.
    public let status: Status
    /// The number in the answer, from 0 to 5.
    public let code: Int
    /// The text in the answer.
    public let message: String
    /// What else is known; parts of it came from the client, and were not sent to it.
    public let context: [String: String]

    init(_ error: EngineError, _ status: Status, _ request: Request) {
        self.request = request
        self.status = status
        code = error.code.rawValue
        message = error.message
        context = Self.context(of: error, request)
    }

    private static func context(of error: EngineError, _ request: Request) -> [String: String] {
        switch error.code {
        case .transportUnknown: return ["transport": request.query["transport"] ?? ""]
        case .sessionUnknown: return ["sid": request.query["sid"] ?? ""]
        case .badHandshakeMethod: return ["method": request.method.name]
        case .forbidden: return ["message": error.message]
        case .unsupportedProtocolVersion: return ["protocol": request.query["EIO"] ?? ""]
        case .badRequest: return badRequest(error, request)
        }
    }

    private static func badRequest(_ error: EngineError, _ request: Request) -> [String: String] {
        var context = error.details
        context["name"] = error.context
        switch error.context {
        case "INVALID_ORIGIN": context["origin"] = request.headers["origin"]
        case "TRANSPORT_MISMATCH": context["transport"] = request.query["transport"]
        default: break
        }
        return context
    }
}
