/// Names one session of Engine.IO; whoever has it can read and write that session.
///
/// It is a secret and never the `SocketID` that others may see (two types, so that neither can
/// be passed for the other). Our own are kept without heap memory; an app may make others, see
/// `EngineOptions.makeID`. Compared by its bytes.
struct EngineID: Hashable, Sendable, CustomStringConvertible {
    private enum Kind: Hashable, Sendable {
        case own(ShortID)
        case custom(ByteString)
    }
    private let kind: Kind

    /// How many bytes an app's own id may have.
    static let longest = 256

    /// A new identifier nobody can guess.
    init() {
        kind = .own(ShortID())
    }

    /// Reads what a client sent; nil for anything `init()` can not have made.
    init?(_ text: some Collection<UInt8>) {
        guard let id = ShortID(text) else { return nil }
        kind = .own(id)
    }

    /// Reads what a client sent; nil for anything `init()` can not have made.
    init?(_ text: String) {
        self.init(text.utf8)
    }

    /// Takes an app's own text; nil when it is empty, too long, or has control characters in it.
    init?(custom text: String) {
        // Each id has one spelling of itself, whoever made it.
        if let id = ShortID(text) {
            kind = .own(id)
            return
        }
        guard !text.isEmpty, text.utf8.count <= Self.longest else { return nil }
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            return nil
        }
        kind = .custom(ByteString(text))
    }

    /// The characters clients name it by.
    var description: String {
        switch kind {
        case .own(let id): id.text
        case .custom(let text): text.text
        }
    }

    /// Appends it as a string of JSON, with its quotes.
    func append(toJSON json: inout [UInt8]) {
        switch kind {
        case .own(let id):
            json.append(UInt8(ascii: "\""))
            id.append(to: &json)
            json.append(UInt8(ascii: "\""))
        case .custom(let text): JSONWriter.append(text.text, to: &json)
        }
    }
}
