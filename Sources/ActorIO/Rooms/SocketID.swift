/// The public name of a socket in its namespace; new at every connection.
///
/// Not a secret and no proof of identity: whoever knows it can only send to it, on the server.
public struct SocketID: Hashable, Sendable, CustomStringConvertible {
    private let id: ShortID

    init() {
        id = ShortID()
    }

    /// Reads an id from its twenty characters; nil for anything else.
    public init?(_ text: String) {
        guard let id = ShortID(text) else { return nil }
        self.id = id
    }

    /// The twenty characters clients know.
    public var description: String { id.text }
}
