/// What an event does: run at once, or begin at once and end later.
enum EventHandler: Sendable {
    typealias Direct = @Sendable (isolated Socket, Arguments) throws -> EncodedArguments?
    typealias Suspending = @Sendable (isolated Socket, Arguments) async throws -> EncodedArguments?

    case direct(Direct)
    case suspending(Suspending)
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
