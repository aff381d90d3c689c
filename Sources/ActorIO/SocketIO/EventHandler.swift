/// What an event does: run at once, or begin at once and end later.
struct EventHandler: Sendable {
    typealias Direct = @Sendable (isolated Socket, Arguments) throws -> EncodedArguments?
    typealias Suspending = @Sendable (isolated Socket, Arguments) async throws -> EncodedArguments?

    enum Body: Sendable {
        case direct(Direct)
        case suspending(Suspending)
    }

    let body: Body
    /// Whether what it returns is the answer; otherwise an acknowledgement is empty.
    let answers: Bool
}

/// All handlers of one event, in the order in which they were written.
enum EventHandlers: Sendable {
    case one(EventHandler)
    /// The one at `answering` gives the acknowledgement: the first that answers, else the first.
    case several([EventHandler], answering: Int)

    func adding(_ handler: EventHandler) -> EventHandlers {
        let list =
            switch self {
            case .one(let first): [first, handler]
            case .several(let list, _): list + [handler]
            }
        return .several(list, answering: list.firstIndex(where: \.answers) ?? 0)
    }
}

/// What looks at an event before its handlers: in place, or after a wait.
enum EventStep: Sendable {
    case direct(@Sendable (isolated Socket, IncomingEvent) throws -> Void)
    case suspending(@Sendable (isolated Socket, IncomingEvent) async throws -> Void)
}

extension EncodedArguments {
    /// One value, as the answer to a call.
    static func reply(_ value: some Encodable) throws -> EncodedArguments {
        var encoded = EncodedArguments()
        try encoded.append(value)
        return encoded
    }

    /// Values in their order.
    static func list<each Value: Encodable>(_ values: repeat each Value) throws -> EncodedArguments
    {
        var encoded = EncodedArguments()
        repeat try encoded.append(each values)
        return encoded
    }
}
