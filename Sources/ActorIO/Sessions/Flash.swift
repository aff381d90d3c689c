/// A message from one page to the next, told once.
public struct Flash: Sendable, Equatable {
    /// What sort of message it is, such as `info`; a failed login leaves `failure`.
    public let kind: String
    /// The words; escape them when you write HTML.
    public let text: String

    static let failure = "failure"
}

extension Request {
    /// Leaves a message for the next page this browser asks for and reads it on.
    ///
    /// ```swift
    /// app.post("/settings") { request in
    ///     try request.flash("info", "Saved.")
    ///     return .redirect(to: "/settings")
    /// }
    /// ```
    /// It travels in a signed cookie of a minute and costs the store nothing, whoever it is for. At
    /// most ten messages are kept, of 500 bytes each and some 2 KB together; the oldest make room.
    public func flash(_ kind: String, _ text: String) throws {
        try sessionSlot.leave(Flash(kind: kind.prefix(bytes: 32), text: text.prefix(bytes: 500)))
    }

    /// The messages left for this page, in their order; they are gone with the response.
    public var flashes: [Flash] {
        self[SessionSlot.self]?.readFlashes(nil) ?? []
    }

    /// The messages of one kind; those of others stay for a later page.
    public func flashes(_ kind: String) -> [String] {
        self[SessionSlot.self]?.readFlashes(kind).map(\.text) ?? []
    }

    /// Why the login that led to this page failed, or nil; told once.
    ///
    /// The text may contain what a strategy put into it: escape it when you write HTML.
    public var failureMessage: String? { flashes(Flash.failure).last }
}

/// The text of the cookie: `[["info","Saved."]]`, never more than a cookie may be long.
enum FlashText {
    static let maxMessages = 10
    /// Of the cookie's value; browsers keep 4,096 bytes with name and attributes.
    static let maxEncoded = 3_000

    static func read(_ text: String) -> [Flash] {
        let pairs = try? PayloadDecoder.decode([[String]].self, from: Array(text.utf8))
        return (pairs ?? []).compactMap { pair in
            pair.count == 2 ? Flash(kind: pair[0], text: pair[1]) : nil
        }
    }

    static func write(_ flashes: [Flash]) -> String {
        var rest = flashes.suffix(maxMessages)
        while let text = text(Array(rest)) {
            if PercentCoding.encodeURIComponent(text).utf8.count <= maxEncoded { return text }
            rest = rest.dropFirst()
        }
        return "[]"
    }

    private static func text(_ flashes: [Flash]) -> String? {
        let pairs = flashes.map { [$0.kind, $0.text] }
        guard let json = try? PayloadEncoder.encode(pairs) else { return nil }
        return String(decoding: json, as: UTF8.self)
    }
}
