/// Names one session of Engine.IO; whoever has it can read and write that session.
///
/// It is a secret and never the `SocketID` that others may see (two types, so that neither can
/// be passed for the other). Kept without heap memory, compared by its bytes.
struct EngineID: Hashable, Sendable, CustomStringConvertible {
    private let id: ShortID

    /// A new identifier nobody can guess.
    init() {
        id = ShortID()
    }

    /// Reads what a client sent; nil for anything this server can not have given out.
    init?(_ text: some Collection<UInt8>) {
        guard let id = ShortID(text) else { return nil }
        self.id = id
    }

    /// Reads what a client sent; nil for anything this server can not have given out.
    init?(_ text: String) {
        self.init(text.utf8)
    }

    /// Its twenty characters.
    var description: String { id.text }
}
