/// The members of a JSON object in their order, found by the bytes of their names.
///
/// Two names that differ only by Unicode normalisation are two members, as in JavaScript.
public struct JSONObject: Sendable {
    /// A name and its value.
    public typealias Element = (key: String, value: JSONValue)

    private var members: [Element] = []

    /// An object without members.
    public init() {}

    /// The members in order; of members with the same name the last value wins, in the first place.
    public init(_ members: some Sequence<Element>) {
        var builder = Builder()
        for (key, value) in members { builder.append(key, value) }
        self = builder.object
    }

    /// The value of that name; assigning nil removes the member.
    public subscript(_ key: String) -> JSONValue? {
        get { place(of: key).map { members[$0].value } }
        set {
            switch (place(of: key), newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append((key, value))
            case (nil, nil): break
            }
        }
    }

    /// The names in order.
    public var keys: [String] { members.map(\.key) }

    private func place(of key: String) -> Int? {
        members.firstIndex { Self.isSame($0.key, key) }
    }

    private static func isSame(_ a: String, _ b: String) -> Bool {
        a.utf8.count == b.utf8.count && a.utf8.elementsEqual(b.utf8)
    }

    /// Adds members one by one without looking at all the earlier ones each time.
    struct Builder {
        private(set) var object = JSONObject()
        private var places: [ByteString: Int] = [:]

        /// Objects up to this size are searched, greater ones have a table.
        private static let small = 16

        mutating func append(_ key: String, _ value: JSONValue) {
            if let place = place(of: key) {
                object.members[place].value = value
                return
            }
            object.members.append((key, value))
            if !places.isEmpty { places[ByteString(key)] = object.members.count - 1 }
        }

        private mutating func place(of key: String) -> Int? {
            guard object.members.count >= Self.small else { return object.place(of: key) }
            if places.isEmpty {
                for (place, member) in object.members.enumerated() {
                    places[ByteString(member.key)] = place
                }
            }
            return places[ByteString(key)]
        }
    }
}

extension JSONObject: RandomAccessCollection {
    /// The first position.
    public var startIndex: Int { 0 }
    /// The position behind the last member.
    public var endIndex: Int { members.count }
    /// The member at a position.
    public subscript(position: Int) -> Element { members[position] }
}

extension JSONObject: Hashable {
    /// Whether both have the same members, in whatever order.
    public static func == (a: JSONObject, b: JSONObject) -> Bool {
        guard a.count == b.count else { return false }
        let isSameOrder = zip(a.members, b.members).allSatisfy { isSame($0.key, $1.key) }
        if isSameOrder {
            return zip(a.members, b.members).allSatisfy { $0.value == $1.value }
        }
        var values: [ByteString: JSONValue] = [:]
        for (key, value) in a.members { values[ByteString(key)] = value }
        return b.members.allSatisfy { values[ByteString($0.key)] == $0.value }
    }

    /// Feeds the members in a way that does not depend on their order.
    public func hash(into hasher: inout Hasher) {
        var sum = 0
        for (key, value) in members {
            var member = Hasher()
            member.combine(ByteString(key))
            member.combine(value)
            sum &+= member.finalize()
        }
        hasher.combine(count)
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// The members in order; of members with the same name the last value wins.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(elements.map { (key: $0.0, value: $0.1) })
    }
}
