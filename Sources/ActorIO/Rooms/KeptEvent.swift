/// An event that is kept for sockets that are away: encoded when its number is known.
struct KeptEvent: Sendable {
    let name: String
    private let arguments: EncodedArguments

    init(_ name: String, _ arguments: EncodedArguments, for territory: Territory) throws {
        try territory.check(name, arguments)
        // Where only writing it shows whether it can be written, its sender learns of it here.
        if territory.format.parser != nil { _ = try territory.encode(name, arguments) }
        self.name = name
        self.arguments = arguments
    }

    /// The number goes last, behind the arguments of the event.
    func encoded(with offset: String, for territory: Territory) throws -> EncodedEvent {
        try territory.encode(name, arguments, offset: offset)
    }
}
