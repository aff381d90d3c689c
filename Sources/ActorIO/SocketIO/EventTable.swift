/// The handlers of a namespace by the names of their events, compared by bytes.
struct EventTable: Sendable {
    /// Up to so many names are compared one by one, which costs less than hashing one.
    private static let few = 8

    private let entries: [(name: ByteString, length: Int, handlers: EventHandlers)]
    /// Where each name is; empty when there are few.
    private let places: [ByteString: Int]

    init(_ handlers: [ByteString: EventHandlers]) {
        entries = handlers.map { ($0.key, $0.key.text.utf8.count, $0.value) }
        var places: [ByteString: Int] = [:]
        if entries.count > Self.few {
            for (place, entry) in entries.enumerated() { places[entry.name] = place }
        }
        self.places = places
    }

    subscript(_ text: String) -> EventHandlers? {
        let name = ByteString(text)
        guard places.isEmpty else { return places[name].map { entries[$0].handlers } }
        let length = name.text.utf8.count
        for index in entries.indices
        where entries[index].length == length && entries[index].name == name {
            return entries[index].handlers
        }
        return nil
    }
}
