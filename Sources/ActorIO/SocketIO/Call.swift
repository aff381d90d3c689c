/// An event that is always answered: its name, the type of the answer, and those of its arguments.
///
/// ```swift
/// enum Shop {
///     static let place = Call<Receipt, Order>("place order")
/// }
/// root.on(Shop.place) { socket, order in await orders.place(order) }   // the value is the answer
/// let receipt = try await socket.call(Shop.place, order, timeout: .seconds(2))
/// ```
public struct Call<Reply: Codable & Sendable, each Argument: Codable & Sendable>: Sendable {
    /// The name on the wire.
    public let name: String

    /// Names a call.
    public init(_ name: String) {
        self.name = name
    }
}

/// Why a call got no answer that could be used.
public struct CallError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The ways to get none.
    public enum Code: Sendable {
        /// The other side did not answer in time.
        case timeout
        /// The connection ended first.
        case disconnected
        /// The other side answered that it failed.
        case failed
    }

    /// Which way.
    public let code: Code
    /// What the other side said, when it failed.
    public let message: String

    /// Makes an error; thrown by a handler, its message is what the caller reads.
    public init(_ code: Code = .failed, _ message: String = "") {
        self.code = code
        self.message = message
    }

    /// The code and the message.
    public var description: String { message.isEmpty ? "call: \(code)" : "call: \(message)" }
}

/// The answer to a call whose handler threw: `{"error":{"message":"…"}}` instead of a value.
struct CallFailure: Codable, Sendable {
    struct Detail: Codable, Sendable {
        var message: String
        /// A name that programs know; nil for an error that has none of its own.
        var code: String?
    }
    var error: Detail

    /// Only what was meant for clients is told; anything else may hold secrets.
    init(_ error: any Error) {
        switch error {
        case let error as CallError: self.error = Detail(message: error.message)
        case let error as HTTPError:
            let code = error.code.isEmpty ? nil : error.code
            self.error = Detail(message: error.text, code: code)
        case let error as ConnectError: self.error = Detail(message: error.message)
        case is DecodingError: self.error = Detail(message: "invalid payload")
        default: self.error = Detail(message: "internal error")
        }
    }

    /// The error that an answer of this form stands for; nil for any other answer.
    static func error(in answer: Arguments) -> CallError? {
        guard answer.count == 1, let failure = try? answer.decode(0, as: CallFailure.self) else {
            return nil
        }
        return CallError(.failed, failure.error.message)
    }
}
