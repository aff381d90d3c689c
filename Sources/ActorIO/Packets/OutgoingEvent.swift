/// An event on its way to a client, as catch-all handlers see it.
public struct OutgoingEvent: Sendable {
    /// The name.
    public let name: String
    /// The arguments, as the client will get them.
    public let arguments: Arguments
}

/// An event encoded once for everybody, and itself where somebody wants to see it.
struct EncodedEvent: Sendable {
    let group: MessageGroup
    var shown: Shown?

    /// In a box, because every receiver is handed one and hardly anybody looks.
    final class Shown: Sendable {
        let event: OutgoingEvent

        init(_ event: OutgoingEvent) {
            self.event = event
        }
    }
}
