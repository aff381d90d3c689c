/// An event by its name and the types of its arguments; nobody answers it.
///
/// ```swift
/// enum Chat {
///     static let message = Event<String>("chat message")
///     static let move = Event<Int, Int>("move")
///     static let typing = Signal("typing")
/// }
/// ```
/// Shared by server and tests, so that both sides mean the same.
public struct Event<each Argument: Codable & Sendable>: Sendable {
    /// The name on the wire.
    public let name: String

    /// Names an event.
    public init(_ name: String) {
        self.name = name
    }
}

// swift-format-ignore: a pack without elements has no other spelling that lexes
/// An event without arguments.
public typealias Signal = Event<>
